// What is measured. Letters: B lanes, T slots of a lane (soft prompt and text), P soft prompt tokens, V vocabulary.
import type { Weights } from '../src-worker/contract/run-spec'
import type { ModelName, Stored } from './models'

/** Optimizer steps of one shape. Every text token is a label; the soft prompt stands first, as PEFT has it. */
export interface TrainWork {
  readonly kind: 'train'
  readonly name: string
  readonly model: ModelName
  readonly stored: Stored
  readonly lanes: number
  readonly slots: number
  readonly prompt: number
  /** a prompt made by an MLP (hidden width 128) from two Elos, 101 M numbers at P = 1024, H = 768 */
  readonly generated: boolean
  /** the prompt stands anywhere in each lane, as in training */
  readonly anywhere: boolean
  /** lanes are of random lengths between half of the slots and all */
  readonly ragged: boolean
  /** how the frozen matrices are kept; default full */
  readonly weights?: Weights
  /** of a pair that shows what a saving is worth; with it left out when `out` */
  readonly saving?: { readonly of: Saving; readonly out: boolean }
  /** measured against the other ways when these are asked for */
  readonly peers: readonly TrainPeer[]
}
/**
 * labelled: only labelled rows go through the head   prefix: no backward pass before the prompt
 * first: no backward pass from the first block to text rows   blocks: causal blocks of queries
 * lengths: nothing behind a lane's end   prepack: packed weights   kept: activations are kept, not computed again
 * windows: nothing of what a windowed layer does not see
 */
export type Saving =
  | 'labelled'
  | 'prefix'
  | 'first'
  | 'blocks'
  | 'lengths'
  | 'prepack'
  | 'kept'
  | 'windows'
export type TrainPeer = 'peft' | 'peft, bfloat16' | 'frozen' | 'compile' | 'original'

export interface GenerateWork {
  readonly kind: 'generate'
  readonly name: string
  readonly model: ModelName | 'demo'
  readonly lanes: number
  /** slots before the first token written */
  readonly slots: number
  readonly prompt: number
  readonly tokens: number
  readonly peer: boolean
}

export interface ScoreWork {
  readonly kind: 'score'
  readonly name: string
  readonly model: ModelName
  readonly slots: number
  readonly continuations: number
}

/** The bundled model: a run of the autoregressive experiment, or its first token. */
export interface DemoWork {
  readonly kind: 'demo'
  readonly name: string
}

/** The head's loss and its gradient alone, in chunks of rows. */
export interface LossWork {
  readonly kind: 'loss'
  readonly name: string
  readonly model: ModelName
  readonly rows: number
  readonly chunkRows: number
}

export type Work = TrainWork | GenerateWork | ScoreWork | DemoWork | LossWork

const bothPeft = ['peft', 'peft, bfloat16'] as const
const everyPeer: readonly TrainPeer[] = [...bothPeft, 'frozen', 'compile', 'original']
const fewPeers: readonly TrainPeer[] = [...bothPeft, 'frozen']

type Row = Partial<TrainWork> & Pick<TrainWork, 'slots'>

const train = (name: string, rest: Row): TrainWork => ({
  kind: 'train',
  name,
  model: 'pythia-70m',
  stored: 'F32',
  lanes: 1,
  prompt: 16,
  generated: false,
  anywhere: false,
  ragged: false,
  peers: [],
  ...rest,
})

const curve = (group: string, rows: readonly Row[]): Work[] =>
  rows.map(row => {
    const { lanes = 1, slots, prompt = 16 } = row
    return train(`${group} B${lanes} T${slots} P${prompt}`, row)
  })

/** The same work with a saving and without it. */
const pair = (of: Saving, row: Row): Work[] =>
  [false, true].map(out =>
    train(`saving ${of}: ${out ? 'off' : 'on'}`, { ...row, saving: { of, out } }),
  )

const generate = (rest: Pick<GenerateWork, 'name' | 'model' | 'lanes' | 'peer'>): GenerateWork => ({
  kind: 'generate',
  slots: 80,
  prompt: 16,
  tokens: 64,
  ...rest,
})

export const works: readonly Work[] = [
  train('70m short', { lanes: 4, slots: 144, peers: everyPeer }),
  train('70m long', { slots: 1280, prompt: 1024, peers: everyPeer }),
  train('70m short fp16 file', { lanes: 4, slots: 144, stored: 'F16' }),
  train('70m prompts anywhere', { lanes: 8, slots: 272, anywhere: true, peers: ['frozen'] }),
  train('160m short', { model: 'pythia-160m', lanes: 4, slots: 144, peers: fewPeers }),
  train('160m 8 lanes of 256', { model: 'pythia-160m', lanes: 8, slots: 272 }),
  train('160m chess MLP', { model: 'pythia-160m', slots: 1280, prompt: 1024, generated: true }),
  train('135m llama', { model: 'smollm2-135m', lanes: 4, slots: 144, peers: fewPeers }),
  { kind: 'demo', name: 'demo' },
  generate({ name: 'demo generate', model: 'demo', lanes: 1, peer: false }),
  generate({ name: '70m generate 1', model: 'pythia-70m', lanes: 1, peer: true }),
  generate({ name: '70m generate 16', model: 'pythia-70m', lanes: 16, peer: true }),
  { kind: 'score', name: '70m score', model: 'pythia-70m', slots: 144, continuations: 40 },
  ...pair('labelled', { slots: 1280, prompt: 1024 }),
  ...pair('prefix', { lanes: 16, slots: 272, anywhere: true }),
  ...pair('first', { lanes: 4, slots: 144 }),
  ...pair('blocks', { slots: 1280, prompt: 1024 }),
  ...pair('lengths', { lanes: 16, slots: 272, ragged: true }),
  ...pair('prepack', { lanes: 4, slots: 144 }),
  ...pair('prepack', { model: 'pythia-160m', lanes: 4, slots: 144 }),
  ...pair('kept', { lanes: 4, slots: 256 }),
  ...pair('windows', { model: 'mistral-160m', slots: 1280 }),
  ...pair('windows', { model: 'mistral-160m', slots: 2048 }),
  ...(['full', 'int8', 'int4'] as const).map(weights =>
    train(`160m ${weights} weights`, { model: 'pythia-160m', lanes: 4, slots: 144, weights }),
  ),
  ...[20, 40, 80, 160, 320, 640].map(
    (chunkRows): LossWork => ({
      kind: 'loss',
      name: `chunk of ${chunkRows} rows`,
      model: 'pythia-70m',
      rows: 640,
      chunkRows,
    }),
  ),
  ...curve(
    'curve P',
    [1, 16, 64, 256, 1024].map(prompt => ({ slots: 256 + prompt, prompt })),
  ),
  ...curve(
    'curve T',
    [64, 144, 272, 640, 1280].map(slots => ({ slots })),
  ),
  ...curve(
    'curve B',
    [1, 4, 16, 32].map(lanes => ({ slots: 144, lanes })),
  ),
]

/** Gigabytes of models, measured only when they are named. */
export const heavyWorks: readonly Work[] = (['full', 'int8', 'int4'] as const).map(weights =>
  train(`1.4b ${weights} weights`, {
    ...{ model: 'pythia-1.4b', stored: 'F16', lanes: 2, slots: 128, weights },
  }),
)
