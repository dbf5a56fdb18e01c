// Bytes of a run before it starts: weights and state by their shapes, the rest counted on the programs that will run
// (program/held-bytes.ts).
// A whole run is as large as the largest of its parts: training, tests and samples each have their sessions.
import {
  deviceLogitBytes,
  logitBytes,
  manyParameters,
  slotsPerChunk,
  slotsPerTest,
} from '../contract/at-once'
import { elements } from '../contract/dims'
import { blockOf, type ModelConfig, type ModelFolder } from '../contract/model'
import type { Precision, Weights } from '../contract/run-spec'
import type { PromptShape } from '../contract/snapshot'
import { deviceBytes, deviceTotal, heldBytes } from '../program/held-bytes'
import { numbersAtOnce } from '../weights/quantised'
import { blockCounter } from './engine'

export interface MemoryAsk {
  readonly model: ModelFolder
  /** numbers trained */
  readonly parameters: number
  /** of a lane's slots those that are soft prompt */
  readonly promptTokens?: number
  /** what computes the prompt; on CUDA its numbers count as the programs hold them. Default: a direct prompt */
  readonly shape?: PromptShape
  /** numbers of a prompt that are part of its program, in bytes: a projection */
  readonly constantBytes?: number
  /** lanes of one micro-batch */
  readonly lanes: number
  /** tokens and soft prompt of a lane */
  readonly slots: number
  /** false: evaluation only */
  readonly training: boolean
  /** with the tokenizer, the data's thread and held-out tests; else the trainer alone */
  readonly wholeRun?: boolean
  readonly device?: 'cpu' | 'cuda'
  /** of matrix products on a GPU; default float32 */
  readonly precision?: Precision
  /** how the matrices of the blocks are kept; default full */
  readonly weights?: Weights
  /** there are tests between the steps, with a session of their own */
  readonly tests?: boolean
  /** training's session is closed for each of them */
  readonly testsApart?: boolean
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
  readonly testsApart: boolean
  /** where a CPU run must live: a large block kills an Electron process (DESIGN.md §6) */
  readonly host: 'thread' | 'process'
}

const float = 4
/** The program, its libraries and the garbage of the feeds: 127 MB of full weights, 170 of few bits, seen. */
const base = 150e6
/** Making matrices in few bits, when the model is first opened: what was read and written at once stays with the process. */
const quantisingBytes = 2 * 4 * numbersAtOnce
/** Blocks that are computed again hold some of their inside twice: 5 to 15 % were seen. */
const recomputeOverhead = 1.1
/** The tokenizer and the thread that reads the data. */
const dataSide = 130e6
/** Packed copies of more than this are not worth it: they save a tenth of the time at most, and cost twice the weights. */
const worthPacking = 400e6
/** Memory that the system maps around one row of a table that is read from its file: 70 to 100 kB seen, more where files are cached in large pieces. */
const mappedAround = 110e3
/** Room of the packed layout over the plain one, measured. */
const packing = 0.95
/** Logits and their exponentials in one chunk of rows. */
const logitChunks = 2 * logitBytes
/** A block that may not be asked for inside Electron 25, with room for rounding. */
const largestBlock = 0.7 * 2 ** 30
/** More than this is given to a process of its own: what it holds at the end is given back then. */
const largestTotal = 1.5 * 2 ** 30

export function planMemory(ask: MemoryAsk): MemoryPlan {
  return ask.device === 'cuda' ? planOnDevice(ask) : planOnHost(ask)
}

function planOnHost(ask: MemoryAsk): MemoryPlan {
  const { parameters, training, recompute = false, wholeRun = false } = ask
  // who keeps weights in few bits wants little memory: no second copy of anything
  const lean = inFewBits(ask) !== undefined
  const { testsApart = lean, prepack = !lean && packedBytes(ask) <= worthPacking } = ask
  const { constantBytes = 0 } = ask
  const weightsBytes = hostWeights(ask, prepack) + constantBytes
  const computing = computedAtOnce(ask, recompute) * (recompute ? recomputeOverhead : 1)
  const logitsBytes = Math.min(computing, logitsAtOnce(ask))
  // state and gradients; a large state is handed out as a copy after each update
  const copies = parameters > manyParameters ? 3 : 0
  const optimizerBytes = float * parameters * (training ? 4 + copies : 1)
  // weights are not packed for tests
  const test = wholeRun ? hostWeights(ask, false) + constantBytes + testedAtOnce(ask) : 0
  const step = weightsBytes + computing
  const beside = ask.tests === true && !testsApart && training
  const most = beside ? step + test : Math.max(step, test)
  const total =
    base + (lean ? quantisingBytes : 0) + (wholeRun ? dataSide : 0) + most + optimizerBytes
  const activationBytes = computing - logitsBytes
  const large = Math.max(activationBytes, float * parameters) > largestBlock || total > largestTotal
  return {
    ...{ weightsBytes, activationBytes, logitsBytes, optimizerBytes, totalBytes: total },
    ...{ prepack, recompute, testsApart },
    host: large ? 'process' : 'thread',
  }
}

