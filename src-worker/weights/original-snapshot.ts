// What the original keeps in a snapshot, (state dict, metadata), as a Snapshot of ours, and back.
import { z } from 'zod'
import { Fault, fail } from '../contract/fault'
import type { Parameter, Parameters, PromptShape, Snapshot } from '../contract/snapshot'
import { fromStateDict, positionBits, toStateDict } from '../prompt/state-dict'
import type { TorchValue } from './torch-pickle'
import { type Written, writeTorchFile } from './torch-writer'

// limits far above any soft prompt, so that a made-up number allocates nothing
const tokens = z.int().min(0).max(65536)
const width = z
  .int()
  .min(1)
  .max(1 << 20)
const layers = z.int().min(0).max(1024)

const metadataSchema = z.object({
  model_name: z.string().default('unknown'),
  soft_prompt_type: z.string(),
  soft_prompt_metadata: z.object({
    soft_prompt_token_count: tokens,
    embedding_size: width.optional(),
    output_embedding_size: width.optional(),
    input_size: width.optional(),
    hidden_layer_count: layers.optional(),
    hidden_layer_width: width.optional(),
    residual_width: width.optional(),
  }),
  training_metadata: z.record(z.string(), z.unknown()).default({}),
  dataset_name: z.string().optional(),
})
type OriginalMetadata = z.infer<typeof metadataSchema>

const fix = 'Choose a snapshot that the original wrote.'
const refused = (path: string, what: string): Fault =>
  new Fault('bad-snapshot', `${path} is refused: ${what}`, fix)

const isParameter = (value: TorchValue | undefined): value is Parameter =>
  typeof value === 'object' && value !== null && 'data' in value && 'shape' in value

/** Maps → plain objects, for zod. */
function toPlain(value: TorchValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, toPlain(v)]))
  return Array.isArray(value) ? value.map(toPlain) : value
}

function stateOf(value: TorchValue | undefined, path: string): Parameters {
  if (!(value instanceof Map)) throw refused(path, 'its first value is no state dict')
  const state = new Map<string, Parameter>()
  for (const [name, each] of value as ReadonlyMap<string, TorchValue>) {
    // bookkeeping of PyTorch, written into the dictionary by some versions
    if (name === '_metadata') continue
    if (!isParameter(each)) throw refused(path, `${name} in its state dict is no tensor`)
    state.set(name, each)
  }
  return state
}

/** The conditions alone: the original counts the position bits of shared-resnet among its inputs. */
function conditionsOf(metadata: OriginalMetadata, state: Parameters, path: string): number {
  const { input_size: inputs, soft_prompt_token_count: count } = metadata.soft_prompt_metadata
  if (inputs === undefined) throw refused(path, 'its metadata has no input_size')
  if (metadata.soft_prompt_type !== 'SharedResnetSoftPrompt') return inputs
  const own = state.get('to_residual.weight')?.shape[1] ?? inputs
  const conditions = own - positionBits(count)
  if (conditions < 1)
    throw refused(
      path,
      `its input_size ${own} leaves no condition beside ${positionBits(count)} position bits`,
    )
  return conditions
}

function shapeOf(metadata: OriginalMetadata, state: Parameters, path: string): PromptShape {
  const { soft_prompt_type: type, soft_prompt_metadata: sizes } = metadata
  const need = (value: number | undefined, name: string): number => {
    if (value !== undefined) return value
    throw refused(path, `its metadata has no ${name}`)
  }
  const base = {
    tokens: sizes.soft_prompt_token_count,
    width: need(sizes.output_embedding_size ?? sizes.embedding_size, 'embedding_size'),
  }
  if (type === 'DirectSoftPrompt') return { type: 'direct', ...base }
  const known = ['LinearSoftPrompt', 'MLPSoftPrompt', 'ResnetSoftPrompt', 'SharedResnetSoftPrompt']
  if (!known.includes(type))
    throw refused(
      path,
      `the soft prompt type "${type.slice(0, 80)}" is not one of the original's five`,
    )
  const conditions = conditionsOf(metadata, state, path)
  if (type === 'LinearSoftPrompt') return { type: 'linear', ...base, conditions }
  const hidden = {
    ...base,
    conditions,
    hiddenLayers: need(sizes.hidden_layer_count, 'hidden_layer_count'),
    hiddenWidth: need(sizes.hidden_layer_width, 'hidden_layer_width'),
  }
  if (type === 'MLPSoftPrompt') return { type: 'mlp', ...hidden }
  const residualWidth = need(sizes.residual_width, 'residual_width')
  return {
    type: type === 'ResnetSoftPrompt' ? 'resnet' : 'shared-resnet',
    ...hidden,
    residualWidth,
  }
}

