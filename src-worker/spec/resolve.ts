// From what a user said to a full RunSpec: the experiment's defaults (the paper's, for this model and length) lie under it.

import { behaviourOf } from '../behaviours/registry'
import { experimentKinds } from '../contract/experiment-spec'
import { Fault } from '../contract/fault'
import { issuesText } from '../contract/issues'
import { fewUnits } from '../contract/run'
import { type RunSpec, type RunSpecInput, runSpecSchema } from '../contract/run-spec'
import { checkSpec, wrongFields } from '../contract/spec-check'
import { laidOver } from '../shared/plain-object'

/**
 * The full spec, every default explicit.
 * Faults: `usage`, naming each field that is missing, wrong or not known.
 */
export function resolveSpec(input: RunSpecInput): RunSpec {
  checkSpec(input)
  const kind = experimentKinds.find(k => k === input.experiment?.kind)
  if (kind === undefined)
    throw new Fault(
      'usage',
      'no experiment is given',
      `Choose one of ${experimentKinds.join(', ')}.`,
    )
  const model = input.model ?? ''
  if (model === '')
    throw new Fault(
      'usage',
      'no model is given',
      'Name a model folder or a model of the library (spw models).',
    )
  const asked =
    input.prompt !== undefined && 'tokens' in input.prompt ? input.prompt.tokens : undefined
  const defaults = behaviourOf(kind).defaults(model, asked)
  // the original holds its share out, however small, and looks at all of it during a run and at its end
  const corrected = input.original !== true
  // a whole spec that says nothing of validation is an older version's, which had none
  const isOlder = input.version !== undefined && input.data?.validation === undefined
  const data = {
    heldOutUnits: corrected ? fewUnits : 0,
    validation: corrected && !isOlder,
    ...defaults.data,
  }
  const experiment = { kind, ...defaults.experiment }
  const prompt = corrected && !isOlder ? trainable(defaults.prompt) : defaults.prompt
  const own = { ...defaults, model, data, experiment, prompt }
  const merged = laidOver(own, withoutNulls(input)) as RunSpecInput
  if (!merged.data?.path)
    throw new Fault('usage', 'no data are given', 'Choose a file, a folder or a URL of examples.')
  const long = withLength(merged, prompt)
  const fitting = withFittingAccumulation(long, input)
  const sized = withProjection(fitting)
  const layered = corrected ? withResidualLayer(sized) : sized
  const whole = withInit(layered, corrected ? 'vocabulary' : 'zero')
  // with its defaults: fields that this type of prompt does not have
  checkSpec(whole)
  const parsed = runSpecSchema.safeParse(whole)
  if (parsed.success) return withoutConflict(parsed.data)
  throw wrongFields(issuesText(parsed.error, whole))
}

/** Rows of zeros have no finite gradient where a model without biases normalises them; the original starts from them. */
function trainable(own: RunSpecInput['prompt']): RunSpecInput['prompt'] {
  if (own === undefined || !('init' in own) || own.init?.kind !== 'zero') return own
  return { ...own, init: { kind: 'vocabulary' } } as RunSpecInput['prompt']
}

/** Another type of prompt than the behaviour's own is as long as that, unless a length was asked for. */
function withLength(merged: RunSpecInput, own: RunSpecInput['prompt']): RunSpecInput {
  const { prompt } = merged
  const hasRows = prompt?.type !== 'none' && prompt?.type !== 'start-token'
  const tokens = own !== undefined && 'tokens' in own ? own.tokens : undefined
  if (!hasRows || prompt === undefined || tokens === undefined) return merged
  return { ...merged, prompt: { tokens, ...prompt } as RunSpecInput['prompt'] }
}

/** A resnet has at least one residual layer: without any it would be an MLP, as the original's is unless it is asked for more. */
function withResidualLayer(merged: RunSpecInput): RunSpecInput {
  const { prompt } = merged
  const isResnet = prompt?.type === 'resnet' || prompt?.type === 'shared-resnet'
  if (!isResnet || prompt.hiddenLayers !== undefined) return merged
  return { ...merged, prompt: { ...prompt, hiddenLayers: 1 } }
}

/** Each seed has a projection of its own, so that what it happens to reach is part of the noise between seeds. */
function withProjection(merged: RunSpecInput): RunSpecInput {
  const { prompt, seed = 0 } = merged
  if (prompt?.type !== 'subspace' || prompt.projection !== undefined) return merged
  return { ...merged, prompt: { ...prompt, projection: seed } }
}

/** Rows in the place of a generator's: the behaviour's defaults say nothing of how they begin. */
function withInit(merged: RunSpecInput, kind: 'vocabulary' | 'zero'): RunSpecInput {
  const { prompt } = merged
  const hasRows = prompt?.type === 'direct' || prompt?.type === 'subspace'
  if (!hasRows || prompt.init !== undefined) return merged
  return { ...merged, prompt: { ...prompt, init: { kind } } as RunSpecInput['prompt'] }
}

/** null stands in an older version's spec for what it did by itself, which is gone: the default takes its place. */
function withoutNulls(input: RunSpecInput): RunSpecInput {
  const given = Object.entries(input.experiment ?? {}).filter(([, value]) => value !== null)
  return { ...input, experiment: Object.fromEntries(given) as RunSpecInput['experiment'] }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** The paper's accumulation fits the paper's lanes; other lanes get its largest divisor, unless one was asked for. */
function withFittingAccumulation(merged: RunSpecInput, { training }: RunSpecInput): RunSpecInput {
  const { lanes, accumulation } = merged.training ?? {}
  if (training?.accumulation !== undefined || lanes === undefined || accumulation === undefined)
    return merged
  const fitting = gcd(Math.trunc(lanes), accumulation)
  return { ...merged, training: { ...merged.training, accumulation: Math.max(1, fitting) } }
}

/** Combinations that no schema can refuse. */
function withoutConflict(spec: RunSpec): RunSpec {
  const { prompt, training, optimizer, start } = spec
  const bare = prompt.type === 'none' || prompt.type === 'start-token'
  if (bare && training.steps > 0)
    throw new Fault(
      'usage',
      `prompt.type ${prompt.type} has nothing to train, but training.steps is ${training.steps}`,
      'Set the steps to 0, or choose a prompt type with tokens.',
    )
  const { steps, length } = training
  if (steps > 0 && optimizer.warmupSteps > steps)
    throw new Fault(
      'usage',
      `optimizer.warmupSteps is ${optimizer.warmupSteps}, but training.steps only ${steps}: the learning rate would never be reached`,
      'Warm up for fewer steps.',
    )
  if (!bare && start.kind === 'index' && start.index > length)
    throw new Fault(
      'usage',
      `start.index is ${start.index}, but samples have at most ${length} tokens (training.length)`,
      'Put the soft prompt before a token that samples have.',
    )
  return onDevice(spec)
}

/** Matrices in few bits are computed on the CPU: no GPU was there to try them on. */
function onDevice(spec: RunSpec): RunSpec {
  const { weights, device } = spec
  if (weights === 'full' || device === 'cpu') return spec
  if (device === 'auto') return { ...spec, device: 'cpu' }
  throw new Fault(
    'usage',
    `weights ${weights} are computed on the CPU only, device is ${device}`,
    'Choose device cpu, or weights full.',
  )
}
