// reference/trajectories: optimizer steps of several micro-batches, as the original trains.
import { join } from 'node:path'
import type { MicroBatch } from '../contract/batch'
import type { Parameters, PromptShape } from '../contract/snapshot'
import { fromStateDict } from '../prompt/state-dict'
import { initialState, type TrainState } from '../train/state'
import { openTrainer, type Trainer } from '../train/trainer'
import { measured, part, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import {
  type Golden,
  joined,
  largestDifference,
  limitOf,
  modelNamed,
  openGolden,
  readJson,
  relativeError,
} from './golden'
import { promptedBatch } from './prompted-batch'
import { shapeOfSeed, stateDict } from './soft-prompts'

const check = 'trajectories'
/** Absolute: losses and parameters, those after 60 steps at a rate of 1e-3. Relative: the others. */
const limits = {
  loss: 5e-5,
  parameters: 5e-5,
  change: 1e-3,
  norm: 1e-3,
  early: 1e-5,
  moments: 1e-3,
}

interface TrajectoryCase {
  readonly model: string
  readonly case: string
  readonly tensor_file: string
  readonly type: string
  readonly seed_metadata: Readonly<Record<string, number>>
  readonly batch_lanes_per_micro_batch: number
  readonly accumulation_steps: number
  readonly optimizer_steps: number
  readonly learning_rate: number
  readonly weight_decay: number
  readonly betas: readonly [number, number]
  readonly epsilon: number
  readonly pad_token_id: number
  readonly float32_deviation?: {
    readonly loss_abs?: number
    readonly final_abs?: number
    readonly final_rel_of_change?: number
  }
}

const kinds: Readonly<Record<string, string>> = {
  DirectSoftPrompt: 'direct',
  LinearSoftPrompt: 'linear',
  MLPSoftPrompt: 'mlp',
  ResnetSoftPrompt: 'resnet',
  SharedResnetSoftPrompt: 'shared_resnet',
}

export async function* verifyTrajectories(
  context: VerifyContext,
): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, check)
  const { cases } = await readJson<{ cases: readonly TrajectoryCase[] }>(
    folder,
    'trajectories.json',
  )
  const device = await deviceOf(context)
  for (const c of cases) yield* part(check, titleOf(c), trajectoryCase(context, device, folder, c))
}

const titleOf = (c: TrajectoryCase): string => `${c.model} ${c.case}`

/** Steps after which the parameters are kept: after10_64.embedding → 10. */
function keptSteps(golden: Golden): readonly number[] {
  const found = golden.names.map(name => Number(/^after(\d+)_64\./.exec(name)?.[1] ?? 0))
  return [...new Set(found)].filter(step => step > 0).sort((a, b) => a - b)
}

async function* trajectoryCase(
  context: VerifyContext,
  device: VerifyDevice,
  folder: string,
  c: TrajectoryCase,
): AsyncGenerator<VerifyCase, void> {
  const golden = await openGolden(folder, c.tensor_file)
  const shape = shapeOfSeed(kinds[c.type] ?? c.type, c.seed_metadata)
  const [beta1, beta2] = c.betas
  const trainer = await openTrainer({
    runtime: device.runtime,
    model: await modelNamed(context, c.model),
    shape,
    optimizer: { beta1, beta2, eps: c.epsilon, weightDecay: c.weight_decay, clipNorm: 0 },
    mode: 'original',
  })
  try {
    const steps = await stepsOf(golden, c, shape.tokens)
    const initial = fromStateDict(shape, await stateDict(golden, 'initial.'))
    const kept = keptSteps(golden).filter(step => step < steps.length)
    const run = await trained(trainer, initial, steps, { rate: c.learning_rate, kept })
    yield* comparisons({ golden, shape, c, slack: device.slack }, flat(initial), run)
  } finally {
    await trainer.release()
  }
}

interface Setting {
  readonly golden: Golden
  readonly shape: PromptShape
  readonly c: TrajectoryCase
  readonly slack: number
}

