// The living state of one run: state.json while a process works on it, with a lease and a heartbeat.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { Fault, writeFault } from '../contract/fault'
import type { MetricLine } from '../contract/metrics'
import type { RunState } from '../contract/run'
import { withFileLock } from '../dataset/file-lock'
import { removeTemporaries } from '../weights/atomic'
import { ageOf } from '../weights/file-age'
import {
  busyFault,
  foreignDeadAfter,
  heartbeatEvery,
  isAlive,
  type Lease,
  mayWait,
  newLease,
} from './lease'
import { appendMetrics, summarised } from './metrics-file'
import { readState, runFiles, type StateFile, writeState } from './run-folder'

export interface RunRecord {
  now(): StateFile
  /** a new state, on disk before it returns */
  enter(state: RunState, changes?: Partial<StateFile>): Promise<void>
  /** finished steps: lines to metrics.jsonl, summaries to state.json */
  add(lines: readonly MetricLine[], changes: Partial<StateFile>): Promise<void>
  log(line: string): void
  /**
   * The last state, written once and together with the end of the lease: any process that sees it may queue the run again, and
   * nothing is written after it.
   */
  end(state: RunState): Promise<void>
}

/** No file of a run takes as long to write. Milliseconds. */
const temporaryLease = 60_000

/** Writes a lease of `owner`, while no other process claims the same run. Faults: `busy` while another owner lives. */
async function claim(folder: string, owner: string): Promise<StateFile> {
  const file = await readState(folder)
  const { lease, state } = file
  const age = (): number => ageOf(runFiles(folder).state)
  const lives = (held: Lease): boolean =>
    state.kind === 'queued' ? mayWait(held, age) : isAlive(held, new Set(), age)
  if (lease !== null && lease.owner !== owner && lives(lease)) throw busyFault(folder, file)
  const mine = { ...file, lease: newLease(owner) }
  await writeState(folder, mine)
  return mine
}

/** Takes the run: writes a lease of `owner`, kept fresh until its end. Faults: `busy` while another owner lives. */
export async function openRecord(folder: string, owner: string): Promise<RunRecord> {
  const mark = join(folder, '.claim')
  let file = await withFileLock(mark, undefined, () => claim(folder, owner)).catch(error => {
    throw writeFault(error, folder)
  })
  // only the owner writes checkpoints; a label or a stop request may be on its way from a living process
  await removeTemporaries(runFiles(folder).checkpoints, 0)
  await removeTemporaries(folder, temporaryLease)
  const inTurn = pLimit(1)
  let savedAt = Date.now()
  /** After a long time without a heartbeat (a suspended machine, one very long step) another machine may have taken the run. */
  const checkOwner = async (): Promise<void> => {
    if (Math.abs(Date.now() - savedAt) < foreignDeadAfter / 2) return
    const { lease } = await readState(folder)
    if (lease?.owner === owner) return
    throw new Fault(
      'busy',
      `${folder} was silent for ${Math.round((Date.now() - savedAt) / 1000)} s and another process took it`,
      'Nothing is lost: it goes on there.',
    )
  }
  const save = (): Promise<void> => {
    const updatedAt = new Date().toISOString()
    const lease = file.lease === null ? null : { ...file.lease, heartbeat: Date.now() }
    file = { ...file, updatedAt, lease }
    const snapshot = file
    // one write after another, so that an older state never lands on a newer one; a failed one must not stop the next
    return inTurn(async () => {
      await checkOwner()
      await writeState(folder, snapshot)
      savedAt = Date.now()
    })
  }
  const beat = setInterval(() => {
    save().catch(() => undefined)
  }, heartbeatEvery)
  beat.unref()
  return {
    now: () => file,
    enter: async (state, changes = {}) => {
      file = { ...file, ...changes, state }
      await save()
    },
    add: async (lines, changes) => {
      await checkOwner()
      await appendMetrics(folder, lines)
      file = { ...file, ...changes, metrics: lines.reduce(summarised, file.metrics) }
      await save()
    },
    log: line => {
      try {
        appendFileSync(runFiles(folder).log, `${new Date().toISOString()} ${line}\n`)
      } catch {
        // a full disk ends the run where its numbers are written, not over a line of its log
      }
    },
    end: async state => {
      clearInterval(beat)
      file = { ...file, state, secondsLeft: null, lease: null }
      await save()
    },
  }
}
