// Reads TensorBoard logs, any folder or archive of them, into series of scalars: one run a folder.
import { createReadStream } from 'node:fs'
import { basename, posix, resolve } from 'node:path'
import { Fault } from '../contract/fault'
import { tags } from '../contract/metrics'
import { sizeOfFile } from '../weights/plain-file'
import { type ArchivedFile, archivedFiles } from './archive'
import { isEventFile } from './tensorboard'
import { scalarsOf } from './tensorboard-event'
import {
  continuedAll,
  type EventLog,
  type ScalarSeries,
  type TensorboardRun,
} from './tensorboard-join'
import { unframer } from './tensorboard-record'
import { withSplitsJoined } from './tensorboard-splits'

export type { TensorboardRun }

/** Numbers of one import, all together: a packed file of some kilobytes may hold any number of them. */
const mostValues = 20_000_000

export interface EventReader {
  push(part: Uint8Array): void
  /** see Unframer */
  stopped(): boolean
  /** what it holds; more than one part, where a run began again within it */
  end(size: number): EventLog[]
}

/** Scalars of an event file that comes in parts; a cut tail or damaged record ends the reading and is reported. */
export function eventReader(room: { left: number } = { left: mostValues }): EventReader {
  const parts: Map<string, ScalarSeries>[] = [new Map()]
  const plugins = new Map<string, string>()
  const problems: string[] = []
  const { push, stopped, end } = unframer()
  let index = 0
  const accept = (record: Uint8Array): void => {
    for (const { tag, step, value, wall } of scalarsOf(record, plugins)) {
      const before = tag === tags.loss ? parts.at(-1)?.get(tag)?.steps.at(-1) : undefined
      // steps of the training loss go back: a run was started again into the same file
      if (before !== undefined && step < before) parts.push(new Map())
      const scalars = parts.at(-1) ?? new Map<string, ScalarSeries>()
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
      const found = problem === undefined ? problems : [problem, ...problems]
      return parts.map((scalars, i) => ({ scalars, problems: i === 0 ? found : [] }))
    },
  }
}

/** All scalars of an event file. */
export function readEvents(bytes: Uint8Array): EventLog {
  const { push, end } = eventReader()
  push(bytes)
  return continuedAll(end(bytes.length).map(part => ['the file', part]))
}

/** One event file, or those of a folder or an archive. */
async function* filesOf(path: string): AsyncGenerator<ArchivedFile> {
  if (!isEventFile(path)) return yield* archivedFiles(path, isEventFile)
  const name = path.replaceAll('\\', '/').split('/').slice(-2).join('/')
  yield { name, size: await sizeOfFile(path), parts: createReadStream(path) }
}

async function logOf({ parts, size }: ArchivedFile, room: { left: number }): Promise<EventLog[]> {
  const reader = eventReader(room)
  for await (const part of parts) {
    reader.push(part)
    if (reader.stopped()) break
  }
  return reader.end(size)
}

/** What logs that lie in no folder of their own are called: as the folder or archive that was chosen. */
const rootName = (path: string): string =>
  basename(resolve(path)).replace(/\.(?:zip|tar(?:\.\w+)?)$/i, '') || '.'

/**
 * Runs of a folder, an archive, or of one event file; files of one folder are one run, read in the order of their names,
 * and so are folders of training and tests (see tensorboard-splits). Empty where nothing of it is an event file.
 * Faults: bad-file (the archive is damaged).
 */
export async function tensorboardRunsIn(path: string): Promise<TensorboardRun[]> {
  const logs: [name: string, parts: readonly EventLog[]][] = []
  const room = { left: mostValues }
  for await (const file of filesOf(path)) logs.push([file.name, await logOf(file, room)])
  logs.sort(([a], [b]) => (a < b ? -1 : 1))
  const folders = [...new Set(logs.map(([name]) => posix.dirname(name)))]
  const runs = folders.map((name): TensorboardRun => {
    const files = logs.filter(([file]) => posix.dirname(file) === name)
    const parts = files.flatMap(([file, of]) =>
      of.map(({ scalars, problems }): [string, EventLog] => [
        file,
        { scalars, problems: problems.map(problem => `${file}: ${problem}`) },
      ]),
    )
    return { name, files: files.map(([file]) => file), ...continuedAll(parts) }
  })
  return withSplitsJoined(runs).map(run =>
    run.name === '.' ? { ...run, name: rootName(path) } : run,
  )
}

/** As tensorboardRunsIn. Faults: bad-file, also where there is none. */
export async function readTensorboard(path: string): Promise<TensorboardRun[]> {
  const runs = await tensorboardRunsIn(path)
  if (runs.length > 0) return runs
  throw new Fault(
    'bad-file',
    `there is no TensorBoard event file in ${path}`,
    'Choose a folder or an archive (.tar, .tar.gz, .tar.zst, .zip) that holds files named *tfevents*.',
  )
}
