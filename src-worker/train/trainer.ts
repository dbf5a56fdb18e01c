// One frozen model and one kind of soft prompt: steps of training, evaluations of batches, prompt rows.
// State goes in and comes out; nothing of a run is kept here, only opened sessions.

import { slotsPerTest } from '../contract/at-once'
import type { MicroBatch } from '../contract/batch'
import { fail } from '../contract/fault'
import type { Parameters } from '../contract/snapshot'
import { float32 } from '../graph/tensor'
import { steadyLengthOf } from '../model/rope'
import { built, plain } from '../program/built'
import { chunksOf } from '../program/chunks'
import { evaluateProgram } from '../program/evaluate'
import { fieldFeeds } from '../program/feeds'
import { promptRowsProgram } from '../program/prompt-rows'
import { sizesOf } from '../program/sizes'
import { transferProgram } from '../program/transfer'
import { conditionCount } from '../prompt/rows'
import { advanceByChunks, gradientsOf } from './chunks'
import {
  type Advanced,
  blockCounter,
  commonMaker,
  type Engine,
  evaluationSession,
  type GemmType,
  named,
  scratchMaker,
  type TrainerOptions,
} from './engine'
import { advanceMultiStep } from './multi-step'
import { lazySessions } from './sessions'
import { initialState, isLarge, type TrainState } from './state'

export interface Evaluated {
  /** −log p of each labelled row, in nats */
  readonly nll: Float32Array
  /** Σ weight·nll / divisor */
  readonly loss: number
}

export interface PromptRows {
  /** [P, H] when shared by the lanes, else [B, P, H] */
  readonly dims: readonly number[]
  readonly data: Float32Array
}

export interface Trainer {
  /**
   * Optimizer steps, each of the given micro-batches, at the given learning rates.
   * States above 64 MB are updated in place: then `state` is used up. Fault 'memory', 'engine'.
   */
  advance(
    state: TrainState,
    steps: readonly (readonly MicroBatch[])[],
    rates: readonly number[],
  ): Promise<Advanced>
  /** Seconds that a run call of `advance` spends on moving the state to the device and back. */
  transfer(state: TrainState): Promise<number>
  /** No gradient; parameters may be empty when there is no prompt. */
  evaluate(parameters: Parameters, batch: MicroBatch): Promise<Evaluated>
  /** Loss and gradients at the parameters, nothing changed: to compare devices and references. */
  gradient(
    parameters: Parameters,
    batch: MicroBatch,
  ): Promise<{ readonly loss: number; readonly gradients: Parameters }>
  /** Closes the sessions of the other part; they open again when they are needed. Each has its own copy of the weights. */
  only(part: 'training' | 'tests'): Promise<void>
  /** conditions: [lanes, C], empty when the prompt is unconditional */
  promptRows(parameters: Parameters, conditions: Float32Array, lanes: number): Promise<PromptRows>
  release(): Promise<void>
}

/** @throws Fault 'bad-weights', 'device' */
export async function openTrainer(options: TrainerOptions): Promise<Trainer> {
  const { shape, model, runtime } = options
  const blocksFor = blockCounter(model, options.queryBlocks)
  const engine: Engine = {
    options,
    sessions: lazySessions(runtime),
    layout: {
      tokens: shape.tokens,
      conditions: conditionCount(shape),
      shared: conditionCount(shape) === 0,
      vocabulary: model.config.vocabularySize,
    },
    gemm: gemmType(options),
    blocksFor,
    common: commonMaker(options, blocksFor),
    scratch: scratchMaker(),
  }
  const { strategy = runtime.device.kind === 'cpu' ? 'chunks' : 'multi-step' } = options
  const advance = strategy === 'chunks' ? advanceByChunks : advanceMultiStep
  return {
    advance: async (state, steps, rates) =>
      shape.tokens === 0
        ? fail('there is no prompt to train')
        : advance(engine, state, steps, rates),
    transfer: async state => (strategy === 'chunks' ? 0 : transferTime(engine, state)),
    evaluate: (parameters, batch) => evaluate(engine, parameters, batch),
    gradient: (parameters, batch) => gradient(engine, parameters, batch),
    only: part => engine.sessions.keep(key => isTest(key) === (part === 'tests')),
    promptRows: (parameters, conditions, lanes) => rowsOf(engine, parameters, conditions, lanes),
    release: () => engine.sessions.release(),
  }
}

