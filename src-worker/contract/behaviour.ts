// What a behaviour says of itself, as plain data: cards, form, data panel and playgrounds of the window are made of it.
import { z } from 'zod'
import { Fault } from './fault'
import { runSpecInputSchema } from './run-spec'

/** A measure of the prompted model on held-out data, beside its loss. */
export const measureSchema = z.object({
  /** its name in metrics.jsonl, TensorBoard and the analysis */
  tag: z.string(),
  better: z.enum(['higher', 'lower']),
  /** between 0 and 1 */
  share: z.boolean(),
  /** said beside the criterion */
  beside: z.boolean().optional(),
})
export type Measure = z.infer<typeof measureSchema>

/** What the trivial answer scores: a number, or the name of a measure that is taken on the same held-out units. */
const chanceSchema = z.union([z.number(), z.string()])

/** When a behaviour counts as elicited. `target` is the default: a person can change it. */
export const criterionSchema = z.discriminatedUnion('kind', [
  /** a share of held-out units */
  z.object({
    kind: z.literal('share'),
    measure: z.string(),
    better: z.literal('higher'),
    chance: chanceSchema,
    target: z.number(),
  }),
  /** the measure as a share of what a reference (a model or a run that a person names) reaches */
  z.object({
    kind: z.literal('share-of-reference'),
    measure: z.string(),
    better: z.literal('higher'),
    chance: chanceSchema,
    target: z.number(),
  }),
  /** the share of the gap to the base model's loss on the same data that is closed; 0: none of it */
  z.object({
    kind: z.literal('gap-closed'),
    measure: z.string(),
    better: z.literal('lower'),
    chance: z.literal(0),
    target: z.number(),
  }),
  /** no yes or no: bits a token gained over the better baseline */
  z.object({ kind: z.literal('gain'), measure: z.string(), better: z.literal('lower') }),
])
export type Criterion = z.infer<typeof criterionSchema>

/** Faults: usage, a target that nothing can reach or miss: shares lie between 0 and 1, losses are not negative. */
export function checkTarget(target: number | null, kind: Criterion['kind']): void {
  if (target === null) return
  const [most, what, range] =
    kind === 'gain'
      ? ([Number.MAX_VALUE, 'loss in nats', '0 or more'] as const)
      : ([1, 'share', 'between 0 and 1'] as const)
  if (target >= 0 && target <= most) return
  throw new Fault('usage', `the target ${target} is no ${what}`, `Give a target ${range}.`)
}

const field = {
  /** of the spec, dotted: "experiment.skip" */
  path: z.string(),
  label: z.string(),
  hint: z.string().optional(),
}
/** An option of a behaviour as a field of the form. */
export const optionSchema = z.discriminatedUnion('control', [
  z.object({
    control: z.literal('number'),
    ...field,
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.object({ control: z.literal('text'), ...field }),
  z.object({
    control: z.literal('choice'),
    ...field,
    /** value and label */
    choices: z.array(z.tuple([z.string(), z.string()])),
  }),
  z.object({ control: z.literal('switch'), ...field }),
  /** the name of a field of the chosen data; `own`: the name that is read where none is chosen, if any is */
  z.object({ control: z.literal('data-field'), ...field, own: z.string().optional() }),
  /** any number of them */
  z.object({ control: z.literal('data-fields'), ...field }),
])
export type BehaviourOption = z.infer<typeof optionSchema>

export const behaviourCardSchema = z.object({
  kind: z.string(),
  title: z.string(),
  /** one line each */
  explanation: z.string(),
  finding: z.string(),
  measures: z.array(measureSchema),
  criterion: criterionSchema,
  options: z.array(optionSchema),
  /** kinds of data sets that it can be trained on, as the library calls them; the first is its own */
  dataKinds: z.array(z.string()),
  /** data that it has by itself: bundled ones, ones that are made as needed, or none */
  ownData: z.enum(['bundled', 'made', 'none']),
  /** the playground in which its prompts are tried, and its icon: text, chess, paths */
  playground: z.string(),
  /** a complete input for the bundled demo model */
  demo: runSpecInputSchema,
})
export type BehaviourCard = z.infer<typeof behaviourCardSchema>