async function* comparisons(
  { golden, shape, c, slack }: Setting,
  start: Float64Array,
  run: Trained,
): AsyncGenerator<VerifyCase, void> {
  const one = (what: string, limit: number, error: () => Promise<number>): Promise<VerifyCase> =>
    measured(check, `${titleOf(c)} ${what}`, limit * slack, error)
  const expected = async (prefix: string): Promise<Float64Array> =>
    flat(fromStateDict(shape, await stateDict(golden, prefix)))
  const deviation = c.float32_deviation ?? {}
  // an error of a step is a share of the rate, and errors add up
  const steeper = Math.max(1, c.learning_rate / 1e-3)
  const farther = Math.max(1, (c.learning_rate * c.optimizer_steps) / 0.06)
  const change = (x: Float64Array): Float64Array => x.map((value, i) => value - start[i]!)
  const final = flat(run.state.parameters)
  yield await one('losses', limitOf(limits.loss, deviation.loss_abs), async () =>
    largestDifference(run.losses, await golden.doubles('loss64')),
  )
  yield await one('gradient norms', limits.norm, async () =>
    relativeError(run.gradNorms, await golden.doubles('gradient_norm64')),
  )
  const parameterLimit = limitOf(limits.parameters * farther, deviation.final_abs)
  yield await one('final parameters', parameterLimit, async () =>
    largestDifference(final, await expected('final64.')),
  )
  yield await one('change', limitOf(limits.change, deviation.final_rel_of_change), async () =>
    relativeError(change(final), change(await expected('final64.'))),
  )
  for (const [step, state] of run.early)
    yield await one(`after${step}`, limits.early * steeper, async () =>
      largestDifference(flat(state.parameters), await expected(`after${step}_64.`)),
    )
  for (const moment of ['m', 'v'] as const)
    yield await one(`moment ${moment}`, limits.moments, async () =>
      relativeError(flat(run.state[moment]), await expected(`adam_${moment}64.`)),
    )
}

const flat = (parameters: Parameters): Float64Array =>
  joined([...parameters.values()].map(p => p.data))

/** All micro-batches, by optimizer step. */
async function stepsOf(
  golden: Golden,
  c: TrajectoryCase,
  tokens: number,
): Promise<readonly (readonly MicroBatch[])[]> {
  const ids = await golden.integers('microbatch.ids')
  const lengths = await golden.integers('microbatch.length')
  const starts = await golden.integers('microbatch.start_indices')
  const conditions = golden.has('microbatch.conditions')
    ? await golden.floats('microbatch.conditions')
    : new Float32Array(0)
  const lanes = c.batch_lanes_per_micro_batch
  const widest = ids.length / lengths.length / lanes
  const perBatch = conditions.length / lengths.length
  const batches = Array.from(lengths, (length, i) => {
    const own = new Int32Array(lanes * length)
    for (let b = 0; b < lanes; b++) {
      const from = (i * lanes + b) * widest
      own.set(ids.subarray(from, from + length), b * length)
    }
    const lane = {
      lanes,
      tokens: length,
      ids: own,
      starts: starts.slice(i * lanes, (i + 1) * lanes),
    }
    const labels = labelsOf(lane, tokens, c.pad_token_id)
    const own2 = conditions.slice(i * perBatch, (i + 1) * perBatch)
    return promptedBatch({ ...lane, labels, conditions: own2 }, tokens)
  })
  const a = c.accumulation_steps
  return Array.from({ length: c.optimizer_steps }, (_, k) => batches.slice(k * a, (k + 1) * a))
}

interface LaneIds {
  readonly lanes: number
  readonly tokens: number
  readonly ids: Int32Array
  readonly starts: Int32Array
}

/** The original's labels: −100 before the prompt, on it, and from the first pad id of a lane on. */
function labelsOf({ lanes, tokens, ids, starts }: LaneIds, p: number, pad: number): Int32Array {
  const slots = tokens + p
  const labels = new Int32Array(lanes * slots).fill(-100)
  for (let b = 0; b < lanes; b++)
    for (let t = starts[b]!; t < tokens; t++) {
      const id = ids[b * tokens + t]!
      if (id === pad) break
      labels[b * slots + t + p] = id
    }
  return labels
}

interface Trained {
  readonly state: TrainState
  readonly losses: readonly number[]
  readonly gradNorms: readonly number[]
  /** after some of the steps, by their number */
  readonly early: ReadonlyMap<number, TrainState>
}

async function trained(
  trainer: Trainer,
  initial: Parameters,
  steps: readonly (readonly MicroBatch[])[],
  { rate, kept }: { readonly rate: number; readonly kept: readonly number[] },
): Promise<Trained> {
  let state = initialState(initial)
  const losses: number[] = []
  const gradNorms: number[] = []
  const early = new Map<number, TrainState>()
  for (const end of [...kept, steps.length]) {
    const part = steps.slice(state.step, end)
    const rates = part.map(() => rate)
    const result = await trainer.advance(state, part, rates)
    state = result.state
    losses.push(...result.losses)
    gradNorms.push(...result.gradNorms)
    if (end < steps.length) early.set(end, state)
  }
  return { state, losses, gradNorms, early }
}
