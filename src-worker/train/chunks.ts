// Training on the CPU: a run call for each micro-batch, of sizes of its own, and one for each update.
// Gradients are summed in place; a large state is updated in place too.
import { slotsPerChunk } from '../contract/at-once'
import type { MicroBatch } from '../contract/batch'
import type { Parameters } from '../contract/snapshot'
import { float32, type Tensors } from '../graph/tensor'
import { steadyLengthOf } from '../model/rope'
import { built, plain } from '../program/built'
import { type Chunk, chunksOf, neededSlots } from '../program/chunks'
import { fieldFeeds } from '../program/feeds'
import { gradientProgram } from '../program/gradient'
import { lossScales } from '../program/loss-scale'
import { type Sizes, sizesOf } from '../program/sizes'
import { correctionsOf, outputName, updateDims, updateProgram } from '../program/update'
import { type Advanced, divisorsOf, type Engine, named, trainingSession, unnamed } from './engine'
import { isLarge, parameterCount, type TrainState } from './state'

/** Bytes of parameters above which a state is updated in place. */
const largeState = 64e6

export async function advanceByChunks(
  engine: Engine,
  state: TrainState,
  steps: readonly (readonly MicroBatch[])[],
  rates: readonly number[],
): Promise<Advanced> {
  const losses = new Float32Array(steps.length)
  const gradNorms = new Float32Array(steps.length)
  const padding = new Float32Array(steps.length)
  const sums = engine.scratch(state.parameters)
  let now = state
  for (const [k, step] of steps.entries()) {
    const found = await gradientsOf(engine, now.parameters, step, sums)
    losses[k] = found.loss
    padding[k] = found.padding
    const result = await updated(engine, now, sums, rates[k]!)
    gradNorms[k] = result.gradNorm
    now = result.state
  }
  return { state: now, losses, gradNorms, padding }
}

/** The loss of a step, and its share of padding; its gradients are left in `sums`. */
export async function gradientsOf(
  engine: Engine,
  parameters: Parameters,
  step: readonly MicroBatch[],
  sums: Parameters,
): Promise<{ readonly loss: number; readonly padding: number }> {
  const divisors = divisorsOf(step, engine.options.mode)
  // summing the gradients of a large state is not cheap: then chunks are micro-batches
  const regroup = !isLarge(parameters)
  const steady = steadyLengthOf(engine.options.model.config.ropes)
  const chunks = chunksOf(step, divisors, { slotsPerChunk, regroup, prefixes: true, steady })
  const accumulate = regroup || step.length > 1
  const tries = engine.gemm === 'float16' ? lossScales : lossScales.slice(0, 1)
  let loss = 0
  for (const lossScale of tries) {
    if (accumulate || chunks.length === 0) for (const { data } of sums.values()) data.fill(0)
    loss = 0
    const into = { sums, accumulate, lossScale }
    for (const chunk of chunks) loss += await lossOf(engine, parameters, chunk, into)
    if (tries.length === 1 || !Number.isFinite(loss) || areFinite(sums)) break
  }
  return { loss, padding: paddingOf(chunks) }
}

function paddingOf(chunks: readonly Chunk[]): number {
  const computed = chunks.reduce((n, { batch }) => n + batch.lanes * batch.slotsPerLane, 0)
  const needed = chunks.reduce((n, { batch }) => n + neededSlots(batch), 0)
  return computed === 0 ? 0 : 1 - needed / computed
}

const areFinite = (sums: Parameters): boolean =>
  [...sums.values()].every(({ data }) => data.every(Number.isFinite))

interface Into {
  readonly sums: Parameters
  /** add to the sums, or overwrite them */
  readonly accumulate: boolean
  /** for float16 products (program/loss-scale.ts) */
  readonly lossScale: number
}

/** Loss of one chunk; its gradients go into the sums. */
async function lossOf(
  engine: Engine,
  parameters: Parameters,
  { batch, prefix }: Chunk,
  into: Into,
): Promise<number> {
  const { layout } = engine
  const sizes = sizesOf([batch], layout.vocabulary, prefix)
  const { session, prefixed } = await gradientSession(engine, sizes, into.accumulate)
  const feeds: Tensors = {
    ...named('p', parameters),
    ...(into.accumulate && named('s', into.sums)),
    ...(engine.gemm === 'float16' && { lossScale: float32([], Float32Array.of(into.lossScale)) }),
    ...fieldFeeds([batch], [1], [], sizes, { ...layout, prefixed }),
    ...engine.common(sizes, prefixed),
  }
  const { loss } = await session.run(feeds, named('g', into.sums))
  return Number(loss!.data[0])
}

/**
 * Once a chunk had a prefix, one program serves all, an empty prefix included (the results are the same, bit for bit):
 * two would hold two packed copies of the weights.
 */
async function gradientSession(engine: Engine, sizes: Sizes, accumulate: boolean) {
  const { options, sessions, gemm } = engine
  const { model, shape, recompute = false, firstBlockWhole = false } = options
  const blocks = engine.blocksFor(sizes.slots)
  const { whole: queryBlocks, window: windowBlocks = 1 } = blocks
  const key = (withPrefix: boolean): string =>
    `gradient/${queryBlocks}/${windowBlocks}/${accumulate}/${withPrefix}`
  const prefixed = sizes.prefix > 0 || sessions.has(key(true))
  if (prefixed) await sessions.drop(key(false))
  const cut = { queryBlocks, windowBlocks }
  const program = { ...cut, recompute, firstBlockWhole, accumulate, prefixed }
  const session = await sessions.get(
    key(prefixed),
    () => built(model, gemm, m => gradientProgram(m, shape, program)),
    trainingSession(options),
  )
  return { session, prefixed }
}

async function updated(
  { options, sessions }: Engine,
  now: TrainState,
  gradients: Parameters,
  rate: number,
): Promise<{ readonly state: TrainState; readonly gradNorm: number }> {
  const { shape, optimizer } = options
  const { clipNorm } = optimizer
  const session = await sessions.get('update', () =>
    plain(updateProgram(shape, { adam: optimizer, clipNorm })),
  )
  const [correction1, correction2] = correctionsOf(optimizer, now.step + 1)
  const scalar = (value: number) => float32([], Float32Array.of(value))
  const state: Tensors = {
    ...named('p', now.parameters, updateDims),
    ...named('m', now.m, updateDims),
    ...named('v', now.v, updateDims),
  }
  const feeds = {
    ...state,
    ...named('g', gradients, updateDims),
    rate: scalar(rate),
    correction1: scalar(correction1),
    correction2: scalar(correction2),
  }
  const inPlace = 4 * parameterCount(now.parameters) > largeState
  const outputs = Object.fromEntries(
    Object.entries(state).map(([name, tensor]) => [outputName(name), tensor]),
  )
  const result = await session.run(feeds, inPlace ? outputs : undefined)
  const part = (prefix: string) =>
    unnamed(result, now.parameters, name => outputName(`${prefix}.${name}`))
  return {
    state: { step: now.step + 1, parameters: part('p'), m: part('m'), v: part('v') },
    gradNorm: Number(result.gradNorm!.data[0]),
  }
}
