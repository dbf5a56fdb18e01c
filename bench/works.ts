// What is measured. Letters: B lanes, T slots of a lane (soft prompt and text), P soft prompt tokens, V vocabulary.
import type { ModelConfig } from '../src-worker/contract/model'
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
  /** a saving that is left out, to see what it is worth */
  readonly without?: Saving
  /** measured against the other ways when these are asked for */
  readonly peers: readonly TrainPeer[]
}
/**
 * labelled: only labelled rows go through the head   prefix: no backward pass before the prompt
 * blocks: causal blocks of queries   lengths: nothing behind a lane's end   prepack: packed weights
 * kept: activations are kept, not computed again
 */
export type Saving = 'labelled' | 'prefix' | 'blocks' | 'lengths' | 'prepack' | 'kept'
export type TrainPeer = 'peft' | 'frozen' | 'compile' | 'original'

export interface GenerateWork {
  readonly kind: 'generate'
  readonly name: string
  readonly model: ModelName
  readonly lanes: number
  /** slots before the first token written */
  readonly slots: number
  readonly prompt: number
  readonly tokens: number
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

export type Work = TrainWork | GenerateWork | ScoreWork | DemoWork

const everyPeer: readonly TrainPeer[] = ['peft', 'frozen', 'compile', 'original']

const train = (name: string, rest: Partial<TrainWork> & Pick<TrainWork, 'slots'>): TrainWork => ({
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

const curve = (group: string, rows: readonly (Partial<TrainWork> & { slots: number })[]): Work[] =>
  rows.map(row => {
    const { lanes = 1, slots, prompt = 16 } = row
    return train(`${group} B${lanes} T${slots} P${prompt}`, row)
  })

/** The same work with a saving and without it. */
const saving = (without: Saving, row: Partial<TrainWork> & { slots: number }): Work[] => [
  train(`saving ${without}: on`, row),
  train(`saving ${without}: off`, { ...row, without }),
]

export const works: readonly Work[] = [
  train('70m short', { lanes: 4, slots: 144, peers: everyPeer }),
  train('70m long', { slots: 1280, prompt: 1024, peers: everyPeer }),
  train('70m short fp16 file', { lanes: 4, slots: 144, stored: 'F16' }),
  train('70m prompts anywhere', { lanes: 8, slots: 272, anywhere: true, peers: ['frozen'] }),
  train('160m short', { model: 'pythia-160m', lanes: 4, slots: 144, peers: ['peft', 'frozen'] }),
  train('160m 8 lanes of 256', { model: 'pythia-160m', lanes: 8, slots: 272 }),
  train('160m chess MLP', { model: 'pythia-160m', slots: 1280, prompt: 1024, generated: true }),
  train('135m llama', { model: 'smollm2-135m', lanes: 4, slots: 144, peers: ['peft', 'frozen'] }),
  { kind: 'demo', name: 'demo' },
  ...[1, 16].map(
    (lanes): GenerateWork => ({
      kind: 'generate',
      name: `70m generate ${lanes}`,
      model: 'pythia-70m',
      lanes,
      slots: 80,
      prompt: 16,
      tokens: 64,
    }),
  ),
  { kind: 'score', name: '70m score', model: 'pythia-70m', slots: 144, continuations: 40 },
  ...saving('labelled', { slots: 1280, prompt: 1024 }),
  ...saving('prefix', { lanes: 16, slots: 272, anywhere: true }),
  ...saving('blocks', { slots: 1280, prompt: 1024 }),
  ...saving('lengths', { lanes: 16, slots: 272, ragged: true }),
  ...saving('prepack', { lanes: 4, slots: 144 }),
  ...saving('kept', { lanes: 4, slots: 256 }),
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

/**
 * Floating point operations that one step cannot do without: frozen weights get no gradient, so 4 a weight and slot;
 * the head at labelled slots; causal attention.
 */
export function neededOperations(work: TrainWork, config: ModelConfig): number {
  const { lanes, slots, prompt } = work
  const { hiddenSize: h, layers, heads, headDim, mlpSize, vocabularySize } = config
  const llama = config.family === 'llama'
  const keyHeads = llama ? config.kvHeads : heads
  const attention = h * headDim * (2 * heads + 2 * keyHeads)
  const body = layers * (attention + (llama ? 3 : 2) * h * mlpSize)
  const labelled = lanes * (slots - prompt)
  const scores = (12 * slots * slots * heads * headDim * layers * lanes) / 2
  return 4 * body * lanes * slots + 4 * h * vocabularySize * labelled + scores
}
