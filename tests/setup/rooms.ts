// Which room of the source tree may import which. README.md prints the same rooms in the same order.

export const everything = ['*']
/** Room → rooms or single files it may import beside itself and contract. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  contract: [],
  ports: [],
  graph: [],
  dataset: ['ports'],
  weights: ['model/family', 'model/config/parse'],
  // a data thread opens the data of a behaviour by its kind
  stream: ['ports', 'dataset', 'behaviours/registry'],
  session: ['graph', 'ports'],
  gpu: ['session', 'weights'],
  model: ['graph'],
  optimizer: ['graph'],
  prompt: ['graph'],
  program: ['model', 'prompt', 'optimizer', 'graph'],
  sample: [
    'program',
    'session',
    'stream',
    'weights',
    'prompt',
    'dataset',
    'model/rope',
    'graph/onnx',
  ],
  behaviours: ['dataset', 'stream', 'sample', 'spec/paper'],
  spec: ['behaviours/registry'],
  train: [
    'behaviours',
    'program',
    'session',
    'stream',
    'dataset',
    'weights',
    'prompt',
    'sample',
    'model/rope',
    'optimizer/schedule',
    'graph/onnx',
  ],
  serve: ['sample', 'dataset'],
  analysis: ['behaviours', 'train/run-folder', 'train/metrics-file', 'train/spec-name'],
  answer: ['analysis'],
  workbench: everything,
  verify: everything,
  worker: everything,
  cli: everything,
  main: ['worker', 'ports'],
  renderer: [],
}
/** Small files that depend on contract at most: every room of src-worker may use them. */
export const common = [
  'src-worker/weights/atomic.ts',
  'src-worker/weights/plain-file.ts',
  'src-worker/weights/this-machine.ts',
  'src-worker/weights/zstd.ts',
  'src-worker/stream/rng.ts',
  'src-worker/graph/tensor.ts',
  'src-worker/prompt/state-dict.ts',
]
