// Reads TensorBoard logs, any folder or archive of them, into series of scalars: one run a folder.
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import { sizeOfFile } from '../weights/plain-file'
import { type ArchivedFile, archivedFiles } from './archive'
import { isEventFile } from './tensorboard'
import { scalarsOf } from './tensorboard-event'
import { unframer } from './tensorboard-record'

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

/** Numbers of one import, all together: a packed file of some kilobytes may hold any number of them. */
const mostValues = 20_000_000

export interface EventReader {
  push(part: Uint8Array): void
  /** see Unframer */
  stopped(): boolean
  end(size: number): EventLog
}

/** Scalars of an event file that comes in parts; a cut tail or damaged record ends the reading and is reported. */
export function eventReader(room: { left: number } = { left: mostValues }): EventReader {
  const scalars = new Map<string, ScalarSeries>()
  const plugins = new Map<string, string>()
  const problems: string[] = []
  const { push, stopped, end } = unframer()
  let index = 0
  const accept = (record: Uint8Array): void => {
    for (const { tag, step, value, wall } of scalarsOf(record, plugins)) {
      const series = scalars.get(tag) ?? { steps: [], values: [], wall: [] }
      scalars.set(tag, series)
      series.steps.push(step)
      series.values.push(value)
      series.wall.push(wall)
      room.left -= 1
    }
  }
  return {
    push: part => {
      for (const record of push(part)) {
        try {
          accept(record)
        } catch {
          problems.push(`record ${index} is not an event`)
        }
        index += 1
        if (room.left < 0)
          throw new Fault(
            'bad-file',
            `the logs hold more than ${mostValues} numbers`,
            'Import fewer of them at once.',
          )
      }
    },
    stopped,
    end: size => {
      const problem = end(size)
      return { scalars, problems: problem === undefined ? problems : [problem, ...problems] }
    },
  }
}

/** All scalars of an event file. */
export function readEvents(bytes: Uint8Array): EventLog {
  const { push, end } = eventReader()
  push(bytes)
  return end(bytes.length)
}

const firstStep = (scalars: EventLog['scalars']): number | undefined =>
  scalars.get(tags.loss)?.steps[0]

/** Points before a step. A final test that was made before a restart is none of the run that went on. */
function until(scalars: EventLog['scalars'], step: number): Map<string, ScalarSeries> {
  const kept = new Map<string, ScalarSeries>()
  for (const [tag, { steps, values, wall }] of scalars) {
    if (tag.startsWith('Final ')) continue
    const before = <T>(list: readonly T[]): T[] => list.filter((_, i) => (steps[i] ?? 0) < step)
    kept.set(tag, { steps: before(steps), values: before(values), wall: before(wall) })
  }
  return kept
}

function joined(a: EventLog['scalars'], b: EventLog['scalars']): Map<string, ScalarSeries> {
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

/** One event file, or those of a folder or an archive. */
async function* filesOf(path: string): AsyncGenerator<ArchivedFile> {
  if (!isEventFile(path)) return yield* archivedFiles(path, isEventFile)
  const name = path.replaceAll('\\', '/').split('/').slice(-2).join('/')
  yield { name, size: await sizeOfFile(path), parts: createReadStream(path) }
}

async function logOf({ parts, size }: ArchivedFile, room: { left: number }): Promise<EventLog> {
  const reader = eventReader(room)
  for await (const part of parts) {
    reader.push(part)
    if (reader.stopped()) break
  }
  return reader.end(size)
}

/**
 * One file after another of a folder. Steps that begin anew are another run, and the last one counts; steps that go on
 * from an earlier step are a restart, joined there; a file without a training loss belongs to what was there.
 */
function continued(before: EventLog, next: EventLog, file: string): EventLog {
  const [began, begins] = [firstStep(before.scalars), firstStep(next.scalars)]
  const problems = [...before.problems, ...next.problems]
  if (began === undefined || begins === undefined)
    return { scalars: joined(before.scalars, next.scalars), problems }
  if (begins > began)
    return { scalars: joined(until(before.scalars, begins), next.scalars), problems }
  const points = before.scalars.get(tags.loss)?.steps.length ?? 0
  const left = `${file} begins anew at step ${begins}: an earlier run of ${points} points in this folder is left out`
  return { scalars: next.scalars, problems: [...problems, left] }
}

/**
 * Runs of a folder, an archive, or of one event file; files of one folder are one run, read in the order of their names.
 * Faults: bad-file (nothing in it, or the archive is damaged).
 */
export async function readTensorboard(path: string): Promise<TensorboardRun[]> {
  const runs = new Map<string, TensorboardRun>()
  const accept = (name: string, { scalars, problems }: EventLog): void => {
    const folder = posix.dirname(name)
    const before = runs.get(folder)
    const log = { scalars, problems: problems.map(p => `${name}: ${p}`) }
    runs.set(folder, {
      name: folder,
      files: [...(before?.files ?? []), name],
      ...(before === undefined ? log : continued(before, log, name)),
    })
  }
  const logs: [name: string, log: EventLog][] = []
  const room = { left: mostValues }
  for await (const file of filesOf(path)) logs.push([file.name, await logOf(file, room)])
  logs.sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name, log] of logs) accept(name, log)
  if (runs.size === 0)
    throw new Fault(
      'bad-file',
      `there is no TensorBoard event file in ${path}`,
      'Choose a folder or an archive (.tar, .tar.gz, .tar.zst, .zip) that holds files named *tfevents*.',
    )
  return [...runs.values()]
}
