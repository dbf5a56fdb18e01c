// Downloads belong to the engine: they go on when nobody looks, survive a restart, and never say more than is true.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { asFault, Fault } from '../contract/fault'
import type { Download } from '../contract/library'
import { homePaths, readSettings } from '../train/home'
import { downloadModel, listHubFiles } from '../weights/hub'
import type { Context } from './context'
import type { JsonFile } from './json-file'
import type { LibraryFile } from './library-file'

export type DownloadCalls = Pick<
  WorkbenchApi,
  'hubFiles' | 'startDownload' | 'pauseDownload' | 'resumeDownload' | 'cancelDownload' | 'downloads'
>

export interface Downloads {
  readonly calls: DownloadCalls
  close(): Promise<void>
}

interface Job {
  readonly revision: string
  state: Download
  controller: AbortController
  work: Promise<void>
}

/** Weight of the past in the speed that is shown, per report of about a quarter second. */
const speedMemory = 0.9
const tellEvery = 250
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

export function openDownloads(context: Context, library: JsonFile<LibraryFile>): Downloads {
  const { home, emit, log } = context
  const jobs = new Map<string, Job>()
  const folderOf = (id: string): string => join(homePaths(home).models, id)
  const endpoint = (): string => readSettings(home).hubEndpoint
  const tell = (): void =>
    emit(
      'downloads',
      [...jobs.values()].map(j => j.state),
    )

  const remember = (id: string, revision: string, unfinished: boolean): Promise<unknown> =>
    library.change(l => {
      const others = l.downloads.filter(d => d.id !== id || d.revision !== revision)
      return { ...l, downloads: unfinished ? [...others, { id, revision }] : others }
    })

  const set = (job: Job, change: Partial<Download>): void => {
    job.state = { ...job.state, ...change }
  }

  const carryOut = async (job: Job, token: string): Promise<void> => {
    const { id } = job.state
    const speed = speedometer()
    let last = 0
    try {
      set(job, { state: 'running', fault: null })
      tell()
      await downloadModel({
        id,
        revision: job.revision,
        folder: folderOf(id),
        endpoint: endpoint(),
        token,
        signal: job.controller.signal,
        onProgress: ({ state, file, doneBytes, totalBytes }) => {
          if (Date.now() - last < tellEvery && state === job.state.state) return
          last = Date.now()
          set(job, { state, file, doneBytes, totalBytes, ...speed(doneBytes, totalBytes) })
          tell()
        },
      })
      const total = job.state.totalBytes
      set(job, { state: 'done', secondsLeft: 0, doneBytes: total ?? job.state.doneBytes })
      await remember(id, job.revision, false)
      emit('libraryChanged', { what: 'models' })
    } catch (error) {
      if (!job.controller.signal.aborted) {
        const fault = asFault(error).toData()
        log(`download of ${id}: ${fault.message}`)
        set(job, { state: 'failed', fault, bytesPerSecond: 0, secondsLeft: null })
      }
    } finally {
      tell()
    }
  }

  const begin = (id: string, revision: string, token: string): Job => {
    const key = `${id}@${revision || 'main'}`
    const running = jobs.get(key)
    if (running !== undefined && ['running', 'verifying'].includes(running.state.state))
      return running
    const state: Download = {
      key,
      id,
      state: 'queued',
      file: '',
      doneBytes: running?.state.doneBytes ?? 0,
      totalBytes: running?.state.totalBytes ?? null,
      bytesPerSecond: 0,
      secondsLeft: null,
      fault: null,
    }
    const job: Job = { revision, state, controller: new AbortController(), work: Promise.resolve() }
    jobs.set(key, job)
    job.work = carryOut(job, token)
    return job
  }

  const find = (key: string): Job => {
    const job = jobs.get(key)
    if (job !== undefined) return job
    throw new Fault('not-found', `there is no download ${key}`, 'Start it again.')
  }

  const halt = async (job: Job, state: 'paused' | 'cancelled'): Promise<void> => {
    job.controller.abort()
    await job.work
    if (job.state.state !== 'done') set(job, { state, bytesPerSecond: 0, secondsLeft: null })
    tell()
  }

  /** Downloads that were cut off are shown as paused, to be resumed by the user (a token may be needed). */
  const restored = library.read().then(({ downloads }) => {
    for (const { id, revision } of downloads) {
      const key = `${id}@${revision || 'main'}`
      if (jobs.has(key)) continue
      const empty = {
        file: '',
        doneBytes: 0,
        totalBytes: null,
        bytesPerSecond: 0,
        secondsLeft: null,
      }
      const state: Download = { key, id, state: 'paused', ...empty, fault: null }
      jobs.set(key, { revision, state, controller: new AbortController(), work: Promise.resolve() })
    }
  })

  return {
    calls: {
      hubFiles: ({ id, revision }) =>
        listHubFiles(id, revision, folderOf(id), { endpoint: endpoint(), token: '' }),
      startDownload: async ({ id, revision, token }) => {
        const job = begin(id, revision, token)
        await remember(id, revision, true)
        return job.state
      },
      pauseDownload: async ({ key }) => {
        await halt(find(key), 'paused')
        return null
      },
      resumeDownload: async ({ key, token }) => {
        const { state, revision } = find(key)
        begin(state.id, revision, token)
        return null
      },
      cancelDownload: async ({ key }) => {
        const job = find(key)
        await halt(job, 'cancelled')
        await remember(job.state.id, job.revision, false)
        // what other downloads finished stays: only a folder that never became a model is removed
        const { id } = job.state
        if (job.state.state === 'cancelled') await removeParts(folderOf(id))
        return null
      },
      downloads: async () => {
        await restored
        return [...jobs.values()].map(j => j.state)
      },
    },
    close: async () => {
      await Promise.all([...jobs.values()].map(j => halt(j, 'paused')))
    },
  }
}

/** config.json comes last: without it the folder was never a model. */
async function removeParts(folder: string): Promise<void> {
  const whole = await stat(join(folder, 'config.json')).catch(() => undefined)
  if (whole === undefined) await rm(folder, { recursive: true, force: true })
}
