// One frozen model and one kind of soft prompt: steps of training, evaluations of batches, prompt rows.
// State goes in and comes out; nothing of a run is kept here, only opened sessions.
import type { MicroBatch } from '../contract/batch'
import { Fault, fail } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { OptimizerSpec, Precision } from '../contract/run'
import type { Parameters, PromptShape } from '../contract/snapshot'
import { float32, type Tensors } from '../graph/tensor'
import { built, plain } from '../program/built'
import { evaluateProgram } from '../program/evaluate'
import { commonFeeds, fieldFeeds } from '../program/feeds'
import { gradientProgram } from '../program/gradient'
import { promptRowsProgram } from '../program/prompt-rows'
import { type Layout, type Sizes, sameSizes, sizesOf } from '../program/sizes'
import { correctionsOf, outputName, trainProgram } from '../program/train'
import type { Runtime, Session } from '../session/runtime'
import { lazySessions, type Sessions } from './sessions'
import { parameterCount, type TrainState } from './state'

export interface TrainerOptions {
  readonly runtime: Runtime
  readonly model: ModelFolder
  readonly shape: PromptShape
  readonly optimizer: Pick<OptimizerSpec, 'beta1' | 'beta2' | 'eps' | 'weightDecay' | 'clipNorm'>
  /** original: the mean of the micro-batches' means; weighted: Σ weight·nll / Σ divisor over the step */
  readonly mode: 'weighted' | 'original'
  readonly precision?: Precision
  /** compute the inside of blocks again in the backward pass: less memory, more time */
  readonly recompute?: boolean
  /** causal blocks of queries for lanes of so many slots */
  readonly queryBlocks?: (slots: number) => number
}

export interface Advanced {
  readonly state: TrainState
  /** one a step, before the step's change, in nats */
  readonly losses: Float32Array
  /** √Σg² before clipping */
  readonly gradNorms: Float32Array
}

export interface Evaluated {
  /** −log p of each labelled row, in nats */
  readonly nll: Float32Array
  /** Σ weight·nll / divisor */
  readonly loss: number
}

export interface Rows {
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
  /** No gradient; parameters may be empty when there is no prompt. */
  evaluate(parameters: Parameters, batch: MicroBatch): Promise<Evaluated>
  /** Loss and gradients at the parameters, nothing changed: to compare devices and references. */
  gradient(
    parameters: Parameters,
    batch: MicroBatch,
  ): Promise<{ readonly loss: number; readonly gradients: Parameters }>
  /** conditions: [lanes, C], empty when the prompt is unconditional */
  promptRows(parameters: Parameters, conditions: Float32Array, lanes: number): Promise<Rows>
  release(): Promise<void>
}

/** Bytes of parameters above which a state is updated in place, one step a run call. */
const largeState = 64e6

/** More blocks skip more invisible scores, but cost copies of keys: worth it from some 200 queries a block on. */
const defaultBlocks = (slots: number): number => Math.max(1, Math.min(8, Math.floor(slots / 192)))

interface Context {
  readonly options: TrainerOptions
  readonly sessions: Sessions
  readonly layout: Layout
  readonly gemm: 'float32' | 'bfloat16' | 'float16'
  readonly blocksFor: (slots: number) => number
  readonly commons: Map<string, Tensors>
}

/** @throws Fault 'bad-weights', 'device' */
export async function openTrainer(options: TrainerOptions): Promise<Trainer> {
  const { shape, model, runtime } = options
  const context: Context = {
    options,
    sessions: lazySessions(runtime),
    layout: {
      tokens: shape.tokens,
      conditions: shape.type === 'direct' ? 0 : shape.conditions,
      shared: shape.type === 'direct',
      vocabulary: model.config.vocabularySize,
    },
    gemm: gemmType(options),
    blocksFor: options.queryBlocks ?? defaultBlocks,
    commons: new Map(),
  }
  return {
    advance: (state, steps, rates) => advance(context, state, steps, rates),
    evaluate: (parameters, batch) => evaluate(context, parameters, batch),
    gradient: (parameters, batch) => gradient(context, parameters, batch),
    promptRows: (parameters, conditions, lanes) => rowsOf(context, parameters, conditions, lanes),
    release: () => context.sessions.release(),
  }
}

