// A sweep as the `spw` command that starts it, and the flags of that command as a spec. One table serves both ways.
import type { RunSpecInput, SweepSpec } from '../contract/run-spec'
import { scorerWords } from '../contract/scorer'
import { fieldAt, type Plain } from '../shared/plain-object'
import { quoted } from '../shared/shell'
import { experimentText, initText, startText } from './short-forms'

/** How one flag maps to a field of the spec. `path` is dotted; kinds decide how text becomes a value. */
export interface SpecFlag {
  readonly flag: string
  readonly path: string
  readonly kind: 'text' | 'number' | 'switch'
  readonly help: string
}

/** Where the records of a person's own have what: the keys of experiment.fields. */
const recordField = (name: string, help: string): SpecFlag => ({
  flag: `${name}-field`,
  path: `experiment.fields.${name}`,
  kind: 'text',
  help: `field that holds ${help} (custom)`,
})

export const specFlags: readonly SpecFlag[] = [
  { flag: 'name', path: 'name', kind: 'text', help: 'name of the run' },
  { flag: 'field', path: 'data.field', kind: 'text', help: 'field that holds the text' },
  recordField('prompt', 'the prompt'),
  recordField('input', 'what Alpaca joins with the prompt'),
  recordField('completion', 'the completion'),
  recordField('messages', 'the messages of a chat'),
  recordField('alternatives', 'the wrong answers'),
  {
    flag: 'holdout',
    path: 'data.holdout',
    kind: 'number',
    help: 'share of documents never trained on',
  },
  {
    flag: 'held-out-units',
    path: 'data.heldOutUnits',
    kind: 'number',
    help: 'records that are held out at least, up to half of them',
  },
  {
    flag: 'separator',
    path: 'experiment.separator',
    kind: 'text',
    help: 'put between prompt and completion (custom)',
  },
  {
    flag: 'scorer',
    path: 'experiment.scorer',
    kind: 'text',
    help: `what counts as right (custom): ${scorerWords}`,
  },
  { flag: 'test-data', path: 'data.testPath', kind: 'text', help: 'a second file to test on' },
  {
    flag: 'head-bytes',
    path: 'data.headBytes',
    kind: 'number',
    help: 'bytes of a remote file to fetch',
  },
  {
    flag: 'type',
    path: 'prompt.type',
    kind: 'text',
    help: 'direct, subspace, linear, mlp, resnet, shared-resnet, none, start-token',
  },
  {
    flag: 'dimensions',
    path: 'prompt.dimensions',
    kind: 'number',
    help: 'trained numbers of a subspace prompt',
  },
  {
    flag: 'projection',
    path: 'prompt.projection',
    kind: 'number',
    help: "seed of a subspace's random projection; else the run's",
  },
  {
    flag: 'hidden-layers',
    path: 'prompt.hiddenLayers',
    kind: 'number',
    help: 'hidden layers of a generator',
  },
  {
    flag: 'hidden-width',
    path: 'prompt.hiddenWidth',
    kind: 'number',
    help: 'width of the hidden layers',
  },
  {
    flag: 'residual-width',
    path: 'prompt.residualWidth',
    kind: 'number',
    help: 'residual width of the resnets',
  },
  { flag: 'steps', path: 'training.steps', kind: 'number', help: 'optimizer steps' },
  { flag: 'lanes', path: 'training.lanes', kind: 'number', help: 'samples of one optimizer step' },
  { flag: 'length', path: 'training.length', kind: 'number', help: 'tokens of a sample at most' },
  {
    flag: 'accumulation',
    path: 'training.accumulation',
    kind: 'number',
    help: 'micro-batches of one step',
  },
  {
    flag: 'test-every',
    path: 'training.testEvery',
    kind: 'number',
    help: 'steps between two test losses',
  },
  {
    flag: 'test-batches',
    path: 'training.testBatches',
    kind: 'number',
    help: 'batches of a test during training',
  },
  {
    flag: 'checkpoint-every',
    path: 'training.checkpointEvery',
    kind: 'number',
    help: 'steps between two checkpoints',
  },
  {
    flag: 'final-test-batches',
    path: 'training.finalTestBatches',
    kind: 'number',
    help: 'batches of the final test',
  },
  { flag: 'lr', path: 'optimizer.learningRate', kind: 'number', help: 'learning rate' },
  {
    flag: 'weight-decay',
    path: 'optimizer.weightDecay',
    kind: 'number',
    help: 'decoupled weight decay',
  },
  { flag: 'beta1', path: 'optimizer.beta1', kind: 'number', help: 'AdamW β₁' },
  { flag: 'beta2', path: 'optimizer.beta2', kind: 'number', help: 'AdamW β₂' },
  { flag: 'schedule', path: 'optimizer.schedule', kind: 'text', help: 'constant or cosine' },
  { flag: 'warmup', path: 'optimizer.warmupSteps', kind: 'number', help: 'warm-up steps' },
  {
    flag: 'clip',
    path: 'optimizer.clipNorm',
    kind: 'number',
    help: 'clip the gradient norm to this',
  },
  {
    flag: 'results',
    path: 'results.prompts',
    kind: 'number',
    help: 'evaluation prompts continued at the end',
  },
  {
    flag: 'metric-samples',
    path: 'results.metricSamples',
    kind: 'number',
    help: 'held-out games, boards or pairs for behaviour metrics',
  },
  {
    flag: 'result-tokens',
    path: 'results.maxTokens',
    kind: 'number',
    help: 'tokens of each continuation',
  },
  { flag: 'top-p', path: 'results.topP', kind: 'number', help: 'top-p of the continuations' },
  { flag: 'precision', path: 'precision', kind: 'text', help: 'float32, tf32, bfloat16, float16' },
  {
    flag: 'weights',
    path: 'weights',
    kind: 'text',
    help: 'full, int8 or int4: the frozen matrices in few bits, on the CPU',
  },
  { flag: 'device', path: 'device', kind: 'text', help: 'auto, cpu or cuda:N' },
  {
    flag: 'original',
    path: 'original',
    kind: 'switch',
    help: "reproduce the original's defects that published losses depend on",
  },
]

