// The behaviours on plain text, as one table: they differ in labels, in where the prompt stands, and in what is asked.
import type { BehaviourOption, Criterion, Measure } from '../contract/behaviour'
import type { ExperimentKind, ExperimentSpec } from '../contract/experiment-spec'
import { tags } from '../contract/metrics'
import type { RunSpecInput } from '../contract/run-spec'
import { portionsOf } from '../dataset/count'
import { documents } from '../dataset/documents'
import {
  accumulationFor,
  accumulationOf32,
  demoInput,
  directPrompt,
  type Init,
} from '../spec/paper'
import type { Behaviour, DataKind } from './behaviour'
import {
  laterTokens,
  type OpenLabeller,
  openTextPipeline,
  ownTokens,
  repeatedText,
  tokensAhead,
} from './text-data'
import { chatPrompts, textPrompts } from './text-prompts'
import { measureRepetition, repeatsTag } from './text-repeats'

type Options<K extends ExperimentKind> = Extract<ExperimentSpec, { kind: K }>

/** What tells one text behaviour from another. */
interface TextRow
  extends Pick<Behaviour, 'kind' | 'title' | 'explanation' | 'finding' | 'shortOption'>,
    Pick<Behaviour, 'originalOptions' | 'dataKind' | 'measure' | 'reference'> {
  readonly name: (experiment: ExperimentSpec) => string
  readonly labels: OpenLabeller
  readonly criterion: Criterion
  readonly measures?: readonly Measure[]
  readonly options?: readonly BehaviourOption[]
  /** random starts for what must hold anywhere in a text */
  readonly start: 'first' | 'random'
  readonly init: Init
  readonly training: (modelId: string) => NonNullable<RunSpecInput['training']>
  readonly results: NonNullable<RunSpecInput['results']>
  readonly demoModel?: 'workbench-demo-chat'
  readonly evaluationPrompts?: Behaviour['evaluationPrompts']
}

const lanes32 = (steps: number) => (modelId: string) => ({
  ...{ steps, lanes: 32, length: 256 },
  accumulation: accumulationFor(modelId, accumulationOf32),
})

const demoData = 'data/demo_text_sample.jsonl.zst'

const textData: DataKind = {
  kind: 'text',
  name: 'text',
  noun: 'document',
  made: false,
  bundled: [{ path: demoData, title: 'Old books (bundled)' }],
  textField: true,
  count: (path, field) => portionsOf(documents(path, field, {})),
}

const textBehaviour = (row: TextRow): Behaviour => {
  const { labels, init, start, training, results, demoModel = 'workbench-demo-base', ...own } = row
  return {
    options: [],
    measures: [],
    evaluationPrompts: textPrompts,
    ...own,
    name: spec => row.name(spec.experiment),
    conditionNames: () => [],
    unit: 'document',
    playground: 'text',
    dataKinds: ['text'],
    ownData: 'bundled',
    control: {
      kind: 'none',
      because: 'the text itself is trained on, so there are no answers to shuffle',
    },
    quickLength: 128,
    openPipeline: context => openTextPipeline(context, labels),
    demoData,
    defaults: (modelId, tokens) => ({
      data: { path: 'demo' },
      prompt: directPrompt(tokens, init),
      start: start === 'random' ? { kind: 'random' } : { kind: 'index', index: 0 },
      training: training(modelId),
      results,
    }),
    demo: () => demoInput(own.kind as ExperimentKind, demoModel),
  }
}

/** No yes or no: bits a token gained. */
const gain: Criterion = { kind: 'gain', measure: tags.finalTestLoss, better: 'lower' }
const isWord = (words: string, word: string) => (words === word ? {} : undefined)

