// One download: its state, as it is reported, and the work itself.
import { join } from 'node:path'
import { asFault } from '../contract/fault'
import type { Download } from '../contract/library'
import { homePaths, readSettings } from '../train/home'
import { downloadModel } from '../weights/hub'
import { type BoundToken, tokenSentTo } from '../weights/hub-http'

export interface Job {
  readonly revision: string
  state: Download
  controller: AbortController
  work: Promise<void>
}

/** Weight of the past in the speed that is shown, per report of about a quarter second. */
const speedMemory = 0.9
const reportEvery = 250
/** A longer estimate says nothing. */
const longestEstimate = 99 * 3600

/** Speed as a moving average, and what is left at that speed. */
function speedometer(): (
  done: number,
  total: number,
) => Pick<Download, 'bytesPerSecond' | 'secondsLeft'> {
  let [at, bytes, speed] = [Date.now(), -1, 0]
  return (done, total) => {
    const now = Date.now()
    if (bytes >= 0 && now > at) {
      const fresh = ((done - bytes) * 1000) / (now - at)
      speed = speed === 0 ? fresh : speedMemory * speed + (1 - speedMemory) * fresh
    }
    ;[at, bytes] = [now, done]
    const left = speed > 0 ? (total - done) / speed : Number.POSITIVE_INFINITY
    return { bytesPerSecond: speed, secondsLeft: left < longestEstimate ? left : null }
  }
}

export interface JobOptions {
  readonly id: string
  readonly revision: string
  readonly home: string
  /** the state changed */
  report(): void
  log(line: string): void
}

export const downloadKey = (id: string, revision: string): string => `${id}@${revision || 'main'}`

export const modelFolder = (home: string, id: string): string => join(homePaths(home).models, id)

/** A download that has not started. */
export function newJob(
  id: string,
  revision: string,
  state: Download['state'],
  before?: Download,
): Job {
  return {
    revision,
    state: {
      key: downloadKey(id, revision),
      id,
      state,
      file: '',
      doneBytes: before?.doneBytes ?? 0,
      totalBytes: before?.totalBytes ?? null,
      bytesPerSecond: 0,
      secondsLeft: null,
      fault: null,
    },
    controller: new AbortController(),
    work: Promise.resolve(),
  }
}

export const set = (job: Job, change: Partial<Download>): void => {
  job.state = { ...job.state, ...change }
}

/** Carries a download out to its end; a fault becomes its state. An abort leaves the state to the caller that aborted. */
export async function runDownload(
  job: Job,
  options: JobOptions,
  bound: BoundToken,
): Promise<boolean> {
  const { id, revision, home, report, log } = options
  const speed = speedometer()
  let last = 0
  set(job, { state: 'running', fault: null })
  report()
  try {
    const endpoint = readSettings(home).hubEndpoint
    const token = tokenSentTo(endpoint, bound)
    await downloadModel({
      id,
      revision,
      folder: modelFolder(home, id),
      endpoint,
      token,
      signal: job.controller.signal,
      onProgress: ({ state, file, doneBytes, totalBytes }) => {
        if (Date.now() - last < reportEvery && state === job.state.state) return
        last = Date.now()
        set(job, { state, file, doneBytes, totalBytes, ...speed(doneBytes, totalBytes) })
        report()
      },
    })
    const { totalBytes, doneBytes } = job.state
    set(job, { state: 'done', secondsLeft: 0, doneBytes: totalBytes ?? doneBytes })
    return true
  } catch (error) {
    if (job.controller.signal.aborted) return false
    const fault = asFault(error).toData()
    log(`download of ${id}: ${fault.message}`)
    set(job, { state: 'failed', fault, bytesPerSecond: 0, secondsLeft: null })
    return false
  } finally {
    report()
  }
}