/** Of the device's memory; sampling is in float32, and counted as a test of one lane. */
function planOnDevice(ask: MemoryAsk): MemoryPlan {
  const { recompute = false, testsApart = false, wholeRun = false, precision = 'float32' } = ask
  const { model, parameters, lanes, slots, training, constantBytes = 0 } = ask
  const gemm = precision === 'tf32' ? 'float32' : precision
  const blocks = blockCounter(model)(slots)
  const shape = laidShape(ask)
  const common = { model, shape, slots, blocks, precision: gemm, recompute } as const
  const main = deviceBytes({ ...common, lanes, training: training && shape.tokens > 0 })
  const forward = { ...common, recompute: false, training: false }
  const test = deviceTotal({ ...forward, lanes: lanesWithin(ask, slotsPerTest) })
  const sample = deviceTotal({ ...forward, lanes: 1, precision: 'float32' })
  const most = main.weights + main.arena
  const beside = ask.tests === true && !testsApart && training
  const others = wholeRun ? Math.max(test, sample) : 0
  const row = float * model.config.vocabularySize
  const logitsBytes = Math.min(main.arena, deviceLogitBytes, lanes * slots * row)
  const state = float * parameters * (training ? 4 : 1)
  const optimizerBytes = Math.min(main.arena - logitsBytes, state)
  return {
    weightsBytes: main.weights + constantBytes,
    ...{ logitsBytes, optimizerBytes },
    activationBytes: main.arena - logitsBytes - optimizerBytes,
    totalBytes: constantBytes + Math.max(beside ? most + test : most, others),
    ...{ prepack: false, recompute, testsApart, host: 'thread' },
  }
}

/** A projection is large: it is counted by its bytes, not made. */
function laidShape({ shape, model, promptTokens = 0 }: MemoryAsk): PromptShape {
  if (shape !== undefined && shape.type !== 'subspace') return shape
  return { type: 'direct', tokens: promptTokens, width: model.config.hiddenSize }
}

/** From the fastest to the smallest. */
const trades = (ask: MemoryAsk): readonly Partial<MemoryAsk>[] => {
  const apart = { testsApart: true }
  if (ask.device === 'cuda') return [{}, apart, { ...apart, recompute: true }]
  const plain = { prepack: false }
  const smaller = [
    { ...plain, ...apart },
    { ...plain, ...apart, recompute: true },
  ]
  return inFewBits(ask) === undefined ? [{}, plain, ...smaller] : smaller
}

/** The fastest trade that fits; undefined: none does. */
export function fittingPlan(ask: MemoryAsk, freeBytes: number): MemoryPlan | undefined {
  return trades(ask)
    .map(trade => planMemory({ ...ask, ...trade }))
    .find(plan => plan.totalBytes <= freeBytes)
}

/** Shapes of all weights, wherever they are kept. */
const shapesOf = ({ model: { tensors, quantised } }: MemoryAsk): readonly (readonly number[])[] =>
  [...tensors.values(), ...(quantised?.matrices.values() ?? [])].map(({ shape }) => shape)

const allWeights = (ask: MemoryAsk): number =>
  shapesOf(ask).reduce((n, shape) => n + elements(shape), 0)

/** Bytes of a number in the blocks' matrices, its share of a scale counted in. */
const inFewBits = ({ weights = 'full' }: MemoryAsk): number | undefined =>
  weights === 'full' ? undefined : (weights === 'int8' ? 1 : 1 / 2) + float / blockOf[weights]

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
  const perNumber = inFewBits(ask)
  if (perNumber !== undefined) {
    const head = tableSize(config)
    const largest = Math.max(
      ...shapesOf(ask)
        .map(elements)
        .filter(n => n !== head),
    )
    // one matrix is written out for a product while the one before is still held; counted where its program is known
    const written = ask.model.quantised === undefined ? 2 * float * largest : 0
    return perNumber * (usedMatrices(ask) - head) + float * head + written + embedding
  }
  if (prepack) return packedBytes(ask) + table + embedding
  const widened = stored === float ? 0 : table
  return float * usedMatrices(ask) + widened + embedding
}

/** Lanes that are computed at once, of so many slots together. Nothing is computed of a lane's last slot: it is only a label. */
const lanesWithin = ({ lanes, slots }: MemoryAsk, most: number): number =>
  Math.max(1, Math.min(lanes, Math.floor(most / Math.max(1, slots - 1))))

/** A large state is trained by whole micro-batches. */
const lanesAtOnce = (ask: MemoryAsk): number =>
  ask.training && ask.parameters > manyParameters ? ask.lanes : lanesWithin(ask, slotsPerChunk)

function logitsAtOnce(ask: MemoryAsk): number {
  const row = 2 * float * ask.model.config.vocabularySize
  return Math.max(Math.min(logitChunks, lanesAtOnce(ask) * ask.slots * row), row)
}

type Passes = Readonly<Record<'training' | 'recompute', boolean>> & { readonly lanes: number }

function held({ model, slots, promptTokens = 0 }: MemoryAsk, passes: Passes): number {
  const training = passes.training && promptTokens > 0
  const blocks = blockCounter(model)(slots)
  return heldBytes({ model, slots, promptTokens, blocks, ...passes, training })
}

const computedAtOnce = (ask: MemoryAsk, recompute: boolean): number =>
  held(ask, { lanes: lanesAtOnce(ask), training: ask.training, recompute })

const testedAtOnce = (ask: MemoryAsk): number =>
  held(ask, { lanes: lanesWithin(ask, slotsPerTest), training: false, recompute: false })