function gemmType({ precision = 'float32', runtime }: TrainerOptions): Context['gemm'] {
  if (precision === 'float32' || precision === 'tf32') return 'float32'
  if (runtime.device.kind === 'cuda') return precision
  throw new Fault(
    'device',
    `precision ${precision} needs a CUDA device, this run is on the CPU`,
    'Choose precision float32.',
  )
}

function commonOf(context: Context, slots: number, blocks: number): Tensors {
  const key = `${slots}/${blocks}`
  const known = context.commons.get(key)
  if (known !== undefined) return known
  const made = commonFeeds(context.options.model.config, slots, blocks)
  context.commons.set(key, made)
  return made
}

const named = (prefix: string, parameters: Parameters): Tensors =>
  Object.fromEntries(
    [...parameters].map(([name, { shape, data }]) => [`${prefix}.${name}`, float32(shape, data)]),
  )

async function advance(
  context: Context,
  state: TrainState,
  steps: readonly (readonly MicroBatch[])[],
  rates: readonly number[],
): Promise<Advanced> {
  if (context.layout.tokens === 0) fail('there is no prompt to train')
  const large = 4 * parameterCount(state.parameters) > largeState
  const losses = new Float32Array(steps.length)
  const gradNorms = new Float32Array(steps.length)
  let now = state
  let done = 0
  while (done < steps.length) {
    const group = nextGroup(context, steps.slice(done), large ? 1 : steps.length)
    const run = {
      context,
      now,
      ...group,
      rates: rates.slice(done, done + group.steps.length),
      large,
    }
    const result = await runGroup(run)
    losses.set(result.losses, done)
    gradNorms.set(result.gradNorms, done)
    now = result.state
    done += group.steps.length
  }
  return { state: now, losses, gradNorms }
}

interface Group {
  readonly steps: readonly (readonly MicroBatch[])[]
  readonly sizes: Sizes
}

/** The first steps whose arrays have the same sizes: one run call. */
function nextGroup(
  context: Context,
  steps: readonly (readonly MicroBatch[])[],
  most: number,
): Group {
  const sizes = (step: readonly MicroBatch[]): Sizes => sizesOf(step, context.layout.vocabulary)
  const first = steps[0] ?? fail('no steps')
  const wanted = sizes(first)
  let count = 1
  while (count < Math.min(most, steps.length)) {
    const next = steps[count]!
    if (next.length !== first.length || !sameSizes(sizes(next), wanted)) break
    count++
  }
  return { steps: steps.slice(0, count), sizes: wanted }
}

interface GroupRun extends Group {
  readonly context: Context
  readonly now: TrainState
  readonly rates: readonly number[]
  readonly large: boolean
}

async function runGroup({ context, now, steps, sizes, rates, large }: GroupRun): Promise<Advanced> {
  const { options, layout } = context
  const blocks = context.blocksFor(sizes.slots)
  const session = await trainSession(context, blocks, large)
  const micro = steps[0]!.length
  const divisors = steps.flatMap(step => divisorsOf(step, options.mode))
  const leading = large ? [micro] : [steps.length, micro]
  const state = { ...named('p', now.parameters), ...named('m', now.m), ...named('v', now.v) }
  const feeds = {
    ...state,
    ...fieldFeeds(steps.flat(), divisors, leading, sizes, layout),
    ...rateFeeds(options, now.step, rates, large),
    ...commonOf(context, sizes.slots, blocks),
  }
  const outputs = Object.fromEntries(
    Object.entries(state).map(([name, tensor]) => [outputName(name), tensor]),
  )
  const result = await session.run(feeds, large ? outputs : undefined)
  const part = (prefix: string, old: Parameters): Parameters =>
    new Map(
      [...old].map(([name, { shape }]) => {
        const data = result[outputName(`${prefix}.${name}`)]!.data as Float32Array
        return [name, { shape, data }]
      }),
    )
  return {
    state: {
      step: now.step + steps.length,
      parameters: part('p', now.parameters),
      m: part('m', now.m),
      v: part('v', now.v),
    },
    losses: result.losses!.data as Float32Array,
    gradNorms: result.gradNorms!.data as Float32Array,
  }
}

