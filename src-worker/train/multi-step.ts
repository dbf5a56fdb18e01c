// Training where the state must stay on the device: consecutive steps of equal sizes in one run call.
import { deviceLogitBytes } from '../contract/at-once'
import type { MicroBatch } from '../contract/batch'
import { fail } from '../contract/fault'
import { float32, type Tensors } from '../graph/tensor'
import { steadyLengthOf } from '../model/rope'
import { built } from '../program/built'
import { neededSlots } from '../program/chunks'
import { type BlockCounts, fieldFeeds } from '../program/feeds'
import { leveledSizes } from '../program/levels'
import { lossScales } from '../program/loss-scale'
import { inGroups } from '../program/merge'
import { type Sizes, sameSizes, sizesOf } from '../program/sizes'
import { trainProgram } from '../program/train'
import { correctionsOf, outputName } from '../program/update'
import type { Session } from '../session/runtime'
import { type Advanced, divisorsOf, type Engine, named, trainingSession, unnamed } from './engine'
import { isLarge, type TrainState } from './state'

type OptimizerStep = readonly MicroBatch[]

export async function advanceMultiStep(
  engine: Engine,
  state: TrainState,
  given: readonly OptimizerStep[],
  rates: readonly number[],
): Promise<Advanced> {
  const { mode, merged: size = 1 } = engine.options
  const steps = given.map(step => inGroups(step, divisorsOf(step, mode), size))
  const losses = new Float32Array(steps.length)
  const gradNorms = new Float32Array(steps.length)
  const padding = new Float32Array(steps.length)
  let now = state
  let done = 0
  let overflowRetries = 0
  while (done < steps.length) {
    const group = nextGroup(engine, steps.slice(done), isLarge(state.parameters))
    const { length } = group.steps
    const result = await runGroup(engine, now, group, rates.slice(done, done + length))
    losses.set(result.losses, done)
    gradNorms.set(result.gradNorms, done)
    padding.set(result.padding, done)
    now = result.state
    done += length
    overflowRetries += result.overflowRetries ?? 0
  }
  return { state: now, losses, gradNorms, padding, overflowRetries }
}

interface Group {
  readonly steps: readonly OptimizerStep[]
  readonly sizes: Sizes
}

/** How sizes are rounded up: in a run, whose lanes have a known length; else they are what the step needs. */
function sizesFor({ options, layout }: Engine, large: boolean): (step: OptimizerStep) => Sizes {
  const { laneLength: length, model } = options
  const { tokens, vocabulary } = layout
  const chunkBytes = deviceLogitBytes
  if (length === undefined) return step => sizesOf(step, vocabulary, 0, chunkBytes)
  const { ropes, learnedPositions = Number.POSITIVE_INFINITY } = model.config
  const mostSlots = Math.min(steadyLengthOf(ropes), learnedPositions)
  const levels = { length, tokens, vocabulary, mostSlots, whole: large, chunkBytes }
  return step => leveledSizes(step, levels)
}

/** The first steps whose arrays have the same sizes. */
function nextGroup(engine: Engine, steps: readonly OptimizerStep[], large: boolean): Group {
  const sizeOf = sizesFor(engine, large)
  const first = steps[0] ?? fail('no steps')
  const sizes = sizeOf(first)
  let count = 1
  while (count < steps.length) {
    const next = steps[count]!
    if (next.length !== first.length || !sameSizes(sizeOf(next), sizes)) break
    count++
  }
  return { steps: steps.slice(0, count), sizes }
}

async function runGroup(
  engine: Engine,
  now: TrainState,
  group: Group,
  rates: readonly number[],
): Promise<Advanced> {
  const { layout, gemm } = engine
  const { steps, sizes } = group
  const session = await multiStepSession(engine, engine.blocksFor(sizes.slots))
  // the weights are divided already
  const divisors = steps.flatMap(step => step.map(() => 1))
  const leading = [steps.length, steps[0]!.length]
  const feeds = {
    ...named('p', now.parameters),
    ...named('m', now.m),
    ...named('v', now.v),
    ...fieldFeeds(steps.flat(), divisors, leading, sizes, layout),
    ...rateFeeds(engine, now.step, rates),
    ...engine.common(sizes),
  }
  const { result, overflowRetries } =
    gemm === 'float16'
      ? await withinRange(session, feeds, steps.length)
      : { result: await session.run(feeds), overflowRetries: 0 }
  const part = (prefix: string) =>
    unnamed(result, now.parameters, name => outputName(`${prefix}.${name}`))
  return {
    state: { step: now.step + steps.length, parameters: part('p'), m: part('m'), v: part('v') },
    losses: result.losses!.data as Float32Array,
    gradNorms: result.gradNorms!.data as Float32Array,
    overflowRetries,
    padding: Float32Array.from(steps, step => paddingOf(step, sizes)),
  }
}

function paddingOf(step: OptimizerStep, { lanes, slots }: Sizes): number {
  const needed = step.reduce((n, batch) => n + neededSlots(batch), 0)
  return 1 - needed / (step.length * lanes * slots)
}

/** Runs K steps; as long as the gradient of one overflows, all again from the old state, that one with its next loss scale. */
async function withinRange(
  session: Session,
  feeds: Tensors,
  count: number,
): Promise<{ readonly result: Tensors; readonly overflowRetries: number }> {
  const tries = new Array<number>(count).fill(0)
  for (let overflowRetries = 0; ; overflowRetries++) {
    const lossScale = float32(
      [count],
      Float32Array.from(tries, t => lossScales[t]!),
    )
    const result = await session.run({ ...feeds, lossScale })
    const losses = result.losses!.data as Float32Array
    const gradNorms = result.gradNorms!.data as Float32Array
    const first = gradNorms.findIndex(norm => !Number.isFinite(norm))
    const hopeless =
      first < 0 || !Number.isFinite(losses[first]) || tries[first] === lossScales.length - 1
    if (hopeless) return { result, overflowRetries }
    tries[first]!++
  }
}

function multiStepSession(
  { options, sessions, gemm }: Engine,
  { whole: queryBlocks, window: windowBlocks = 1 }: BlockCounts,
): Promise<Session> {
  const { model, shape, optimizer, recompute = false } = options
  const { clipNorm } = optimizer
  const program = { adam: optimizer, clipNorm, queryBlocks, windowBlocks, recompute }
  return sessions.get(
    `multi-step/${queryBlocks}/${windowBlocks}`,
    () => built(model, gemm, m => trainProgram(m, shape, program), true),
    trainingSession(options),
  )
}

function rateFeeds({ options }: Engine, done: number, rates: readonly number[]): Tensors {
  const fixed = rates.map((_, k) => correctionsOf(options.optimizer, done + k + 1))
  const column = (values: readonly number[]) => float32([values.length], Float32Array.from(values))
  return {
    rate: column(rates),
    correction1: column(fixed.map(c => c[0])),
    correction2: column(fixed.map(c => c[1])),
  }
}
