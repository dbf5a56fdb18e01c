// What the form of New calls the fields of a spec, by their paths: labels of its fields, and the words of its plan.
import { precisionSchema, weightsSchema } from '../../src-worker/contract/run-spec'

/** Fields of the form that are always open. */
const open = {
  'data.path': 'Dataset',
  'prompt.tokens': 'Tokens (list = sweep)',
  'prompt.init.kind': 'Start from',
  'prompt.init.text': 'Text',
  'prompt.init.path': 'Snapshot',
  'training.steps': 'Steps',
  'optimizer.learningRate': 'Learning rate',
  seed: 'Seeds',
}
/** Fields below Advanced. */
const folded = {
  'prompt.type': 'Type',
  'prompt.dimensions': 'Dimensions',
  'prompt.hiddenLayers': 'Hidden layers',
  'prompt.hiddenWidth': 'Hidden width',
  'prompt.residualWidth': 'Residual width',
  'start.kind': 'Placed',
  'start.index': 'Before token',
  'optimizer.weightDecay': 'Weight decay',
  'optimizer.beta1': 'β₁',
  'optimizer.beta2': 'β₂',
  'optimizer.eps': 'ε',
  'optimizer.schedule': 'Schedule',
  'optimizer.warmupSteps': 'Warm-up steps',
  'optimizer.clipNorm': 'Clip gradient norm',
  'training.lanes': 'Batch size (lanes)',
  'training.accumulation': 'Accumulation',
  'training.length': 'Tokens a lane',
  'training.testEvery': 'Test every … steps',
  'training.testBatches': 'Batches a test',
  'training.checkpointEvery': 'Checkpoint every',
  'training.finalTestBatches': 'Final test batches',
  'data.field': 'Text field',
  'data.holdout': 'Held-out share',
  'data.testPath': 'Test file',
  'data.headBytes': 'Bytes of a remote file',
  'results.prompts': 'Evaluation prompts',
  'results.maxTokens': 'Tokens each',
  'results.temperature': 'Temperature',
  'results.topP': 'Top p',
  'results.softPromptAt': 'Soft prompt at',
  'results.metricSamples': 'Samples for metrics',
  device: 'Device',
  precision: 'Precision',
  weights: 'Frozen weights',
  original: 'As the original code',
}
export const fieldNames = { ...open, ...folded }
export type NamedPath = keyof typeof fieldNames

export const isFolded = (path: string): boolean => Object.hasOwn(folded, path)

/** By path, with the options of a behaviour. */
export type FieldNames = ReadonlyMap<string, string>

export const namesWith = (
  options: readonly { readonly path: string; readonly label: string }[],
): FieldNames =>
  new Map([
    ...Object.entries<string>(fieldNames),
    ...options.map(({ path, label }) => [path, label] as const),
  ])

/** training.steps; not a part of a file's path */
const dotted = String.raw`(?<![\w./\\-])[a-z]\w*(?:\.[a-z]\w*)+(?![\w./\\-]*[/\\])`
/** Where a sentence begins or goes on with the name of a field: "seed is -1", "…, device is cuda:0" */
const said = '(?<=^|[;,] )(?:seed|device|precision|weights|original)(?= is )'
/** Before one of its own values: "weights int8 are …"; elsewhere a single word is a word of the sentence. */
const valued = Object.entries({
  device: ['auto', 'cpu', String.raw`cuda(?::\d+)?`],
  precision: precisionSchema.options,
  weights: weightsSchema.options,
}).map(([field, values]) => String.raw`\b${field}(?= (?:${values.join('|')})\b)`)
const paths = new RegExp([dotted, said, ...valued].join('|'), 'gi')

/** The paths of the form's fields that a text names. */
export const fieldsIn = (text: string, names: FieldNames): readonly string[] => [
  ...new Set((text.match(paths) ?? []).filter(path => names.has(path))),
]

/** "prompt.dimensions is missing" → "“Dimensions” is missing" */
export const withNames = (text: string, names: FieldNames): string =>
  text.replace(paths, path => (names.has(path) ? `“${names.get(path)}”` : path))

/** What a text says of one field: the sentences of several are separated by "; ". */
export function saidOf(path: string, text: string, names: FieldNames): string | undefined {
  const parts = text.split('; ').filter(part => fieldsIn(part, names).includes(path))
  return parts.length === 0 ? undefined : `${withNames(parts.join('; '), names)}.`
}
