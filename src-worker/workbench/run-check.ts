// What a look into the folder of one run finds, and how what can be repaired is: from the files beside it.
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { asFault, Fault } from '../contract/fault'
import { isActive, type MetricSummary } from '../contract/run'
import { jsonIn } from '../shared/json'
import { readCheckpoint } from '../train/checkpoint'
import { homePaths } from '../train/home'
import { reconciled } from '../train/lease'
import { parseLine, readMetrics, summarised } from '../train/metrics-file'
import {
  checkpointsOf,
  emptyState,
  labelSchema,
  readFitting,
  readLabel,
  readSpec,
  readState,
  runFiles,
  writeLabel,
  writeState,
} from '../train/run-folder'
import { finalTestSchema } from '../train/test-loss'
import { openSnapshot, writeSnapshot } from '../weights/snapshot-file'
import { moveToTrash } from './trash'

/** Something wrong with a file. Without `repair` only a person can help. */
export interface Found {
  readonly path: string
  readonly what: string
  readonly fix: string
  readonly repair?: () => Promise<void>
}

/** Why reading fails; undefined: it does not, or there is no such file. */
async function faultOf(read: () => Promise<unknown>): Promise<Fault | undefined> {
  try {
    await read()
    return undefined
  } catch (error) {
    const fault = asFault(error)
    return fault.code === 'not-found' ? undefined : fault
  }
}

/** The state as the other files tell it: stopped at the newest checkpoint. */
async function rebuildState(folder: string): Promise<void> {
  const steps = (await checkpointsOf(folder)).map(checkpoint => checkpoint.step)
  let metrics: Record<string, MetricSummary> = {}
  for await (const line of readMetrics(folder)) metrics = summarised(metrics, line)
  const step = steps.at(-1) ?? 0
  await writeState(folder, { ...emptyState(), state: { kind: 'stopped' }, step, metrics })
}

/** The day that a run's name begins with: when its label is lost, it is all that is known. */
async function rebuildLabel(folder: string): Promise<void> {
  const day = /^\d{4}-\d\d-\d\d/.exec(basename(folder))?.[0] ?? '1970-01-01'
  await writeLabel(folder, labelSchema.parse({ createdAt: `${day}T00:00:00.000Z` }))
}

async function* ownFiles(folder: string): AsyncGenerator<Found> {
  const { spec, label, state } = runFiles(folder)
  const bad = async (path: string, read: () => Promise<unknown>): Promise<string> =>
    (await faultOf(() => read().catch(gone(path))))?.message ?? ''
  const noSpec = await bad(spec, () => readSpec(folder))
  if (noSpec !== '')
    yield { path: spec, what: noSpec, fix: 'Restore it from a copy, or delete the run.' }
  const noLabel = await bad(label, () => readLabel(folder))
  const named = 'It gets no name and no note, and the day in its folder name.'
  if (noLabel !== '')
    yield { path: label, what: noLabel, fix: named, repair: () => rebuildLabel(folder) }
  const noState = await bad(state, () => readState(folder))
  const stopped = 'It is made from the metrics and checkpoints: stopped at the newest checkpoint.'
  if (noState !== '')
    yield { path: state, what: noState, fix: stopped, repair: () => rebuildState(folder) }
}

/** A run without one of its three files is broken, too. */
const gone =
  (path: string) =>
  (error: unknown): never => {
    const fault = asFault(error, path)
    throw fault.code === 'not-found'
      ? new Fault('bad-file', `${path} is missing`, fault.fix)
      : fault
  }

/** Looked at by ownFiles and metrics. */
const ownNames = new Set(['spec.json', 'label.json', 'state.json', 'metrics.jsonl'])

/** Whatever else was written beside the tensors: reading passes over what is damaged, so it is said here. */
async function* others(home: string, folder: string): AsyncGenerator<Found> {
  const names = (await readdir(folder)).filter(
    name => /\.jsonl?$/.test(name) && !ownNames.has(name),
  )
  for (const name of names.sort()) {
    const path = join(folder, name)
    const isLines = name.endsWith('l')
    const text = await readFile(path, 'utf8').catch(() => '')
    const values = isLines ? text.split('\n').filter(Boolean) : [text]
    const bad = values.filter(value => jsonIn(value) === undefined).length
    if (bad === 0) continue
    const what = isLines ? `${bad} of ${values.length} lines are damaged` : 'it is damaged'
    const fix = 'It goes to the trash; what it held is missing until the run is evaluated again.'
    yield { path, what, fix, repair: () => moveToTrash(home, path) }
  }
}

async function* checkpoints(home: string, folder: string): AsyncGenerator<Found> {
  for (const { path } of await checkpointsOf(folder)) {
    const fault = await faultOf(() => readCheckpoint(path, tensors => tensors))
    if (fault === undefined) continue
    const fix = 'It goes to the trash; the run goes on from an older checkpoint.'
    yield { path, what: fault.message, fix, repair: () => moveToTrash(home, path) }
  }
}

/** The snapshot again, out of the checkpoint of the same step: the same numbers. */
async function rebuildSnapshot(folder: string, checkpoint: string): Promise<void> {
  const { metadata, parameters } = await openSnapshot(checkpoint)
  const loss = (await readFitting(runFiles(folder).finalTest, finalTestSchema.partial()))?.loss
  const finalTestLoss = loss === undefined ? {} : { finalTestLoss: loss }
  await writeSnapshot(runFiles(folder).snapshot, {
    metadata: { ...metadata, ...finalTestLoss },
    parameters,
  })
}

async function* snapshot(folder: string): AsyncGenerator<Found> {
  const path = runFiles(folder).snapshot
  const fault = await faultOf(() => openSnapshot(path))
  if (fault === undefined) return
  const what = fault.message
  const last = (await checkpointsOf(folder)).at(-1)
  const steps = (await readSpec(folder).catch(() => undefined))?.training.steps
  const whole =
    last?.step === steps &&
    last !== undefined &&
    (await faultOf(() => openSnapshot(last.path))) === undefined
  if (!whole) {
    yield { path, what, fix: 'Resume the run from its newest checkpoint, or train it again.' }
    return
  }
  const fix = `It is written again out of ${basename(last.path)}, which has the same numbers.`
  yield { path, what, fix, repair: () => rebuildSnapshot(folder, last.path) }
}

/** Lines of metrics that cannot be read; the last may be one that a killed process began, and is cut when it goes on. */
async function* metrics(folder: string): AsyncGenerator<Found> {
  const path = runFiles(folder).metrics
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = text.split('\n').slice(0, -1)
  const bad = lines.filter(line => parseLine(line) === undefined).length
  if (bad > 0)
    yield {
      path,
      what: `${bad} of ${lines.length} lines cannot be read`,
      fix: 'Charts leave them out; restore the file from a copy, or resume the run from a checkpoint before them.',
    }
}

/** What is wrong in the folder of a run. Runs at work are left alone: their files change. */
export async function* runFindings(home: string, id: string): AsyncGenerator<Found> {
  const folder = join(homePaths(home).runs, id)
  const state = await readState(folder).catch(() => undefined)
  if (state && isActive(reconciled(runFiles(folder).state, state, new Set()))) return
  yield* ownFiles(folder)
  yield* metrics(folder)
  yield* others(home, folder)
  yield* checkpoints(home, folder)
  yield* snapshot(folder)
}
