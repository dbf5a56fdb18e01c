// Every snapshot and checkpoint that there is, read from headers alone: of runs, finished or not, and imported ones.
import { statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { behaviourName, behaviours, findBehaviour } from '../behaviours/registry'
import { experimentSpecSchema } from '../contract/experiment-spec'
import { asFault } from '../contract/fault'
import type { ModelEntry, SnapshotEntry } from '../contract/library'
import { tags } from '../contract/metrics'
import type { RunSummary } from '../contract/run'
import { dataSpecSchema } from '../contract/run-spec'
import { shownLine } from '../contract/shown-text'
import type { SnapshotMetadata } from '../contract/snapshot'
import { ratedCheckpoints } from '../train/checkpoint-losses'
import { homePaths } from '../train/home'
import { runFiles } from '../train/run-folder'
import { readSnapshotMetadata } from '../weights/snapshot-file'
import type { Context } from './context'

interface Found {
  readonly path: string
  readonly kind: SnapshotEntry['kind']
  readonly title: string
  readonly run: string
  readonly losses: Pick<SnapshotEntry, 'quickTest' | 'fullTest' | 'finalTest' | 'trainLoss'>
}

const unknownLosses = { quickTest: null, fullTest: null, finalTest: null, trainLoss: null }

const last = (name: string): string => basename(name.replace(/[\\/]+$/, ''))

/** The model of the library that the snapshot was trained for, and why it would not fit. */
export function fitting(
  metadata: SnapshotMetadata,
  models: readonly ModelEntry[],
): { modelPath: string | null; misfit: string } {
  const usable = models.filter(m => m.fault === null)
  const match =
    usable.find(m => m.path === metadata.training.modelPath) ??
    usable.find(m => m.path === metadata.model || m.id === metadata.model) ??
    usable.find(m => last(m.id) === last(metadata.model))
  if (match === undefined) return { modelPath: null, misfit: '' }
  const { width } = metadata.shape
  if (match.hiddenSize === width) return { modelPath: match.path, misfit: '' }
  const misfit = `the snapshot has width ${width}, ${match.id} has hidden size ${match.hiddenSize}`
  return { modelPath: match.path, misfit }
}

/** As fitting; a model outside the library counts while it still lies where it was trained. */
async function placed(metadata: SnapshotMetadata, models: readonly ModelEntry[]) {
  const found = fitting(metadata, models)
  const { modelPath } = metadata.training
  if (found.modelPath !== null || typeof modelPath !== 'string') return found
  const there = await stat(join(modelPath, 'config.json')).catch(() => undefined)
  return there === undefined ? found : { modelPath, misfit: '' }
}

/** What was trained for, and the playground that shows it. Files from elsewhere may not tell. */
function triedIn({ experiment = '', dataset, training }: SnapshotMetadata) {
  const spec = experimentSpecSchema.safeParse(training.experiment).data
  const data = dataSpecSchema.parse({ path: dataset || 'unknown' })
  return {
    behaviour: spec ? behaviourName({ experiment: spec, data }) : experiment.replaceAll('-', ' '),
    playground: (findBehaviour(experiment) ?? behaviours()[0])?.playground ?? '',
  }
}

async function entryOf(found: Found, models: readonly ModelEntry[]): Promise<SnapshotEntry> {
  const { path, kind, title, run, losses } = found
  const metadata = await readSnapshotMetadata(path)
  const { size, mtime } = await stat(path)
  return {
    path,
    title: shownLine(title),
    metadata,
    kind,
    run,
    step: metadata.step ?? 0,
    ...losses,
    finalTest: losses.finalTest ?? metadata.finalTestLoss ?? null,
    ...triedIn(metadata),
    date: metadata.createdAt ?? mtime.toISOString(),
    bytes: size,
    ...(await placed(metadata, models)),
  }
}

async function ofRun(run: RunSummary): Promise<readonly Found[]> {
  const rated = await ratedCheckpoints(run.folder, run.spec)
  const checkpoints = rated.map(({ path, step, quickTest, fullTest, trainLoss }) => ({
    ...{ path, kind: 'checkpoint' as const, title: `${run.name} · step ${step}`, run: run.id },
    losses: { ...unknownLosses, quickTest, fullTest, trainLoss },
  }))
  const path = runFiles(run.folder).snapshot
  if (timeOf(path) === 0) return checkpoints
  const finalTest = run.metrics[tags.finalTestLoss]?.last ?? null
  // the same prompt as in the last checkpoint
  const same = checkpoints.find((_, i) => rated[i]?.step === run.step)
  const losses = { ...(same?.losses ?? unknownLosses), finalTest }
  const final = { path, kind: 'snapshot' as const, title: run.name, run: run.id, losses }
  return [final, ...checkpoints]
}

/** When it was last changed, ms; 0: it is not there. */
const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** What a run holds, read again when something in it has changed: most of thousands never do. */
function openFoundOf() {
  const cache = new Map<string, { stamp: string; found: readonly Found[] }>()
  return async (run: RunSummary): Promise<readonly Found[]> => {
    const { checkpoints, checkpointTests, snapshot, metrics } = runFiles(run.folder)
    const files = [checkpoints, checkpointTests, snapshot, metrics]
    const stamp = [run.name, run.updatedAt, ...files.map(timeOf)].join()
    const held = cache.get(run.id)
    if (held?.stamp === stamp) return held.found
    const found = await ofRun(run)
    cache.set(run.id, { stamp, found })
    return found
  }
}

async function imported(home: string): Promise<readonly Found[]> {
  const folder = homePaths(home).snapshots
  const names = (await readdir(folder).catch(() => [])).filter(n => n.endsWith('.safetensors'))
  return names.sort().map(name => ({
    path: join(folder, name),
    kind: 'imported',
    title: name.slice(0, -'.safetensors'.length),
    run: '',
    losses: unknownLosses,
  }))
}

/** Headers by path and time of change: a list of thousands is read once. */
export function openSnapshotList(context: Context) {
  const cache = new Map<string, { stamp: string; entry: SnapshotEntry }>()
  const foundOf = openFoundOf()
  const read = async (found: Found, models: readonly ModelEntry[]): Promise<SnapshotEntry[]> => {
    try {
      const { mtimeMs } = await stat(found.path)
      const stamp = `${mtimeMs} ${found.title} ${JSON.stringify(found.losses)} ${models.length}`
      const held = cache.get(found.path)
      if (held?.stamp === stamp) return [held.entry]
      const entry = await entryOf(found, models)
      cache.set(found.path, { stamp, entry })
      return [entry]
    } catch (error) {
      const { code, message } = asFault(error)
      // deleted between the look and the read, or untrained (0 tokens): not a snapshot to offer
      if (code !== 'not-found') context.log(`snapshot ${found.path}: ${message}`)
      return []
    }
  }
  return async (
    runs: readonly RunSummary[],
    models: readonly ModelEntry[],
  ): Promise<SnapshotEntry[]> => {
    const found = [
      ...(await Promise.all(runs.map(foundOf))).flat(),
      ...(await imported(context.home)),
    ]
    const entries = (await Promise.all(found.map(f => read(f, models)))).flat()
    const prompts = entries.filter(e => e.metadata.shape.tokens > 0)
    return prompts.sort((a, b) => (a.date < b.date ? 1 : -1))
  }
}