const isTest = (key: string): boolean => key.startsWith('evaluate/')

/** TF32 is a way to compute float32 products, and a matter of the process (session/products.ts). */
const gemmType = ({ precision = 'float32' }: TrainerOptions): GemmType =>
  precision === 'tf32' ? 'float32' : precision

/** Lanes are cut into chunks here too: sorted by length, nothing behind the last label. */
async function evaluate(
  engine: Engine,
  parameters: Parameters,
  batch: MicroBatch,
): Promise<Evaluated> {
  const steady = steadyLengthOf(engine.options.model.config.ropes)
  const cut = { slotsPerChunk: slotsPerTest, regroup: true, prefixes: false, steady }
  const nll = new Float32Array(batch.rows.length)
  for (const chunk of chunksOf([batch], [1], cut)) {
    const found = await nllOf(engine, parameters, chunk.batch)
    chunk.rowIndex.forEach((row, i) => {
      nll[row] = found[i]!
    })
  }
  const sum = nll.reduce((s, x, r) => s + x * batch.weights[r]!, 0)
  return { nll, loss: sum / (batch.divisor || 1) }
}

async function nllOf(
  engine: Engine,
  parameters: Parameters,
  batch: MicroBatch,
): Promise<Float32Array> {
  const { options, layout, gemm } = engine
  const sizes = sizesOf([batch], layout.vocabulary)
  const blocks = engine.blocksFor(sizes.slots)
  const { whole: queryBlocks, window: windowBlocks = 1 } = blocks
  const program = { queryBlocks, windowBlocks, recompute: false }
  const session = await engine.sessions.get(
    `evaluate/${queryBlocks}/${windowBlocks}`,
    () => built(options.model, gemm, m => evaluateProgram(m, options.shape, program)),
    evaluationSession,
  )
  const { weights: _, ...fields } = fieldFeeds([batch], [1], [], sizes, layout)
  const { nll } = await session.run({
    ...(layout.tokens > 0 && named('p', parameters)),
    ...fields,
    ...engine.common(sizes),
  })
  return nll!.data as Float32Array
}

async function rowsOf(
  engine: Engine,
  parameters: Parameters,
  conditions: Float32Array,
  lanes: number,
): Promise<PromptRows> {
  const { shape } = engine.options
  if (shape.type === 'direct') {
    const { shape: dims, data } = parameters.get('embedding') ?? fail('no embedding')
    return { dims, data }
  }
  const session = await engine.sessions.get('rows', () => plain(promptRowsProgram(shape)))
  const count = conditionCount(shape)
  const feeds = {
    ...named('p', parameters),
    ...(count > 0 && { conditions: float32([lanes, count], conditions) }),
  }
  const { rows } = await session.run(feeds)
  return { dims: rows!.dims, data: rows!.data as Float32Array }
}

async function gradient(engine: Engine, parameters: Parameters, batch: MicroBatch) {
  const gradients = initialState(parameters).m
  const { loss } = await gradientsOf(engine, parameters, [batch], gradients)
  return { loss, gradients }
}

/** Seconds; 0 for a state so small that it does not count. */
export async function transferTime(
  { options, sessions }: Engine,
  { parameters, m, v }: TrainState,
): Promise<number> {
  if (!isLarge(parameters)) return 0
  const session = await sessions.get('transfer', () => plain(transferProgram(options.shape)))
  const feeds = {
    ...named('p', parameters),
    ...named('m', m),
    ...named('v', v),
    one: float32([], Float32Array.of(1)),
  }
  // the first makes room on the device
  await session.run(feeds)
  const began = performance.now()
  await session.run(feeds)
  const seconds = (performance.now() - began) / 1000
  await sessions.drop('transfer')
  return seconds
}