const list = (flag: string, values: readonly (string | number)[]): string =>
  `--${flag} ${values.map(v => quoted(String(v))).join(' ')}`

/** The experiment's own options stand in its own flag, unless they are an axis. */
function flagsOf(base: RunSpecInput, over: SweepSpec['over'] = {}): readonly string[] {
  const words: string[] = []
  for (const { flag, path, kind } of specFlags) {
    if (path.startsWith('experiment.') && over[path] === undefined) continue
    const values = over[path]
    if (values !== undefined) words.push(list(flag, values.map(String)))
    const value = values === undefined ? fieldAt(base, path) : undefined
    if (value === undefined || value === '' || value === false) continue
    words.push(kind === 'switch' ? `--${flag}` : `--${flag} ${quoted(String(value))}`)
  }
  const init = fieldAt(base, 'prompt.init')
  if (init !== undefined) words.push(`--init ${quoted(initText(init as Plain))}`)
  if (base.start !== undefined) words.push(`--start ${startText(base.start as Plain)}`)
  return words
}

const or = <T>(values: readonly T[], single: T | undefined): readonly T[] =>
  values.length > 0 || single === undefined ? values : [single]

/** The command of a sweep; of a single run when no axis has two values. */
export function commandOf(sweep: SweepSpec): string {
  const { base } = sweep
  const prompt = base.prompt as RunSpecInput['prompt'] & { tokens?: number }
  const axes = {
    model: or(sweep.models, base.model),
    data: or(sweep.datasets, base.data?.path),
    tokens: or(sweep.tokens, prompt?.tokens),
    seed: or(sweep.seeds, base.seed),
  }
  const { experiment: experiments = [base.experiment], ...over } = sweep.over ?? {}
  const all = [...Object.values(axes), experiments, ...Object.values(over)]
  const grid = all.some(values => values.length > 1) || axes.tokens[0] === 0
  const words = [`spw ${grid || sweep.untrained ? 'sweep' : 'train'}`]
  const named = experiments.map(e => experimentText(e as RunSpecInput['experiment']))
  words.push(list('experiment', named))
  for (const [flag, values] of Object.entries(axes))
    if (values.length > 0) words.push(list(flag, values))
  if (sweep.untrained) words.push('--untrained')
  return [...words, ...flagsOf(base, over)].join(' ')
}

/** The command that makes one finished run again. */
export const commandOfRun = (spec: RunSpecInput): string =>
  commandOf({
    name: '',
    base: spec,
    tokens: [],
    models: [],
    datasets: [],
    seeds: [],
    untrained: false,
  })
