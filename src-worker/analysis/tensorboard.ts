// The scalars of a run as a TensorBoard event file: one file a run, opened at the first scalar, appended to, and written
// anew from the metrics when a run goes back to a checkpoint. Tags are kept exactly as given.
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { writeAtomically } from '../weights/atomic'
import { type Scalar, scalarEvent, versionEvent } from './tensorboard-event'
import { frame, unframe } from './tensorboard-record'

export interface EventWriter {
  /** Writes at once: a reader of the folder sees it. */
  append(scalars: readonly Scalar[]): void
  /** Syncs and closes; a later append opens again. */
  close(): void
}

/** As TensorBoard decides; hidden files are half-written ones. */
export function isEventFile(path: string): boolean {
  const name = path.split(/[/\\]/).at(-1) ?? ''
  return name.includes('tfevents') && !name.startsWith('.')
}

/** Event files right in a folder, in the order in which TensorBoard reads them. */
export function eventFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter(isEventFile).sort()
  } catch {
    return []
  }
}

/** events.out.tfevents.<unix seconds>.<host>.<pid>.0, as torch's SummaryWriter names them. */
const freshName = (wall: number): string =>
  `events.out.tfevents.${String(Math.floor(wall / 1000)).padStart(10, '0')}.${hostname()}.${process.pid}.0`

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

/** Where the last whole record ends: bytes after it would hide everything appended later. */
function wholeLength(path: string): number {
  const { records } = unframe(readFileSync(path))
  return records.reduce((sum, record) => sum + record.length + 16, 0)
}

function openForAppend(folder: string, wall: number): number {
  const existing = eventFiles(folder).at(-1)
  if (existing === undefined) {
    const file = openSync(join(folder, freshName(wall)), 'a')
    writeSync(file, frame(versionEvent(wall)))
    return file
  }
  const path = join(folder, existing)
  const length = wholeLength(path)
  const file = openSync(path, 'r+')
  ftruncateSync(file, length)
  closeSync(file)
  return openSync(path, 'a')
}

/** Nothing is written, not even a file, before the first scalar. An existing file is continued; a torn tail is cut. */
export function eventWriter(folder: string): EventWriter {
  let file: number | undefined
  return {
    append(scalars) {
      const first = scalars[0]
      if (first === undefined) return
      file ??= openForAppend(folder, first.wall)
      const bytes = joined(scalars.map(scalar => frame(scalarEvent(scalar))))
      let written = 0
      while (written < bytes.length) written += writeSync(file, bytes, written)
    },
    close() {
      if (file === undefined) return
      fsyncSync(file)
      closeSync(file)
      file = undefined
    },
  }
}

/**
 * Replaces the folder's event file by these scalars, whole or not at all: after a resume the steps behind the checkpoint
 * are gone. Close the writer of the folder before.
 */
export async function rewriteEvents(folder: string, scalars: Iterable<Scalar>): Promise<void> {
  const [keep, ...others] = eventFiles(folder)
  const list = [...scalars]
  const wall = list[0]?.wall ?? Date.now()
  const chunks = [frame(versionEvent(wall)), ...list.map(scalar => frame(scalarEvent(scalar)))]
  await writeAtomically(join(folder, keep ?? freshName(wall)), joined(chunks))
  for (const other of others) await rm(join(folder, other), { force: true })
}
