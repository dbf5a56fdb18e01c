// reference/trajectories: 60 optimizer steps of two micro-batches, as the original trains.
import { join } from 'node:path'
import type { MicroBatch } from '../contract/batch'
import type { Parameters } from '../contract/snapshot'
import { fromStateDict } from '../prompt/state-dict'
import { initialState, type TrainState } from '../train/state'
import { openTrainer, type Trainer } from '../train/trainer'
import { openModelFolder } from '../weights/model-folder'
import { compared, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import {
  type Golden,
  joined,
  largestDifference,
  openGolden,
  readJson,
  relativeError,
} from './golden'
import { promptedBatch } from './prompted-batch'
import { shapeOfSeed, stateDict } from './soft-prompts'

const check = 'trajectories'
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
  const device = await deviceOf(context)
  const folder = join(context.reference, 'trajectories')
  const { cases } = await readJson<{ cases: readonly TrajectoryCase[] }>(
    folder,
    'trajectories.json',
  )
  for (const c of cases) yield* trajectoryCase(context, device, folder, c)
}

async function* trajectoryCase(
  context: VerifyContext,
  { runtime, slack }: VerifyDevice,
  folder: string,
  c: TrajectoryCase,
): AsyncGenerator<VerifyCase, void> {
  const golden = await openGolden(folder, c.tensor_file)
  const shape = shapeOfSeed(kinds[c.type] ?? c.type, c.seed_metadata)
  const [beta1, beta2] = c.betas
  const trainer = await openTrainer({
    runtime,
    model: await openModelFolder(join(context.models, c.model)),
    shape,
    optimizer: { beta1, beta2, eps: c.epsilon, weightDecay: c.weight_decay, clipNorm: 0 },
    mode: 'original',
  })
  try {
    const steps = await stepsOf(golden, c, shape.tokens)
    const read = async (prefix: string): Promise<Parameters> =>
      fromStateDict(shape, await stateDict(golden, prefix))
    const initial = await read('initial.')
    const run = await trained(trainer, initial, steps, c.learning_rate)
    const title = `${c.model} ${c.case}`
    const one = (name: string, error: number, limit: number): VerifyCase =>
      compared(check, `${title} ${name}`, error, limit * slack)
    const final = flat(run.state.parameters)
    const expected = flat(await read('final64.'))
    const start = flat(initial)
    yield one('losses', largestDifference(run.losses, await golden.doubles('loss64')), limits.loss)
    const norms = await golden.doubles('gradient_norm64')
    yield one('gradient norms', relativeError(run.gradNorms, norms), limits.norm)
    yield one('final parameters', largestDifference(final, expected), limits.parameters)
    const changes = [final, expected].map(x => x.map((value, i) => value - start[i]!))
    yield one('change', relativeError(changes[0]!, changes[1]!), limits.change)
    for (const [name, state] of run.early) {
      const error = largestDifference(flat(state.parameters), flat(await read(`${name}_64.`)))
      yield one(name, error, limits.early)
    }
    for (const part of ['m', 'v'] as const) {
      const moments = flat(await read(`adam_${part}64.`))
      yield one(`moment ${part}`, relativeError(flat(run.state[part]), moments), limits.moments)
    }
  } finally {
    await trainer.release()
  }
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
  /** after steps 1 and 10 */
  readonly early: ReadonlyMap<string, TrainState>
}

async function trained(
  trainer: Trainer,
  initial: Parameters,
  steps: readonly (readonly MicroBatch[])[],
  rate: number,
): Promise<Trained> {
  let state = initialState(initial)
  const losses: number[] = []
  const gradNorms: number[] = []
  const early = new Map<string, TrainState>()
  for (const end of [1, 10, steps.length]) {
    const part = steps.slice(state.step, end)
    const rates = part.map(() => rate)
    const result = await trainer.advance(state, part, rates)
    state = result.state
    losses.push(...result.losses)
    gradNorms.push(...result.gradNorms)
    if (end < steps.length) early.set(`after${end}`, state)
  }
  return { state, losses, gradNorms, early }
}