export const textBehaviours = {
  autoregressive: textBehaviour({
    kind: 'autoregressive',
    title: 'Plain text',
    explanation:
      'Trains the prompt to lower the loss on text: what a model already does, done a little better.',
    finding:
      'There is almost nothing to gain: 64 tokens lower the loss on RedPajama v2 by 0.003 (160m) to 0.026 nats (70m), and not at all on the Pile for most models.',
    labels: ownTokens,
    name: () => 'autoregressive',
    criterion: gain,
    start: 'first',
    init: 'zero',
    training: lanes32(1536),
    results: { maxTokens: 128, softPromptAt: 'start' },
    originalOptions: words => (words === '' ? {} : isWord(words, 'autoregressive')),
    dataKind: textData,
  }),

  skipTokens: textBehaviour({
    kind: 'skip-tokens',
    title: 'Skip tokens',
    explanation: 'Trains the prompt to make the model predict the token that comes n tokens later.',
    finding:
      'Far: 64 tokens bring the 410m model from 10.3 to 5.8 nats for one skipped token, and from 12.3 to 7.1 for eight.',
    labels: tokensAhead,
    name: experiment => `skip ${(experiment as Options<'skip-tokens'>).skip}`,
    criterion: gain,
    options: [
      {
        control: 'number',
        path: 'experiment.skip',
        label: 'Tokens skipped',
        hint: '1: the token after the next.',
        min: 1,
        max: 64,
      },
    ],
    shortOption: { field: 'skip', read: numberOf },
    start: 'random',
    init: 'zero',
    training: lanes32(1536),
    results: { maxTokens: 32, softPromptAt: 'end' },
    originalOptions: words => {
      const found = /^skip (\d+)( tokens)?$/.exec(words)
      return found ? { skip: Number(found[1]) } : undefined
    },
  }),

  repetition: textBehaviour({
    kind: 'repetition',
    title: 'Repetition',
    explanation: 'Trains the prompt to make the model repeat a given text whatever it reads.',
    finding:
      'Near when short: one token makes the 410m model repeat "pee" at 0.16 nats, four at 0.0003; the longer texts need 64 tokens (0.02 and 0.002 nats).',
    labels: repeatedText,
    name: experiment => `repetition ${(experiment as Options<'repetition'>).text}`,
    criterion: {
      kind: 'share',
      measure: repeatsTag,
      better: 'higher',
      chance: 0,
      target: 0.9,
    },
    measures: [{ tag: repeatsTag, better: 'higher', share: true }],
    measure: measureRepetition,
    options: [{ control: 'text', path: 'experiment.text', label: 'String to repeat' }],
    shortOption: { field: 'text', read: String },
    start: 'random',
    init: 'zero',
    training: modelId => ({
      ...{ steps: 512, lanes: 256, length: 256 },
      accumulation: accumulationFor(modelId, [8, 16, 32, 64]),
    }),
    results: { maxTokens: 128, softPromptAt: 'end' },
    originalOptions: words => {
      const found = /^(?:repetition \((.*)\)|repeat: (.*))$/.exec(words)
      return found ? { text: found[1] ?? found[2] } : undefined
    },
  }),

  chatDetuning: textBehaviour({
    kind: 'chat-detuning',
    title: 'Chat de-tuning',
    explanation:
      'Trains the prompt on plain text in a chat-tuned model: does it turn back into its base model?',
    finding:
      'Four tokens bring the chat model from 2.33 to 2.31 nats, below its base model without a prompt; with prompts of equal length the base stays ahead (64 tokens: 2.293 against 2.285).',
    labels: ownTokens,
    name: () => 'chat detuning',
    criterion: {
      kind: 'gap-closed',
      measure: tags.finalTestLoss,
      better: 'lower',
      chance: 0,
      target: 0.9,
    },
    start: 'first',
    init: 'normal',
    training: lanes32(2048),
    results: { maxTokens: 128, softPromptAt: 'start', prompts: 164 },
    demoModel: 'workbench-demo-chat',
    reference: { prompt: 'none', model: baseModelOf },
    evaluationPrompts: chatPrompts,
    originalOptions: words => (words === '' ? {} : isWord(words, 'chat detuning')),
  }),

  /** Exploratory: a prompt that helps only with what comes later. Not in the paper's results. */
  favorFuture: textBehaviour({
    kind: 'favor-future',
    title: 'Favour the future',
    explanation:
      'Next tokens count the more, the further they lie behind the prompt: does it help later on?',
    finding: 'Exploratory: the paper reports no result for it.',
    labels: laterTokens,
    name: experiment => `favor future ${(experiment as Options<'favor-future'>).lookahead}`,
    criterion: gain,
    options: [
      {
        control: 'number',
        path: 'experiment.lookahead',
        label: 'Tokens of lookahead',
        min: 0,
        max: 4096,
      },
    ],
    shortOption: { field: 'lookahead', read: numberOf },
    start: 'random',
    init: 'zero',
    training: lanes32(1536),
    results: { maxTokens: 32, softPromptAt: 'end' },
    originalOptions: words => {
      const found = /^lookahead (\d+)$/.exec(words)
      return found ? { lookahead: Number(found[1]) } : undefined
    },
  }),
}

/** 'workbench-demo-chat' → 'workbench-demo-base', 'org/name-1B-Instruct-v2' → 'org/name-1B'; undefined: no tuned model by its name. */
export function baseModelOf(modelId: string): string | undefined {
  if (/workbench-demo-chat$/.test(modelId)) return modelId.replace(/chat$/, 'base')
  const base = modelId.replace(/[-_](chat|instruct|it)([-_]v?[\d.]+)?$/i, '')
  return base === modelId ? undefined : base
}

/** An empty text is no 0. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
