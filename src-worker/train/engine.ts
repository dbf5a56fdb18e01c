// What both ways of training share: opened sessions, layouts, and feeds that do not depend on the micro-batch.
import type { MicroBatch } from '../contract/batch'
import type { ModelFolder } from '../contract/model'
import type { OptimizerSpec, Precision } from '../contract/run-spec'
import type { Parameters, PromptShape } from '../contract/snapshot'
import { float32, type Tensors } from '../graph/tensor'
import { steadyLengthOf } from '../model/rope'
import { checkLength, windowOf } from '../program/at-most'
import { type BlockCounts, positionFeeds, rotaryFeeds } from '../program/feeds'
import type { Layout, Sizes } from '../program/sizes'
import type { Runtime, SessionOptions } from '../session/runtime'
import type { Sessions } from './sessions'
import { initialState, type TrainState } from './state'

export interface TrainerOptions {
  readonly runtime: Runtime
  readonly model: ModelFolder
  readonly shape: PromptShape
  readonly optimizer: Pick<OptimizerSpec, 'beta1' | 'beta2' | 'eps' | 'weightDecay' | 'clipNorm'>
  /** original: the mean of the micro-batches' means; weighted: Σ weight·nll / Σ divisor over the step */
  readonly mode: 'weighted' | 'original'
  readonly precision?: Precision
  /** compute the inside of blocks again in the backward pass: less memory, more time */
  readonly recompute?: boolean
  /** micro-batches of a step that are computed as one, on a device that takes several steps a call */
  readonly merged?: number
  /** false: weights are not packed for the matrix kernels, which is slower and takes a third of the memory */
  readonly prepack?: boolean
  /** causal blocks of queries for lanes of so many slots */
  readonly queryBlocks?: (slots: number) => number
  /** see ForwardOptions: for the benchmark */
  readonly firstBlockWhole?: boolean
  /** text tokens of a lane at most: a large state is trained at these sizes, so that all steps are alike */
  readonly laneLength?: number
  /** K steps in one run (CUDA), or one micro-batch a run (CPU); by the device when not given */
  readonly strategy?: 'multi-step' | 'chunks'
}

export interface Advanced {
  readonly state: TrainState
  /** one a step, before the step's change, in nats */
  readonly losses: Float32Array
  /** √Σg² before clipping */
  readonly gradNorms: Float32Array
  /** computed slots that were not needed, over all computed ones: what lanes of unequal length cost */
  readonly padding: Float32Array
  /** how often a step was computed again because its gradient left float16's range (program/loss-scale.ts) */
  readonly overflowRetries?: number
}

/** Options of the sessions that train. */
export const trainingSession = ({ prepack = true }: TrainerOptions): SessionOptions => ({ prepack })

/** Evaluation works on unpacked weights: a second packed copy would be held for a small part of the time. */
export const evaluationSession: SessionOptions = { prepack: false }

export type GemmType = 'float32' | 'bfloat16' | 'float16'

export interface Engine {
  readonly options: TrainerOptions
  readonly sessions: Sessions
  readonly layout: Layout
  readonly gemm: GemmType
  readonly blocksFor: (slots: number) => BlockCounts
  /** feeds that depend on the lengths only */
  readonly common: (sizes: Sizes, prefixed?: boolean) => Tensors
  /** arrays of the parameters' shapes to sum gradients in, the same ones each time */
  readonly scratch: (parameters: Parameters) => Parameters
}

export function scratchMaker(): Engine['scratch'] {
  let made: Parameters | undefined
  return parameters => {
    made ??= initialState(parameters).m
    return made
  }
}

/** Common feeds; the rope table is made anew only when a longer one is needed. */
export function commonMaker(
  { model }: TrainerOptions,
  blocksFor: Engine['blocksFor'],
): Engine['common'] {
  const steady = steadyLengthOf(model.config.ropes)
  let made = 0
  let table: Tensors = {}
  return (sizes, prefixed = false) => {
    const needed = sizes.prefix + sizes.slots
    checkLength(model.config, needed)
    // angles beyond the steady length belong to one length alone
    if (needed > made || (made > steady && needed !== made)) {
      made = needed
      table = rotaryFeeds(model.config, needed)
    }
    return { ...table, ...positionFeeds(sizes, blocksFor(sizes.slots), prefixed) }
  }
}

/**
 * Blocks skip invisible scores, but cost copies of keys; few counts, because each has a session of its own.
 * 4 blocks compute 5/8 of the scores. Blocks of windowed layers hold at least a window, else they are as many as others.
 */
export const blockCounter =
  (model: ModelFolder, whole = defaultBlocks): Engine['blocksFor'] =>
  slots => {
    const window = windowOf(model.config)
    if (window === undefined) return { whole: whole(slots), window }
    const causal = whole(slots)
    const most = slots / Math.max(1, window - 1)
    const near = causal === 1 ? undefined : windowCounts.find(count => count <= most)
    return { whole: causal, window: near ?? causal }
  }

const defaultBlocks = (slots: number): number => (slots < 384 ? 1 : 4)
const windowCounts = [16, 8, 4]

/** Parameters as tensors `<prefix>.<name>`; `dims` may lay them out anew. */
export const named = (
  prefix: string,
  parameters: Parameters,
  dims: (shape: readonly number[]) => readonly number[] = shape => shape,
): Tensors =>
  Object.fromEntries(
    [...parameters].map(([name, { shape, data }]) => [
      `${prefix}.${name}`,
      float32(dims(shape), data),
    ]),
  )

/** Parameters of the old ones' shapes from the tensors that `key` names. */
export const unnamed = (
  tensors: Tensors,
  like: Parameters,
  key: (name: string) => string,
): Parameters =>
  new Map(
    [...like].map(([name, { shape }]) => {
      return [name, { shape, data: tensors[key(name)]!.data as Float32Array }]
    }),
  )

/** What each micro-batch's weights are divided by, so that the step's loss is their sum. */
export function divisorsOf(
  step: readonly MicroBatch[],
  mode: TrainerOptions['mode'],
): readonly number[] {
  if (mode === 'original') return step.map(b => (b.divisor || 1) * step.length)
  const total = step.reduce((sum, b) => sum + b.divisor, 0)
  return step.map(() => total || 1)
}
