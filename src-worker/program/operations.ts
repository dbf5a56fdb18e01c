// Floating point operations that a training step cannot do without: what its speed is measured against.
import type { ModelConfig } from '../contract/model'

export interface StepSize {
  readonly lanes: number
  /** of a lane, soft prompt included */
  readonly slots: number
  /** soft prompt tokens of a lane; 0: nothing is trained, but counted as if it were */
  readonly prompt: number
  /** labelled slots of all lanes */
  readonly labelled: number
}

/** Numbers in the matrices of one block, by what they make. */
function blockSizes(config: ModelConfig) {
  const { hiddenSize: h, heads, kvHeads, headDim, mlpSize, mlpMatrices } = config
  return {
    queries: h * heads * headDim,
    keysAndValues: 2 * h * kvHeads * headDim,
    out: h * heads * headDim,
    mlp: mlpMatrices * h * mlpSize,
  }
}

/**
 * Forward and backward: 4 a weight and row, because frozen weights get no gradient; 12 a pair of slots, halved because
 * attention is causal. What is not used is left out (program/forward.ts): the last block beside labelled rows, and
 * the first block's way back to text rows.
 */
export function neededOperations(config: ModelConfig, size: StepSize): number {
  const { lanes, slots, prompt, labelled } = size
  const { hiddenSize, vocabularySize, layers, heads, headDim } = config
  const { queries, keysAndValues, out, mlp } = blockSizes(config)
  const rows = lanes * slots
  const body = 4 * layers * (queries + keysAndValues + out + mlp) * rows
  const lastBlock = 4 * (queries + out + mlp) * (rows - labelled)
  const parallelMlp = config.parallelResidual ? mlp : 0
  const firstBlock = 2 * (queries + keysAndValues + parallelMlp) * (rows - lanes * prompt)
  const asked = layers - 1 + labelled / rows
  const scores = 6 * slots * slots * heads * headDim * asked * lanes
  const head = 4 * hiddenSize * vocabularySize * labelled
  return body - lastBlock - firstBlock + scores + head
}
