// The training loop: K optimizer steps in each run call. Between two calls the caller may stop it.

import type { MicroBatch } from '../contract/batch'
import { Fault } from '../contract/fault'
import { type MetricLine, tags } from '../contract/metrics'
import type { RunSpec } from '../contract/run-spec'
import { learningRates } from '../optimizer/schedule'
import { capitalised } from '../shared/names'
import type { BatchStream } from '../stream/source'
import type { Progress } from './checkpoint'
import { scalar } from './metrics-file'
import { firstNotFinite, type TrainState } from './state'
import { stepsPerCall, type Timing, timed } from './steps-per-call'
import type { Trainer } from './trainer'

export interface LoopState extends Omit<Progress, 'specHash'> {
  readonly state: TrainState
}

export interface MultiStep extends LoopState {
  readonly lines: readonly MetricLine[]
  /** see Advanced */
  readonly overflowRetries: number
}

interface Gathered {
  readonly steps: readonly (readonly MicroBatch[])[]
  readonly cursor: unknown
}

async function gather(stream: BatchStream, count: number, accumulation: number): Promise<Gathered> {
  const steps: MicroBatch[][] = []
  let cursor: unknown
  for (let k = 0; k < count; k++) {
    const micro: MicroBatch[] = []
    for (let a = 0; a < accumulation; a++) {
      const item = await stream.next()
      micro.push(item.batch)
      cursor = item.cursor
    }
    steps.push(micro)
  }
  return { steps, cursor }
}

/**
 * Run calls from `from` to the last step of the spec.
 * Faults: `diverged`, naming the first step whose loss, gradient or update is not finite; that run call is not part of any state.
 */
export async function* train(
  spec: RunSpec,
  trainer: Trainer,
  stream: BatchStream,
  from: LoopState,
): AsyncGenerator<MultiStep> {
  let now = from
  let timing: Timing = { step: 0, transfer: await trainer.transfer(from.state) }
  while (now.state.step < spec.training.steps) {
    const count = stepsPerCall(spec, now.state.step, timing)
    const began = performance.now()
    const { steps, cursor } = await gather(stream, count, spec.training.accumulation)
    const waited = performance.now() - began
    const rates = learningRates(spec.optimizer, now.state.step, count, spec.training.steps)
    const { state, ...found } = await trainer.advance(now.state, steps, rates)
    const seconds = (performance.now() - began) / 1000
    timing = timed(timing, seconds, count)
    const done = { ...found, steps, rates, seconds, waitShare: waited / 1000 / seconds }
    const lines = linesOf(now, done)
    const bad = lines.find(({ values }) => !isFine(values))
    const kept = now.state.step
    if (bad !== undefined) throw diverged(bad, spec, kept)
    const lost = firstNotFinite(state.parameters)
    if (lost !== undefined)
      throw leftNumbers(`after step ${state.step} the soft prompt holds ${lost}`, spec, kept)
    const last = lines[lines.length - 1]
    now = {
      state,
      stream: cursor,
      tokens: last?.tokens ?? now.tokens,
      seconds: now.seconds + seconds,
    }
    yield { ...now, lines, overflowRetries: found.overflowRetries ?? 0 }
  }
}

interface Done {
  readonly steps: readonly (readonly MicroBatch[])[]
  readonly rates: readonly number[]
  readonly losses: ArrayLike<number>
  readonly gradNorms: ArrayLike<number>
  readonly padding: ArrayLike<number>
  readonly seconds: number
  readonly waitShare: number
}

/** One line a step; the clock is shared out evenly over the run call. */
function linesOf(from: LoopState, done: Done): readonly MetricLine[] {
  const { steps, seconds } = done
  const perStep = seconds / steps.length
  const wall = Date.now()
  let tokens = from.tokens
  return steps.map((micro, k) => {
    const fresh = micro.reduce((n, b) => n + b.tokenCount, 0)
    tokens += fresh
    return {
      step: from.state.step + k + 1,
      wall: Math.round(wall - (steps.length - 1 - k) * perStep * 1000),
      seconds: from.seconds + (k + 1) * perStep,
      tokens,
      values: {
        [tags.loss]: scalar(done.losses[k] ?? Number.NaN),
        [tags.gradientNorm]: scalar(done.gradNorms[k] ?? Number.NaN),
        [tags.learningRate]: done.rates[k] ?? 0,
        [tags.tokenCount]: tokens,
        [tags.tokensPerSecond]: fresh / perStep,
        [tags.dataWait]: done.waitShare,
        [tags.padding]: done.padding[k] ?? 0,
        [tags.memory]: process.memoryUsage.rss(),
      },
    }
  })
}

const isFine = (values: MetricLine['values']): boolean =>
  Number.isFinite(values[tags.loss]) && Number.isFinite(values[tags.gradientNorm])

/** @param kept the last step whose state is finite, which the run keeps */
function diverged({ step, values }: MetricLine, spec: RunSpec, kept: number): Fault {
  const { precision, prompt } = spec
  const [loss, norm] = [values[tags.loss], values[tags.gradientNorm]]
  const what = `at step ${step} the loss is ${loss} and the gradient norm ${norm}`
  if (step === 1 && 'init' in prompt && prompt.init.kind === 'zero')
    return new Fault(
      'diverged',
      `${what}: rows of zeros have no finite gradient in a model that normalises them without biases`,
      'Start from rows of the vocabulary, with --init vocabulary.',
    )
  if (step === 1 && precision === 'float32')
    return new Fault(
      'diverged',
      `${what}, before anything was trained`,
      'Check the weights of the model, and the snapshot that the run starts from.',
    )
  return leftNumbers(what, spec, kept)
}

function leftNumbers(what: string, { precision }: RunSpec, kept: number): Fault {
  const wider =
    precision === 'float16' ? 'Choose precision bfloat16, whose range is that of float32, or ' : ''
  const anew =
    kept === 0
      ? 'start a new experiment from this run with a lower learning rate, or with clipping.'
      : `fork it from step ${kept} with a lower learning rate, or with clipping.`
  const fix = wider + anew
  return new Fault('diverged', what, capitalised(fix))
}
