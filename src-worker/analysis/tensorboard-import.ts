// Reads TensorBoard logs, any folder or archive of them, into series of scalars: one run a folder.
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { Fault } from '../contract/fault'
import { archivedFiles } from './archive'
import { isEventFile } from './tensorboard'
import { scalarsOf } from './tensorboard-event'
import { unframe } from './tensorboard-record'

/** Values of one tag in file order. wall: unix milliseconds. */
export interface ScalarSeries {
  readonly steps: number[]
  readonly values: number[]
  readonly wall: number[]
}

export interface EventLog {
  readonly scalars: ReadonlyMap<string, ScalarSeries>
  /** what could not be read, in words; what came before it is there */
  readonly problems: readonly string[]
}

export interface TensorboardRun extends EventLog {
  /** folder inside the archive; '.' for its root */
  readonly name: string
  readonly files: readonly string[]
}

/** All scalars of an event file; a cut tail or damaged record ends the reading and is reported. */
export function readEvents(bytes: Uint8Array): EventLog {
  const { records, problem } = unframe(bytes)
  const scalars = new Map<string, ScalarSeries>()
  const plugins = new Map<string, string>()
  const problems = problem === undefined ? [] : [problem]
  for (const [index, record] of records.entries()) {
    try {
      for (const { tag, step, value, wall } of scalarsOf(record, plugins)) {
        const series = scalars.get(tag) ?? { steps: [], values: [], wall: [] }
        scalars.set(tag, series)
        series.steps.push(step)
        series.values.push(value)
        series.wall.push(wall)
      }
    } catch {
      problems.push(`record ${index} is not an event`)
    }
  }
  return { scalars, problems }
}

function merged(a: ReadonlyMap<string, ScalarSeries>, b: ReadonlyMap<string, ScalarSeries>) {
  const all = new Map(a)
  for (const [tag, series] of b) {
    const before = all.get(tag)
    all.set(tag, {
      steps: [...(before?.steps ?? []), ...series.steps],
      values: [...(before?.values ?? []), ...series.values],
      wall: [...(before?.wall ?? []), ...series.wall],
    })
  }
  return all
}

/**
 * Runs of a folder, an archive, or of one event file; files of one folder are one run, read in the order of their names.
 * Faults: bad-file (nothing in it, or the archive is damaged).
 */
export async function readTensorboard(path: string): Promise<TensorboardRun[]> {
  const runs = new Map<string, TensorboardRun>()
  const accept = (name: string, bytes: Uint8Array): void => {
    const { scalars, problems } = readEvents(bytes)
    const folder = posix.dirname(name)
    const before = runs.get(folder)
    runs.set(folder, {
      name: folder,
      files: [...(before?.files ?? []), name],
      scalars: before ? merged(before.scalars, scalars) : scalars,
      problems: [...(before?.problems ?? []), ...problems.map(p => `${name}: ${p}`)],
    })
  }
  if (isEventFile(path)) {
    const parts = path.replaceAll('\\', '/').split('/')
    accept(parts.slice(-2).join('/'), await readFile(path))
  } else {
    const files: { name: string; bytes: Uint8Array }[] = []
    for await (const file of archivedFiles(path, isEventFile)) files.push(file)
    files.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const { name, bytes } of files) accept(name, bytes)
  }
  if (runs.size === 0)
    throw new Fault(
      'bad-file',
      `there is no TensorBoard event file in ${path}`,
      'Choose a folder or an archive (.tar, .tar.gz, .tar.zst, .zip) that holds files named *tfevents*.',
    )
  return [...runs.values()]
}
