// Two ways to go on from what was trained: fork (a new run that starts from a snapshot) and extend (the same run, more steps).
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Fault } from '../contract/fault'
import { isActive } from '../contract/run'
import type { PromptInit, RunSpec, RunSpecInput } from '../contract/run-spec'
import { learnedDay, type PromptShape } from '../contract/snapshot'
import { laidOver } from '../shared/plain-object'
import { resolveSpec } from '../spec/resolve'
import { runsNamed, severalRuns } from '../train/find-run'
import type { Places } from '../train/home'
import { busyFault, reconciled } from '../train/lease'
import { modelOfSnapshot } from '../train/model-places'
import {
  checkpointsOf,
  folderAround,
  readLabel,
  readSpec,
  readState,
  runFiles,
  writeState,
} from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'
import { openSnapshot } from '../weights/snapshot-file'
import { importedFault } from './queue'

/** The folder of the run that a checkpoint or snapshot of ours lies in. */
async function runOf(path: string): Promise<string | undefined> {
  const folder = folderAround(path)
  return stat(runFiles(folder).spec).then(
    () => folder,
    () => undefined,
  )
}

/** The run of this name; undefined: a path. Faults: not-found, for a name that several runs have. */
async function meantRun(home: string, from: string): Promise<string | undefined> {
  const meant = await runsNamed(home, from).catch(() => [])
  if (meant.length < 2) return meant[0]
  if ((await stat(from).catch(() => undefined)) === undefined) throw severalRuns(from, meant)
  return undefined
}

/** A run stands for its last checkpoint or snapshot; a file of a run brings its spec along. */
async function snapshotOf(
  { home }: Places,
  from: string,
): Promise<{ path: string; spec?: RunSpec }> {
  const run = await meantRun(home, from)
  if (run === undefined) {
    const owner = await runOf(from)
    const path = resolve(from)
    return owner === undefined ? { path } : { path, spec: await readSpec(owner) }
  }
  if ((await readLabel(run)).readOnly) throw importedFault(basename(run))
  const last = (await checkpointsOf(run)).at(-1)
  return { path: last?.path ?? runFiles(run).snapshot, spec: await readSpec(run) }
}

function promptOf(shape: PromptShape, init: PromptInit): RunSpecInput['prompt'] {
  const { width: _width, ...rest } = shape
  if (rest.type === 'direct') return { ...rest, init }
  if (rest.type === 'subspace') {
    const { seed: projection, ...sizes } = rest
    return { ...sizes, projection, init }
  }
  const { conditions: _conditions, ...sizes } = rest
  return { ...sizes, init } as RunSpecInput['prompt']
}

/**
 * The spec of a run that starts where a snapshot is, with changes laid over.
 * Faults: those of openSnapshot and resolveSpec; `usage` when a snapshot alone does not say what to train on.
 */
export async function forkSpec(
  places: Places,
  from: string,
  changes: RunSpecInput,
): Promise<RunSpec> {
  const { path, spec } = await snapshotOf(places, from)
  const { metadata } = await openSnapshot(path)
  const base =
    spec ??
    ({
      // where the model that it was trained on has gone, another may be named
      model: changes.model ?? (await modelOfSnapshot(metadata, places)),
      experiment: metadata.training.experiment ?? { kind: metadata.experiment },
      // chats as it learned them, on any day
      data: { date: learnedDay(metadata) },
    } as RunSpecInput)
  const prompt = promptOf(metadata.shape, { kind: 'snapshot', path })
  // a name given to the run that it starts from is that run's own
  return resolveSpec(laidOver(laidOver(base, { prompt, name: '' }), changes) as RunSpecInput)
}

/** How a run is tested at its end. */
export interface EndTests {
  readonly finalTestBatches: number
  readonly prompts: number
  readonly metricSamples: number
}

/** Raises the steps of a run; its checkpoints stay valid, because only what follows changes. */
export async function extendRun(folder: string, steps: number, tests?: EndTests): Promise<void> {
  const [spec, file] = [await readSpec(folder), await readState(folder)]
  if (isActive(reconciled(runFiles(folder).state, file, new Set()))) throw busyFault(folder, file)
  if (!Number.isInteger(steps) || steps <= file.step)
    throw new Fault(
      'usage',
      `the run is at step ${file.step}, so it cannot go on to ${steps}`,
      'Give a larger number of steps.',
    )
  // as strict as a new run: what is written here must be read again
  const { finalTestBatches = spec.training.finalTestBatches, ...results } = tests ?? {}
  const longer = resolveSpec({
    ...spec,
    training: { ...spec.training, steps, finalTestBatches },
    results: { ...spec.results, ...results },
  })
  await writeAtomically(runFiles(folder).spec, `${JSON.stringify(longer, null, 2)}\n`)
  await writeState(folder, { ...file, state: { kind: 'stopped' } })
}
