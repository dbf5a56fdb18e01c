// The living state of one run: state.json while somebody works on it, with a lease and a heartbeat.
import { appendFileSync } from 'node:fs'
import type { MetricLine } from '../contract/metrics'
import type { RunState } from '../contract/run'
import { heartbeatEvery, newLease } from './lease'
import { appendMetrics, summarised } from './metrics-file'
import { readState, runFiles, type StateFile, writeState } from './run-folder'

export interface RunRecord {
  now(): StateFile
  /** a new state, on disk before it returns */
  enter(state: RunState, changes?: Partial<StateFile>): Promise<void>
  /** finished steps: lines to metrics.jsonl, summaries to state.json */
  add(lines: readonly MetricLine[], changes: Partial<StateFile>): Promise<void>
  log(line: string): void
  /** gives the lease back; the state stays as it is */
  close(): Promise<void>
}

/** Takes the run: writes a lease of `owner`, kept fresh until close. */
export async function openRecord(folder: string, owner: string): Promise<RunRecord> {
  let file: StateFile = { ...(await readState(folder)), lease: newLease(owner) }
  let writing: Promise<void> = Promise.resolve()
  const save = (): Promise<void> => {
    const updatedAt = new Date().toISOString()
    const lease = file.lease === null ? null : { ...file.lease, heartbeat: Date.now() }
    file = { ...file, updatedAt, lease }
    const snapshot = file
    // one write after another, so that an older state never lands on a newer one; a failed one must not stop the next
    writing = writing.catch(() => undefined).then(() => writeState(folder, snapshot))
    return writing
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
      await appendMetrics(folder, lines)
      file = { ...file, ...changes, metrics: lines.reduce(summarised, file.metrics) }
      await save()
    },
    log: line => {
      appendFileSync(runFiles(folder).log, `${new Date().toISOString()} ${line}\n`)
    },
    close: async () => {
      clearInterval(beat)
      file = { ...file, lease: null }
      await save()
    },
  }
}