function trainSession(context: Context, blocks: number, large: boolean): Promise<Session> {
  const { model, shape, optimizer, recompute = false } = context.options
  return context.sessions.get(`train/${blocks}/${large}`, () =>
    built(model, context.gemm, m =>
      trainProgram(m, shape, {
        adam: optimizer,
        clipNorm: optimizer.clipNorm,
        steps: large ? 'one' : 'many',
        queryBlocks: blocks,
        recompute,
      }),
    ),
  )
}

/** What each micro-batch's weights are divided by, so that the step's loss is their sum. */
function divisorsOf(step: readonly MicroBatch[], mode: TrainerOptions['mode']): readonly number[] {
  if (mode === 'original') return step.map(b => (b.divisor || 1) * step.length)
  const total = step.reduce((sum, b) => sum + b.divisor, 0)
  return step.map(() => total || 1)
}

function rateFeeds(
  { optimizer }: TrainerOptions,
  done: number,
  rates: readonly number[],
  single: boolean,
): Tensors {
  const fixed = rates.map((_, k) => correctionsOf(optimizer, done + k + 1))
  const column = (values: readonly number[]) =>
    float32(single ? [] : [values.length], Float32Array.from(values))
  return {
    rate: column(rates),
    correction1: column(fixed.map(c => c[0])),
    correction2: column(fixed.map(c => c[1])),
  }
}

async function evaluate(
  context: Context,
  parameters: Parameters,
  batch: MicroBatch,
): Promise<Evaluated> {
  const { options, layout } = context
  const sizes = sizesOf([batch], layout.vocabulary)
  const blocks = context.blocksFor(sizes.slots)
  const session = await context.sessions.get(`evaluate/${blocks}`, () =>
    built(options.model, context.gemm, m =>
      evaluateProgram(m, options.shape, { queryBlocks: blocks, recompute: false }),
    ),
  )
  const { weights: _, ...fields } = fieldFeeds([batch], [1], [], sizes, layout)
  const feeds = {
    ...(layout.tokens === 0 ? {} : named('p', parameters)),
    ...fields,
    ...commonOf(context, sizes.slots, blocks),
  }
  const all = (await session.run(feeds)).nll!.data as Float32Array
  const nll = all.slice(0, batch.rows.length)
  const sum = nll.reduce((s, x, r) => s + x * batch.weights[r]!, 0)
  return { nll, loss: sum / (batch.divisor || 1) }
}

async function rowsOf(
  context: Context,
  parameters: Parameters,
  conditions: Float32Array,
  lanes: number,
): Promise<Rows> {
  const { shape } = context.options
  if (shape.type === 'direct') {
    const { shape: dims, data } = parameters.get('embedding') ?? fail('no embedding')
    return { dims, data }
  }
  const session = await context.sessions.get('rows', () => plain(promptRowsProgram(shape)))
  const feeds = {
    ...named('p', parameters),
    conditions: float32([lanes, shape.conditions], conditions),
  }
  const { rows } = await session.run(feeds)
  return { dims: rows!.dims, data: rows!.data as Float32Array }
}

async function gradient(context: Context, parameters: Parameters, batch: MicroBatch) {
  const { options, layout } = context
  const sizes = sizesOf([batch], layout.vocabulary)
  const blocks = context.blocksFor(sizes.slots)
  const { recompute = false } = options
  const session = await context.sessions.get(`gradient/${blocks}`, () =>
    built(options.model, context.gemm, m =>
      gradientProgram(m, options.shape, { queryBlocks: blocks, recompute }),
    ),
  )
  const divisors = divisorsOf([batch], options.mode)
  const result = await session.run({
    ...named('p', parameters),
    ...fieldFeeds([batch], divisors, [], sizes, layout),
    ...commonOf(context, sizes.slots, blocks),
  })
  const gradients: Parameters = new Map(
    [...parameters].map(([name, { shape }]) => {
      return [name, { shape, data: result[`g.${name}`]!.data as Float32Array }]
    }),
  )
  return { loss: Number(result.loss!.data[0]), gradients }
}
