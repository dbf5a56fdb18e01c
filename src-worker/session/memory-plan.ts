// Bytes of a run from its shapes, before it starts. Calibrated on the CPU against the measured peak (VmHWM) of the
// 70m, 160m and SmolLM2-135M shapes, lanes of 144 to 1280 slots, packed and unpacked.
import { elements } from '../contract/dims'
import type { ModelConfig, ModelFolder } from '../contract/model'

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
  readonly device?: 'cpu' | 'cuda'
  /** weights packed for the matrix kernels, once for each direction; on the CPU, unless told otherwise */
  readonly prepack?: boolean
  /** the inside of blocks computed again in the backward pass */
  readonly recompute?: boolean
}

export interface MemoryPlan {
  /** weights as they are stored or mapped, and packed */
  readonly weightsBytes: number
  readonly activationBytes: number
  readonly logitsBytes: number
  readonly optimizerBytes: number
  readonly totalBytes: number
  readonly prepack: boolean
  readonly recompute: boolean
  /** where a CPU run must live: a large block kills an Electron process (DESIGN.md §6) */
  readonly host: 'thread' | 'process'
}

const float = 4
/** The program, its libraries and the garbage of the feeds. */
const base = 125e6
/** Room of the packed layout over the plain one, measured. */
const packing = 0.95
/** Share of the scores that stay, transient copies counted in. */
const keptScores = 0.85
/** Logits and their exponentials in one chunk of rows (program/sizes.ts). */
const logitChunks = 2 * 16e6
/** Slots that the CPU computes at once when lanes may be regrouped (train/pieces.ts). */
const slotsPerPiece = 1024
const manyParameters = 4e6
/** A block that may not be asked for inside Electron 25, with room for rounding. */
const largestBlock = 0.7 * 2 ** 30
/** More than this is given to a process of its own: what it holds at the end is given back then. */
const largestTotal = 1.5 * 2 ** 30

export function planMemory(ask: MemoryAsk): MemoryPlan {
  const {
    parameters,
    training,
    device = 'cpu',
    prepack = device === 'cpu',
    recompute = false,
  } = ask
  const weightsBytes = device === 'cpu' ? hostWeights(ask, prepack) : deviceWeights(ask)
  const activationBytes = activations(ask, recompute)
  const vocabulary = ask.model.config.vocabularySize
  const rows = slotsAtOnce(ask)
  const logitsBytes = Math.max(
    Math.min(logitChunks, 2 * float * rows * vocabulary),
    2 * float * vocabulary,
  )
  // state and gradients; a large state is handed out as a copy after each update
  const copies = parameters > manyParameters ? 3 : 0
  const optimizerBytes = float * parameters * (training ? 4 + copies : 1)
  const total = base + weightsBytes + activationBytes + logitsBytes + optimizerBytes
  const large = Math.max(activationBytes, float * parameters) > largestBlock || total > largestTotal
  return {
    weightsBytes,
    activationBytes,
    logitsBytes,
    optimizerBytes,
    totalBytes: total,
    prepack,
    recompute,
    host: device === 'cpu' && large ? 'process' : 'thread',
  }
}

/** The first of plain, unpacked, and unpacked with recomputation that fits; undefined: none does. */
export function fittingPlan(ask: MemoryAsk, freeBytes: number): MemoryPlan | undefined {
  const choices = [{}, { prepack: false }, { prepack: false, recompute: true }]
  return choices.map(c => planMemory({ ...ask, ...c })).find(plan => plan.totalBytes <= freeBytes)
}

const allWeights = ({ model }: MemoryAsk): number =>
  [...model.tensors.values()].reduce((n, t) => n + elements(t.shape), 0)

const tableSize = ({ vocabularySize, hiddenSize }: ModelConfig): number =>
  vocabularySize * hiddenSize

/**
 * Mapped pages of what stays in use, and the packed matrices. Of the embedding only the rows of the batch are touched;
 * a head is mapped too, because the loss gathers its labels' rows.
 */
function hostWeights(ask: MemoryAsk, prepack: boolean): number {
  const { config } = ask.model
  const table = tableSize(config)
  const body = allWeights(ask) - (config.tiedHead ? table : 2 * table)
  const widened = [...ask.model.tensors.values()].some(t => t.dtype !== 'F32')
  if (!prepack) return float * (widened ? body + 2 * table : body + table)
  const directions = ask.training ? 2 : 1
  return float * (table + packing * directions * (body + table))
}

const deviceWeights = (ask: MemoryAsk): number => float * allWeights(ask)

function slotsAtOnce({ lanes, slots, parameters, training, device = 'cpu' }: MemoryAsk): number {
  if (device === 'cuda') return lanes * slots
  if (training && parameters > manyParameters) return lanes * slots
  return slots * Math.max(1, Math.min(lanes, Math.round(slotsPerPiece / slots)))
}

/** Numbers that a slot keeps in one block for the backward pass, scores apart. */
function keptPerSlot(config: ModelConfig): number {
  const { hiddenSize: h, mlpSize, heads, headDim } = config
  if (config.family === 'gpt-neox') return 3 * h + 4 * heads * headDim + mlpSize
  return 2 * h + 2 * (heads + config.kvHeads) * headDim + 2 * mlpSize
}

function activations(ask: MemoryAsk, recompute: boolean): number {
  const { config } = ask.model
  const rows = slotsAtOnce(ask)
  const block = keptPerSlot(config) + keptScores * config.heads * ask.slots
  if (!ask.training) return float * rows * 2 * block
  if (recompute) return float * rows * (config.layers * config.hiddenSize + 2 * block)
  return float * rows * config.layers * block
}
