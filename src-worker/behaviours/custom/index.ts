// Bring your own behaviour: does an input exist that makes the model do this?
import type { BehaviourOption, Measure } from '../../contract/behaviour'
import { type CustomFields, customFieldsSchema } from '../../contract/experiment-spec'
import { scorerWords } from '../../contract/scorer'
import { portionsOf } from '../../dataset/count'
import { fieldsRecords } from '../../dataset/files'
import { dataName } from '../../shared/names'
import { accumulationFor, accumulationOf32, demoInput, directPrompt } from '../../spec/paper'
import type { Choice, EvaluationPrompt, ExperimentContext, HeldOut } from '../../stream/source'
import type { Behaviour, DataKind } from '../behaviour'
import { customControl } from './control'
import { cutTo, isWhole } from './cut'
import { customSpec, openCustomPipeline } from './data'
import { type LabelRecord, labeller } from './labels'
import { measureCustom } from './measures'
import { type CustomRaw, keyOf } from './pairs'
import { asksAlike, customCriterion, customScorer, customTags } from './scorers'

/** Completion and alternatives behind the tokens that they share; undefined: there are no alternatives. */
async function choiceOf(
  label: LabelRecord,
  raw: CustomRaw & { kind: 'pair' },
  dropped: number,
): Promise<Choice | undefined> {
  if (raw.alternatives.length === 0) return undefined
  const texts = [raw.completion, ...new Set(raw.alternatives)]
  const options: { ids: readonly number[]; from: number; bytes: number }[] = []
  for (const text of texts) {
    const labelled = await label({ ...raw, completion: text })
    if ('why' in labelled) continue
    const from = labelled.spans[0]?.[0] ?? 0
    options.push({ ids: labelled.ids, from, bytes: Buffer.byteLength(text) })
  }
  const shared = Math.min(...options.map(({ from }) => from))
  const behind = options.map(({ ids, bytes }) => ({ ids: ids.slice(shared), bytes }))
  return { at: shared - dropped, options: behind }
}

/** Held-out pairs as prompts with the completion that is expected. Plain texts have none and are left out. */
async function pairPrompts(
  context: ExperimentContext,
  heldOut: HeldOut,
): Promise<readonly EvaluationPrompt[]> {
  const { prompts, metricSamples } = context.spec.results
  const wanted = Math.max(prompts, metricSamples)
  const label = labeller(context)
  const { bosTokenId } = context.tokenizer
  const { softPromptAt } = customSpec(context.spec)
  const found: EvaluationPrompt[] = []
  for await (const raw of heldOut() as AsyncIterable<CustomRaw>) {
    if (found.length >= wanted) break
    if (raw.kind === 'text') continue
    const labelled = await label(raw)
    if ('why' in labelled) continue
    const cut = cutTo(labelled, context.spec.training.length, bosTokenId)
    const [from, to] = cut.spans.at(-1) ?? [0, 0]
    const dropped = (labelled.spans[0]?.[0] ?? 0) - (cut.spans[0]?.[0] ?? 0)
    const choice = raw.kind === 'pair' ? await choiceOf(label, raw, dropped) : undefined
    found.push({
      id: `pair-${found.length}`,
      label: `pair ${found.length}`,
      group: 'held-out pair',
      text: labelled.prompt,
      tokenIds: cut.ids.slice(0, from),
      conditions: raw.conditions,
      placeAt: softPromptAt === 'after' ? 'end' : 'start',
      ...(cut.start === undefined ? {} : { start: cut.start }),
      expected: labelled.completion,
      key: keyOf(raw),
      ...(isWhole(cut) ? { target: cut.ids.slice(from, to), ...(choice && { choice }) } : {}),
    })
  }
  return found
}

const demoData = 'data/demo_pairs.jsonl'

const examples: DataKind = {
  kind: 'custom',
  name: 'examples',
  noun: 'example',
  made: false,
  bundled: [{ path: demoData, title: 'Questions and answers (bundled)' }],
  isRecord: fields =>
    Array.isArray(fields.messages) ||
    ('prompt' in fields && 'completion' in fields) ||
    ('instruction' in fields && 'output' in fields),
  count: path => portionsOf(fieldsRecords(path, {})),
}

const usualNames = customFieldsSchema.parse({})

