// Bytes of a run on a CUDA device from its shapes. Calibrated on what onnxruntime's provider takes by cudaMalloc, counted
// on a CUDA that counts (tests/cuda): 70m to 1.4b, lanes of 144 to 1280 slots, all precisions, tables of 50,000 to 128,000
// rows. The driver's own context is not counted: it is left free (contextBytes).
import { deviceLogitBytes } from '../contract/at-once'
import { elements } from '../contract/dims'
import type { ModelConfig, ModelFolder, TensorEntry } from '../contract/model'

export interface DeviceAsk {
  readonly model: ModelFolder
  /** numbers trained */
  readonly parameters: number
  readonly lanes: number
  readonly slots: number
  readonly training: boolean
  readonly recompute: boolean
  /** bytes of a number in a matrix product: 4, or 2 of the low types */
  readonly productBytes: number
  /** bytes of a number between products: 2 of bfloat16 */
  readonly rowBytes: number
}

export interface DeviceBytes {
  readonly weights: number
  readonly activations: number
  readonly logits: number
  readonly optimizer: number
  /** with the room that the arena takes beyond them */
  readonly total: number
}

/** What the driver and its libraries hold on a device for a process, about. */
export const contextBytes = 0.6e9

const float = 4
/** Share of keptPerSlot that lies there at the worst moment: of two matrices an MLP, of three. */
const keptShare = { plain: 0.86, gated: 1.4 } as const
const scoreShare = 1.2
/** A state of the scan: what comes in, both sides of an iteration, sums, moments and their temporaries. */
const stateCopies = 16
/** Blocks of up to a gibibyte are poorly filled by tensors that are not much smaller. */
const smallArenaRoom = 1.15
const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** What onnxruntime's arena takes for so many bytes: blocks of 1, 2, 4 … MiB, then one GiB after the other. */
export function arenaBytes(needed: number): number {
  let [total, next] = [0, mebibyte]
  while (total < needed) {
    total += next
    next = Math.min(2 * next, gibibyte)
  }
  return total
}

/** Numbers that a slot keeps in one block for the backward pass, scores apart. */
function keptPerSlot(config: ModelConfig): number {
  const { hiddenSize: h, mlpSize, mlpMatrices, heads, kvHeads, headDim } = config
  if (mlpMatrices === 2) return 3 * h + 2 * (heads + kvHeads) * headDim + mlpSize
  return 2 * h + 2 * (heads + kvHeads) * headDim + 2 * mlpSize
}

const bytesOf = (entry: TensorEntry | undefined): number => entry?.length ?? 0

/** Products have their own copies of matrices; the tables of embedding and head stay as they are stored beside them. */
function weightBytes({ model, productBytes }: DeviceAsk): number {
  const { config, tensors } = model
  const table = config.vocabularySize * config.hiddenSize
  const all = [...tensors.values()]
  const numbers = all.reduce((n, t) => n + elements(t.shape), 0)
  const tables = config.tiedHead ? table : 2 * table
  const matrix = all.find(t => t.shape.length === 2)
  const stored = matrix === undefined ? float : bytesOf(matrix) / elements(matrix.shape)
  const head = stored === productBytes && config.tiedHead ? 0 : productBytes * table
  const asStored = config.tiedHead || stored === productBytes ? table : 2 * table
  return productBytes * (numbers - tables) + head + stored * asStored
}

export function deviceBytes(ask: DeviceAsk): DeviceBytes {
  const { model, parameters, lanes, slots, training, recompute, rowBytes } = ask
  const { config } = model
  const rows = lanes * slots
  const share = config.mlpMatrices === 2 ? keptShare.plain : keptShare.gated
  const block = share * keptPerSlot(config) + scoreShare * config.heads * slots
  const kept = recompute ? config.hiddenSize * config.layers : config.layers * block
  const working = (recompute || !training ? 2 * block : 0) + 2 * config.mlpSize
  const keptBytes = training ? rowBytes * rows * kept : 0
  const workingBytes = rowBytes * rows * working
  // logits, their logarithms of probabilities, and the probabilities
  const ofRow = float * config.vocabularySize
  const logits = 3 * Math.max(Math.min(deviceLogitBytes, rows * ofRow), ofRow)
  const optimizer = float * parameters * (training ? stateCopies : 1)
  // the loss is computed when no block is
  const needed = keptBytes + Math.max(workingBytes, logits) + optimizer
  const weights = weightBytes(ask)
  const arena = arenaBytes(needed < gibibyte ? smallArenaRoom * needed : needed)
  return { weights, activations: keptBytes, logits, optimizer, total: weights + arena }
}