/** Fault `bad-snapshot`: not what the original writes, or metadata and tensors that disagree. */
export function fromOriginal(value: TorchValue, path: string): Snapshot {
  if (!Array.isArray(value) || value.length !== 2) {
    const what = Array.isArray(value) ? `${value.length} values` : 'one value'
    throw refused(path, `it holds ${what}, not a pair of state dict and metadata`)
  }
  const [first, second] = value as readonly TorchValue[]
  const state = stateOf(first, path)
  const parsed = metadataSchema.safeParse(toPlain(second ?? null))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw refused(
      path,
      `its metadata is wrong at ${issue?.path.join('.') || 'the top'}: ${issue?.message}`,
    )
  }
  const metadata = parsed.data
  const shape = shapeOf(metadata, state, path)
  const training = metadata.training_metadata
  const step = training.training_step_index
  const isStep = typeof step === 'number' && Number.isSafeInteger(step) && step >= 0
  return {
    metadata: {
      source: 'original-pt',
      model: metadata.model_name,
      shape,
      conditionNames: [],
      training,
      ...(metadata.dataset_name === undefined ? {} : { dataset: metadata.dataset_name }),
      ...(isStep ? { step } : {}),
    },
    parameters: fromStateDict(shape, state),
  }
}

const typeNames = {
  direct: 'DirectSoftPrompt',
  linear: 'LinearSoftPrompt',
  mlp: 'MLPSoftPrompt',
  resnet: 'ResnetSoftPrompt',
  'shared-resnet': 'SharedResnetSoftPrompt',
} as const

/** The original has five kinds; a subspace goes to it as rows (sample/bake.ts). */
type OriginalShape = Exclude<PromptShape, { readonly type: 'subspace' }>

/** The sizes by the names of the original's constructors. */
function sizesOf(shape: OriginalShape): Record<string, number> {
  const tokens = { soft_prompt_token_count: shape.tokens }
  if (shape.type === 'direct') return { ...tokens, embedding_size: shape.width }
  const inputs = { ...tokens, input_size: shape.conditions }
  if (shape.type === 'linear') return { ...inputs, embedding_size: shape.width }
  const { hiddenLayers: hidden_layer_count, hiddenWidth: hidden_layer_width } = shape
  const hidden = { hidden_layer_count, hidden_layer_width }
  if (shape.type === 'mlp') return { ...inputs, output_embedding_size: shape.width, ...hidden }
  const bits = shape.type === 'shared-resnet' ? positionBits(shape.tokens) : 0
  return {
    ...tokens,
    input_size: shape.conditions + bits,
    output_embedding_size: shape.width,
    residual_width: shape.residualWidth,
    ...hidden,
  }
}

/** The original's record of a training; 0 where a file from elsewhere does not tell. */
function trainingOf({ source, training, step = 0 }: Snapshot['metadata']): Written {
  if (source === 'original-pt') return JSON.parse(JSON.stringify(training)) as Written
  const known = (name: string): number => (typeof training[name] === 'number' ? training[name] : 0)
  return {
    training_step_index: step,
    accumulation_step_count: known('accumulation'),
    batch_lanes_per_step: known('lanes'),
    maximum_sample_length_in_tokens: known('length'),
    learning_rate: known('learningRate'),
    weight_decay: known('weightDecay'),
  }
}

/** Writes a snapshot as the original does, for its own loader. */
export async function exportOriginal(path: string, snapshot: Snapshot): Promise<void> {
  const { metadata, parameters } = snapshot
  const { shape, dataset } = metadata
  if (shape.type === 'subspace') fail('a subspace prompt is exported as its rows')
  await writeTorchFile(path, [
    toStateDict(shape, parameters),
    {
      model_name: metadata.model,
      soft_prompt_type: typeNames[shape.type],
      soft_prompt_metadata: sizesOf(shape),
      training_metadata: trainingOf(metadata),
      ...(dataset === undefined ? {} : { dataset_name: dataset }),
    },
  ])
}