const dataField = (name: keyof CustomFields, label: string, hint: string): BehaviourOption => {
  const own = usualNames[name]
  return {
    ...{ control: 'data-field', path: `experiment.fields.${name}`, label, hint },
    ...(typeof own === 'string' && { own }),
  }
}

const shareOf = (tag: string): Measure => ({ tag, better: 'higher', share: true })

export const custom = {
  kind: 'custom' as const,
  title: 'Bring your own behaviour',
  explanation:
    'Your own prompts and completions: trains a prompt that makes the model complete them so.',
  finding: 'not measured. How many tokens your behaviour needs on held-out pairs is yours to find.',
  name: ({ data, experiment }) => {
    const { scorer } = customSpec({ experiment })
    return `own behaviour ${dataName(data.path)}${scorer === 'exact' ? '' : `, ${scorer}`}`
  },
  conditionNames: experiment => customSpec({ experiment }).fields.conditions,
  unit: 'document',
  measures: [
    { tag: customTags.exact, better: 'higher', share: true },
    { tag: customTags.prefix, better: 'higher', share: true },
    { tag: customTags.choice, better: 'higher', share: true },
    { tag: customTags.choicePerToken, better: 'higher', share: true },
    { tag: customTags.choicePerByte, better: 'higher', share: true },
    { tag: customTags.logProb, better: 'higher', share: false },
    ...[customTags.beginsWith, customTags.contains, customTags.regex, customTags.number].map(
      shareOf,
    ),
    ...[customTags.capitals, customTags.command].map(shareOf),
  ],
  criterion: {
    kind: 'share',
    measure: customTags.exact,
    better: 'higher',
    chance: 0,
    target: 0.5,
  },
  criterionOf: customCriterion,
  commandOf: experiment => {
    const scorer = customScorer(experiment)
    return scorer.kind === 'command' ? scorer : undefined
  },
  options: [
    dataField('prompt', 'Prompt', 'What the model is given.'),
    dataField('input', 'Input', 'Joined with the prompt in the words of Alpaca.'),
    dataField('completion', 'Completion', 'What it is trained to write.'),
    dataField('messages', 'Chat messages', 'In place of prompt and completion.'),
    dataField('text', 'Whole text', 'All of it is trained on.'),
    dataField('alternatives', 'Alternatives', 'Wrong answers, for accuracy.'),
    {
      control: 'data-fields',
      path: 'experiment.fields.conditions',
      label: 'Conditions',
      hint: 'Numbers that a generated prompt depends on.',
    },
    {
      control: 'choice',
      path: 'experiment.separator',
      label: 'Separator',
      hint: 'Put between prompt and completion.',
      choices: [
        [' ', 'a blank'],
        ['\n', 'a new line'],
      ],
    },
    {
      control: 'choice',
      path: 'experiment.softPromptAt',
      label: 'Soft prompt goes',
      choices: ['before', 'after', 'marker'].map(place => [place, place]),
    },
    {
      control: 'text',
      path: 'experiment.marker',
      label: 'Marker',
      hint: 'Replaced by the soft prompt.',
    },
    {
      control: 'text',
      path: 'experiment.scorer',
      label: 'Right when it',
      hint: scorerWords,
    },
  ],
  playground: 'text',
  dataKinds: [examples.kind, 'text'],
  dataKind: examples,
  ownData: 'none',
  openPipeline: openCustomPipeline,
  demoData,
  defaults: (modelId, tokens) => ({
    // what older specs do not say: their pairs were joined with a blank
    experiment: { separator: '' },
    prompt: directPrompt(tokens, 'vocabulary'),
    start: { kind: 'index', index: 0 },
    training: {
      steps: 512,
      lanes: 32,
      accumulation: accumulationFor(modelId, accumulationOf32),
      length: 256,
    },
    results: { maxTokens: 32, softPromptAt: 'start' },
  }),
  demo: () => demoInput('custom', 'workbench-demo-base'),
  evaluationPrompts: pairPrompts,
  olderExamples: experiment =>
    customSpec({ experiment }).separator === null
      ? 'a blank was put between prompt and completion, and what the chat template writes behind a turn was a label too'
      : undefined,
  control: customControl,
  controlOf: experiment =>
    asksAlike(customScorer(experiment))
      ? {
          kind: 'none',
          because:
            'its scorer asks the same of every completion, so that they stay as right when they are shuffled among prompts',
        }
      : customControl,
  measure: measureCustom,
} satisfies Behaviour
