// Bytes of a run from its shapes, before it starts. Calibrated on the CPU against the measured peak (VmHWM) of the
// 70m, 160m and SmolLM2-135M shapes, lanes of 144 to 1280 slots, packed and unpacked, and of whole runs.
import { logitBytes, manyParameters, slotsPerChunk, slotsPerTest } from '../contract/at-once'
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
  /** with the tokenizer, the data's thread and held-out tests; else the trainer alone */
  readonly wholeRun?: boolean
  readonly device?: 'cpu' | 'cuda'
  /** weights packed for the matrix kernels, once for each direction; by default on the CPU while the copies are small */
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
/** The tokenizer and the thread that reads the data. */
const dataSide = 130e6
/** Packed copies of more than this are not worth it: they save a tenth of the time at most, and cost twice the weights. */
const worthPacking = 400e6
/** Memory that the system maps around one row of a table that is read from its file. */
const mappedAround = 48e3
/** Room of the packed layout over the plain one, measured. */
const packing = 0.95
/** Share of the scores that stay, transient copies counted in. */
const keptScores = 0.85
/** Logits and their exponentials in one chunk of rows. */
const logitChunks = 2 * logitBytes
/** A block that may not be asked for inside Electron 25, with room for rounding. */
const largestBlock = 0.7 * 2 ** 30
/** More than this is given to a process of its own: what it holds at the end is given back then. */
const largestTotal = 1.5 * 2 ** 30

export function planMemory(ask: MemoryAsk): MemoryPlan {
  const {
    parameters,
    training,
    device = 'cpu',
    prepack = device === 'cpu' && packedBytes(ask) <= worthPacking,
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
  const beside = ask.wholeRun === true ? dataSide : 0
  const total = base + beside + weightsBytes + activationBytes + logitsBytes + optimizerBytes
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

/** The matrices that products use: those of the blocks, and the head. */
function usedMatrices(ask: MemoryAsk): number {
  const { config } = ask.model
  const table = tableSize(config)
  return allWeights(ask) - (config.tiedHead ? 0 : table)
}

const packedBytes = (ask: MemoryAsk): number =>
  float * packing * (ask.training ? 2 : 1) * usedMatrices(ask)

/**
 * Packed or widened copies, and mapped pages of what stays in use: a head, because the loss gathers its labels' rows,
 * and the rows of the embedding that the batches touch.
 */
function hostWeights(ask: MemoryAsk, prepack: boolean): number {
  const { config, tensors } = ask.model
  const matrix = [...tensors.values()].find(t => t.shape.length === 2)
  const stored = matrix === undefined ? float : matrix.length / elements(matrix.shape)
  const table = stored * tableSize(config)
  const touched = ask.wholeRun === true ? table : ask.lanes * ask.slots * mappedAround
  const embedding = config.tiedHead ? 0 : Math.min(table, (touched * stored) / float)
  if (prepack) return packedBytes(ask) + table + embedding
  const widened = stored === float ? 0 : table
  return float * usedMatrices(ask) + widened + embedding
}

const deviceWeights = (ask: MemoryAsk): number => float * allWeights(ask)

function slotsAtOnce({ lanes, slots, parameters, training, device = 'cpu' }: MemoryAsk): number {
  if (device === 'cuda') return lanes * slots
  if (training && parameters > manyParameters) return lanes * slots
  return slots * Math.max(1, Math.min(lanes, Math.floor(slotsPerChunk / slots)))
}

/** Numbers that a slot keeps in one block for the backward pass, scores apart. */
function keptPerSlot(config: ModelConfig): number {
  const { hiddenSize: h, mlpSize, mlpMatrices, heads, kvHeads, headDim } = config
  if (mlpMatrices === 2) return 3 * h + 2 * (heads + kvHeads) * headDim + mlpSize
  return 2 * h + 2 * (heads + kvHeads) * headDim + 2 * mlpSize
}

function activations(ask: MemoryAsk, recompute: boolean): number {
  const { config } = ask.model
  const rows = slotsAtOnce(ask)
  const block = keptPerSlot(config) + keptScores * config.heads * ask.slots
  const forwardOnly = (slots: number): number => float * slots * 2 * block
  if (!ask.training) return forwardOnly(rows)
  const tests =
    ask.wholeRun === true ? forwardOnly(Math.min(slotsPerTest, ask.lanes * ask.slots)) : 0
  if (recompute) return float * rows * (config.layers * config.hiddenSize + 2 * block) + tests
  return float * rows * config.layers * block + tests
}
