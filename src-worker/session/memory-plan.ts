// Bytes of a run from its shapes, before it starts: weights, packed weights, activations, logits, optimizer state.
import type { ModelFolder } from '../contract/model'

export interface MemoryAsk {
  readonly model: ModelFolder
  /** numbers trained */
  readonly parameters: number
  /** lanes of one micro-batch */
  readonly lanes: number
  /** tokens and soft prompt of a lane */
  readonly slots: number
  /** false: evaluation only */
  readonly training: boolean
}

export interface MemoryPlan {
  readonly weightsBytes: number
  readonly activationBytes: number
  readonly logitsBytes: number
  readonly optimizerBytes: number
  readonly totalBytes: number
  /** where a CPU run must live: a large block kills an Electron process (DESIGN.md §6) */
  readonly host: 'thread' | 'process'
}

const elements = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1)

/** float32 on the CPU, packed once for each direction */
const copiesOfWeights = 3
/** a block that may not be asked for inside Electron 25, with room for rounding */
const largestBlock = 0.7 * 2 ** 30
const largestTotal = 3 * 2 ** 30
/** the runtime itself */
const base = 150e6

export function planMemory({ model, parameters, lanes, slots, training }: MemoryAsk): MemoryPlan {
  const { config } = model
  const { hiddenSize, mlpSize, layers, heads, vocabularySize } = config
  const weightsBytes = [...model.tensors.values()].reduce(
    (n, t) => n + 4 * elements(t.shape) * (training ? copiesOfWeights : 2),
    0,
  )
  const tokens = lanes * slots
  const perToken = 4 * (10 * hiddenSize + 3 * mlpSize) + 8 * heads * slots
  const activationBytes = tokens * perToken * (training ? layers : 2)
  const logitsBytes = 2 * 4 * Math.min(tokens, 512) * vocabularySize
  const optimizerBytes = 3 * 4 * parameters
  const totalBytes = base + weightsBytes + activationBytes + logitsBytes + 2 * optimizerBytes
  const large = activationBytes > largestBlock || totalBytes > largestTotal
  const host = large || optimizerBytes > largestBlock ? 'process' : 'thread'
  return { weightsBytes, activationBytes, logitsBytes, optimizerBytes, totalBytes, host }
}
