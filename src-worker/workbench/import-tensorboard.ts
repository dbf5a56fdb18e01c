// TensorBoard logs as read-only runs: their curves in metrics.jsonl, what the analysis needs in analysed.json.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { nameOfWords, originalRun } from '../analysis/original-names'
import { readTensorboard, type TensorboardRun } from '../analysis/tensorboard-import'
import { tensorboardRun } from '../analysis/tensorboard-runs'
import { custom } from '../behaviours/custom/index'
import { type AnalysedRun, analysedRunSchema } from '../contract/analysed-run'
import { Fault } from '../contract/fault'
import { type MetricLine, tags } from '../contract/metrics'
import { type RunSpec, type RunSpecInput, runSpecSchema } from '../contract/run-spec'
import type { Places } from '../train/home'
import { appendMetrics, scalar, summarised } from '../train/metrics-file'
import { conditionsOf } from '../train/prepare'
import { createRun, emptyState, writeState } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'
import { parseObject } from '../weights/json'

const analysedFile = 'analysed.json'

/** Names that are none of the original's are shown as one's own behaviour. */
function specOf(run: AnalysedRun, log: TensorboardRun): RunSpec {
  const experiment = originalRun(log.name)?.experiment ?? { kind: custom.kind }
  const data = { path: run.dataset === '' ? 'unknown' : run.dataset }
  const bare: RunSpecInput = {
    name: run.name,
    experiment,
    model: run.model === '' ? 'unknown' : run.model,
    data,
    prompt: { type: 'none' },
    training: { steps: run.steps },
    original: true,
  }
  const spec = runSpecSchema.parse(bare)
  if (run.tokens === 0) return spec
  const type = conditionsOf(spec) > 0 ? 'mlp' : 'direct'
  return runSpecSchema.parse({
    ...bare,
    prompt: { type, tokens: run.tokens, init: { kind: 'zero' } },
  })
}

/** One line for each step at which something was logged. */
function linesOf({ scalars }: TensorboardRun): MetricLine[] {
  const byStep = new Map<number, { wall: number; values: MetricLine['values'] }>()
  for (const [tag, { steps, values, wall }] of scalars)
    steps.forEach((step, i) => {
      const line = byStep.get(step) ?? { wall: wall[i] ?? 0, values: {} }
      line.values[tag] = scalar(values[i] ?? Number.NaN)
      byStep.set(step, line)
    })
  const sorted = [...byStep].filter(([step]) => step >= 0).sort(([a], [b]) => a - b)
  const start = sorted[0]?.[1].wall ?? 0
  let tokens = 0
  return sorted.map(([step, { wall, values }]) => {
    tokens = Math.max(tokens, Number(values[tags.tokenCount] ?? 0) || 0)
    return { step, wall, seconds: Math.max(0, (wall - start) / 1000), tokens, values }
  })
}

/** Curves begin at step 0. */
function beforeTheFirst({ scalars }: TensorboardRun): readonly string[] {
  const all = [...scalars.values()].flatMap(({ steps }) => steps)
  const below = all.filter(step => step < 0).length
  return below === 0
    ? []
    : [`${below} of ${all.length} values have a step below 0: not in its curves`]
}

export interface ImportedRuns {
  readonly runs: string[]
  /** what was left out or could not be read, by folder */
  readonly notes: string[]
}

async function importOne(home: string, log: TensorboardRun, run: AnalysedRun): Promise<string> {
  const folder = await createRun(home, specOf(run, log), {
    readOnly: true,
    createdAt: run.startedAt === '' ? new Date().toISOString() : run.startedAt,
  })
  const id = basename(folder)
  const lines = linesOf(log)
  await appendMetrics(folder, lines)
  await writeAtomically(join(folder, analysedFile), JSON.stringify({ ...run, id }))
  const last = lines[lines.length - 1]
  await writeState(folder, {
    ...emptyState(),
    state: { kind: 'done' },
    step: run.steps,
    trainingSeconds: last?.seconds ?? 0,
    metrics: lines.reduce(summarised, {}),
  })
  return id
}

/**
 * Imports every event file below a folder or in an archive (.tar, .tar.zst, .tar.gz, .zip).
 * Faults: not-found, bad-file; bad-data when it holds no scalars.
 */
export async function importRuns(
  { home }: Places,
  path: string,
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<ImportedRuns> {
  const found = await readTensorboard(path)
  const logs = found.filter(log => log.scalars.size > 0)
  if (logs.length === 0)
    throw new Fault(
      'bad-data',
      `${path} holds no TensorBoard scalars`,
      'Choose a folder of event files.',
    )
  const runs: string[] = []
  const notes = found.flatMap(({ name, problems, scalars }) =>
    scalars.size > 0 ? [] : [`${name}: ${[...problems, 'it holds no scalars'].join('; ')}`],
  )
  for (const log of logs) {
    const run = tensorboardRun(log)
    runs.push(await importOne(home, log, run))
    const { problems } = run.provenance as { problems: readonly string[] }
    notes.push(...[...problems, ...beforeTheFirst(log)].map(problem => `${log.name}: ${problem}`))
    onProgress(runs.length, logs.length)
  }
  return { runs, notes }
}

/** What was imported, as the analysis takes it; undefined for a run of our own. */
export async function importedRun(folder: string): Promise<AnalysedRun | undefined> {
  const text = await readFile(join(folder, analysedFile), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const run = parseObject(text, join(folder, analysedFile)) as Partial<AnalysedRun> & {
    variant?: string
  }
  const { experiment = '', variant = '', dataset = '' } = run
  // files of older versions have the paper's words for a behaviour instead of its name
  const behaviour = run.behaviour ?? nameOfWords(experiment, variant, dataset)
  return analysedRunSchema.parse({ ...run, behaviour })
}
