// TensorBoard logs as read-only runs: their curves in metrics.jsonl, what the analysis needs in analysed.json.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readTensorboard, type TensorboardRun } from '../analysis/tensorboard-import'
import { tensorboardRun } from '../analysis/tensorboard-runs'
import { type AnalysedRun, analysedRunSchema } from '../contract/analysed-run'
import { Fault } from '../contract/fault'
import { type MetricLine, tags } from '../contract/metrics'
import { type RunSpec, type RunSpecInput, runSpecSchema } from '../contract/run-spec'
import type { Places } from '../train/home'
import { appendMetrics, scalar, summarised } from '../train/metrics-file'
import { createRun, emptyState, writeState } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'

const analysedFile = 'analysed.json'

/** The experiment of the original's names; anything else is shown as `custom`. */
function experimentSpec({ experiment, variant }: AnalysedRun): RunSpecInput['experiment'] {
  const number = Number(/\d+/.exec(variant)?.[0] ?? 1)
  const size = /(\d+)x(\d+)/.exec(variant)
  switch (experiment) {
    case 'skip-tokens':
      return { kind: experiment, skip: number }
    case 'repetition':
      return { kind: experiment, text: variant.replace(/^repeat: /, '') }
    case 'pathfinding':
      return {
        kind: experiment,
        boardWidth: Number(size?.[1] ?? 8),
        boardHeight: Number(size?.[2] ?? 8),
      }
    case 'autoregressive':
    case 'chat-detuning':
    case 'chess':
      return { kind: experiment }
    default:
      return { kind: 'custom' }
  }
}

function specOf(run: AnalysedRun): RunSpec {
  const conditional = run.experiment === 'chess' || run.experiment === 'pathfinding'
  return runSpecSchema.parse({
    name: run.name,
    experiment: experimentSpec(run),
    model: run.model === '' ? 'unknown' : run.model,
    data: { path: run.dataset === '' ? 'unknown' : run.dataset },
    prompt:
      run.tokens === 0
        ? { type: 'none' }
        : { type: conditional ? 'mlp' : 'direct', tokens: run.tokens, init: { kind: 'zero' } },
    training: { steps: run.steps },
    original: true,
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

async function importOne(home: string, log: TensorboardRun): Promise<string> {
  const run = tensorboardRun(log)
  const folder = await createRun(home, specOf(run), {
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
): Promise<string[]> {
  const logs = (await readTensorboard(path)).filter(log => log.scalars.size > 0)
  if (logs.length === 0)
    throw new Fault(
      'bad-data',
      `${path} holds no TensorBoard scalars`,
      'Choose a folder of event files.',
    )
  const ids: string[] = []
  for (const log of logs) {
    ids.push(await importOne(home, log))
    onProgress(ids.length, logs.length)
  }
  return ids
}

/** What was imported, as the analysis takes it; undefined for a run of our own. */
export async function importedRun(folder: string): Promise<AnalysedRun | undefined> {
  const text = await readFile(join(folder, analysedFile), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : analysedRunSchema.parse(JSON.parse(text))
}
