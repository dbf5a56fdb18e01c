// Downloads belong to the engine: they go on while their page is closed, survive a restart, and never say more than is true.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { readSettings } from '../train/home'
import { listHubFiles } from '../weights/hub'
import type { BoundToken } from '../weights/hub-http'
import { searchHub } from '../weights/hub-search'
import type { Context } from './context'
import { downloadKey, type Job, modelFolder, newJob, runDownload, set } from './download-job'
import type { JsonFile } from './json-file'
import type { LibraryFile } from './library-file'

export type DownloadCalls = Pick<
  WorkbenchApi,
  | 'searchHub'
  | 'hubFiles'
  | 'startDownload'
  | 'pauseDownload'
  | 'resumeDownload'
  | 'cancelDownload'
  | 'downloads'
>

export interface Downloads {
  readonly calls: DownloadCalls
  close(): Promise<void>
}

/** The calls, over the table of jobs. */
export function openDownloads(context: Context, library: JsonFile<LibraryFile>): Downloads {
  const { home, emit, log } = context
  const jobs = new Map<string, Job>()
  const report = (): void =>
    emit(
      'downloads',
      [...jobs.values()].map(j => j.state),
    )

  const begin = (id: string, revision: string, token: BoundToken): Job => {
    const key = downloadKey(id, revision)
    const before = jobs.get(key)
    if (before !== undefined && ['running', 'verifying'].includes(before.state.state)) return before
    const job = newJob(id, revision, 'queued', before?.state)
    jobs.set(key, job)
    job.work = runDownload(job, { id, revision, home, report, log }, token).then(async done => {
      if (!done) return
      await remember(library, id, revision, false)
      emit('libraryChanged', { what: 'models' })
    })
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
    report()
  }
  // what was cut off is shown as paused, to be resumed by the user: a token may be needed
  const restored = library.read().then(({ downloads }) => {
    for (const { id, revision } of downloads) {
      const key = downloadKey(id, revision)
      if (!jobs.has(key)) jobs.set(key, newJob(id, revision, 'paused'))
    }
  })
  return {
    calls: downloadCalls(context, library, { jobs, begin, find, halt, restored }),
    close: async () => {
      await Promise.all([...jobs.values()].map(j => halt(j, 'paused')))
    },
  }
}

interface Table {
  readonly jobs: ReadonlyMap<string, Job>
  begin(id: string, revision: string, token: BoundToken): Job
  find(key: string): Job
  halt(job: Job, state: 'paused' | 'cancelled'): Promise<void>
  readonly restored: Promise<void>
}

function downloadCalls(
  { home, cancellable }: Context,
  library: JsonFile<LibraryFile>,
  { jobs, begin, find, halt, restored }: Table,
): DownloadCalls {
  return {
    searchHub: ({ request, text }) => {
      const endpoint = readSettings(home).hubEndpoint
      return cancellable(request, signal => searchHub(text, { endpoint, token: '', signal }))
    },
    hubFiles: ({ id, revision }) => {
      const endpoint = readSettings(home).hubEndpoint
      return listHubFiles(id, revision, modelFolder(home, id), { endpoint, token: '' })
    },
    startDownload: async ({ id, revision, token, tokenOrigin }) => {
      const job = begin(id, revision, { token, tokenOrigin })
      await remember(library, id, revision, true)
      return job.state
    },
    pauseDownload: async ({ key }) => {
      await halt(find(key), 'paused')
      return null
    },
    resumeDownload: async ({ key, token, tokenOrigin }) => {
      const { state, revision } = find(key)
      begin(state.id, revision, { token, tokenOrigin })
      return null
    },
    cancelDownload: async ({ key }) => {
      const job = find(key)
      const { id } = job.state
      await halt(job, 'cancelled')
      await remember(library, id, job.revision, false)
      if (job.state.state === 'cancelled') await removeParts(modelFolder(home, id))
      return null
    },
    downloads: async () => {
      await restored
      return [...jobs.values()].map(j => j.state)
    },
  }
}

/** Unfinished downloads are remembered over a restart. */
async function remember(
  library: JsonFile<LibraryFile>,
  id: string,
  revision: string,
  unfinished: boolean,
): Promise<void> {
  await library.change(l => {
    const others = l.downloads.filter(d => d.id !== id || d.revision !== revision)
    return { ...l, downloads: unfinished ? [...others, { id, revision }] : others }
  })
}

/** config.json comes last: without it the folder was never a model. */
async function removeParts(folder: string): Promise<void> {
  const whole = await stat(join(folder, 'config.json')).catch(() => undefined)
  if (whole === undefined) await rm(folder, { recursive: true, force: true })
}
