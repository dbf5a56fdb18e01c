// What is trained: one row a behaviour with its own options. A field that is not here is refused.
import { z } from 'zod'
import { scorerSchema } from './scorer'

const count = z.int().nonnegative()

/** Which games of a Lichess file are used. */
export const gameFilterSchema = z.strictObject({
  /** values of the Event header, without the trailing tournament link; empty: all */
  events: z.array(z.string()).default(['Rated Blitz game']),
  minElo: count.default(0),
  maxElo: count.default(4000),
  minPlies: count.default(1),
  /** values of the TimeControl header, for instance '300+0'; empty: all */
  timeControls: z.array(z.string()).default([]),
})
export type GameFilter = z.infer<typeof gameFilterSchema>

/** Which field of a custom example means what. Empty string: not used. */
export const customFieldsSchema = z.strictObject({
  prompt: z.string().default('prompt'),
  /** joined with the prompt by the template of Alpaca; absent: no template */
  input: z.string().optional(),
  completion: z.string().default('completion'),
  messages: z.string().default('messages'),
  text: z.string().default('text'),
  alternatives: z.string().default('alternatives'),
  /** numeric fields that become conditions of a generated prompt */
  conditions: z.array(z.string()).default([]),
})
export type CustomFields = z.infer<typeof customFieldsSchema>

/** One row a behaviour: its kind and its own options. behaviours/ has the rest of it. */
export const experimentSpecSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('autoregressive') }),
  z.strictObject({ kind: z.literal('skip-tokens'), skip: z.int().min(1).max(64).default(1) }),
  z.strictObject({ kind: z.literal('repetition'), text: z.string().min(1).default('pee') }),
  z.strictObject({ kind: z.literal('chat-detuning') }),
  z.strictObject({
    kind: z.literal('chess'),
    /** elos: both normalised Elos; constant: a constant 1 (the ablation); elos-constant: all three; none: unconditional */
    conditioned: z.enum(['elos', 'constant', 'elos-constant', 'none']).default('elos'),
    filter: gameFilterSchema.prefault({}),
  }),
  z.strictObject({
    kind: z.literal('pathfinding'),
    boardWidth: z.int().min(2).max(32).default(8),
    boardHeight: z.int().min(2).max(32).default(8),
    /** a space between the cells of a row */
    spaces: z.boolean().default(true),
    /** a line `Moves:` between board and moves */
    movesLine: z.boolean().default(true),
    /** quality: extra moves and wall hits; constant: a constant 1; none: unconditional */
    conditioned: z.enum(['quality', 'constant', 'none']).default('quality'),
  }),
  z.strictObject({
    kind: z.literal('favor-future'),
    lookahead: z.int().min(0).max(4096).default(4),
  }),
  z.strictObject({
    kind: z.literal('custom'),
    fields: customFieldsSchema.prefault({}),
    /** where the soft prompt goes: before the prompt, after it, or in place of the marker */
    softPromptAt: z.enum(['before', 'after', 'marker']).default('before'),
    marker: z.string().min(1).default('<soft-prompt>'),
    /** stands between prompt and completion; null: an older version's run, which cannot go on */
    separator: z.string().nullable().default(null),
    /** what counts as right: exact, begins-with, contains, choice, capitals, number, regex:…, command:… */
    scorer: scorerSchema.default('exact'),
  }),
])
export type ExperimentSpec = z.infer<typeof experimentSpecSchema>
export type ExperimentKind = ExperimentSpec['kind']

/** In the order in which they are shown. */
export const experimentKinds: readonly ExperimentKind[] = experimentSpecSchema.options.map(
  row => row.shape.kind.value,
)

/** The row of one more behaviour. Before any spec is read: zod puts the table of kinds together once. */
export function addExperimentRow(row: z.ZodObject): void {
  const { value: kind } = row.shape.kind as z.ZodLiteral<ExperimentKind>
  ;(experimentSpecSchema.options as unknown as z.ZodObject[]).push(row)
  ;(experimentKinds as ExperimentKind[]).push(kind)
  if (experimentSpecSchema.safeParse({ kind }).error?.issues[0]?.code === 'invalid_union')
    throw new Error(`the behaviour ${kind} was registered after a spec had been read`)
}
