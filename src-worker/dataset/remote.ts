// A file on a web server → a copy under SPW_HOME/datasets. Fetched by ranges, so that a broken download goes on where
// it stopped, also after a restart; a head of wanted size is enough. What is complete and has its checksum is never asked for again.
import { createHash } from 'node:crypto'
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault, writeFault } from '../contract/fault'
import { withFileLock } from './file-lock'
import { isKnownWhole, removeWithSum, writeSum } from './file-sum'
import { headName } from './head'
import { startIdleTimeout } from './idle-timeout'

export interface FetchOptions {
  /** SPW_HOME */
  readonly home: string
  /** bytes of its beginning; 0: all of it */
  readonly headBytes?: number
  readonly onProgress?: (doneBytes: number, totalBytes: number | undefined) => void
  readonly signal?: AbortSignal
  /** milliseconds without a byte after which a connection is given up and taken up anew; default 30 s */
  readonly idleTimeout?: number
  /** pause before the first repetition, doubled for each further one, in milliseconds; default 500 */
  readonly pause?: number
}

export const isUrl = (path: string): boolean => /^https?:\/\//i.test(path)

/** Attempts without a single new byte before giving up. */
const attempts = 5

/** What a partial download belongs to: if the server's file changed, it starts again. */
interface PartialNote {
  readonly url: string
  readonly tag: string
}

interface Target {
  readonly url: string
  readonly part: string
  readonly note: string
  /** bytes wanted; undefined: all */
  readonly limit: number | undefined
}

const networkFault = (url: string, what: string, cause?: unknown): Fault =>
  new Fault('network', `${url}: ${what}`, 'Check the address and the connection, then try again.', {
    cause,
  })

/** The path of an address, decoded. Faults: usage (it is none). */
function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch (cause) {
    throw new Fault('usage', `${url} is no address of a file`, 'Correct the address.', { cause })
  }
}

/** Where the copy of a URL lies, whether it exists or not. Faults: usage. */
export function cachedPath(url: string, home: string, headBytes = 0): string {
  const name = basename(pathOf(url)).replace(/[^\w.+-]/g, '_') || 'data'
  const key = createHash('sha256').update(url).digest('hex').slice(0, 10)
  return join(home, 'datasets', `${key}-${headBytes > 0 ? headName(name, headBytes) : name}`)
}

const sizeOf = async (path: string): Promise<number> =>
  stat(path).then(
    found => found.size,
    () => 0,
  )

async function readNote(path: string): Promise<PartialNote | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as PartialNote
  } catch {
    return undefined
  }
}

const signalOf = ({ signal }: FetchOptions): { signal?: AbortSignal } => (signal ? { signal } : {})

/** Bytes of the whole file as a response states them. */
function totalOf(response: Response): number | undefined {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
  if (range) return Number(range[1])
  const length = response.headers.get('content-length')
  return response.status === 200 && length !== null ? Number(length) : undefined
}

const tagOf = (response: Response): string =>
  response.headers.get('etag') ?? response.headers.get('last-modified') ?? ''

async function request(target: Target, have: number, signal?: AbortSignal): Promise<Response> {
  const note = have > 0 ? await readNote(target.note) : undefined
  const last = target.limit === undefined ? '' : target.limit - 1
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (have > 0 || last !== '') headers.range = `bytes=${have}-${last}`
  if (have > 0 && note?.tag && !note.tag.startsWith('W/')) headers['if-range'] = note.tag
  return fetch(target.url, { headers, ...(signal ? { signal } : {}) })
}

/** Appends what the server sends. Returns whether the file is complete. */
async function receive(target: Target, options: FetchOptions): Promise<boolean> {
  const watch = startIdleTimeout(options.idleTimeout ?? 30_000, options.signal)
  const onProgress: FetchOptions['onProgress'] = (...now) => {
    watch.restart()
    options.onProgress?.(...now)
  }
  try {
    return await receiveFrom(target, { ...options, signal: watch.signal, onProgress })
  } finally {
    watch.end()
  }
}

async function receiveFrom(target: Target, options: FetchOptions): Promise<boolean> {
  const kept = (await readNote(target.note))?.url === target.url ? await sizeOf(target.part) : 0
  const response = await request(target, kept, options.signal)
  if (response.status === 416) return true // nothing lies behind what we have
  if (response.status !== 200 && response.status !== 206) {
    const what = `the server answers ${response.status} ${response.statusText}`
    throw networkFault(target.url, what)
  }
  // 200: no ranges here, or the file changed
  const from = response.status === 206 ? kept : 0
  await writeFile(target.note, JSON.stringify({ url: target.url, tag: tagOf(response) }))
  const whole = totalOf(response)
  const total = target.limit === undefined ? whole : Math.min(target.limit, whole ?? target.limit)
  const file = await open(target.part, from > 0 ? 'r+' : 'w')
  try {
    const size = await append(file, response, from, total, options)
    return total === undefined || size >= total
  } finally {
    await file.close()
  }
}

async function append(
  file: FileHandle,
  response: Response,
  from: number,
  total: number | undefined,
  options: FetchOptions,
): Promise<number> {
  let at = from
  const body = response.body as unknown as AsyncIterable<Uint8Array>
  for await (const chunk of body) {
    const room = total === undefined ? chunk.length : Math.min(chunk.length, total - at)
    await file.write(chunk, 0, room, at)
    at += room
    options.onProgress?.(at, total)
    if (total !== undefined && at >= total) break
  }
  await file.sync()
  return at
}

const stopped = (url: string, cause: unknown): Fault =>
  new Fault('cancelled', `${url}: stopped`, 'Start it again to go on.', { cause })

/** Repeat until complete; give up after several attempts that brought nothing. */
async function receiveAll(target: Target, options: FetchOptions): Promise<void> {
  for (let failures = 0; ; ) {
    const before = await sizeOf(target.part)
    try {
      if (await receive(target, options)) return
      throw networkFault(target.url, 'the connection ended early')
    } catch (error) {
      if (options.signal?.aborted) throw stopped(target.url, error)
      if (error instanceof Fault && !error.message.includes('ended early')) throw error
      const unwritten = writeFault(error, target.part)
      if (unwritten instanceof Fault && !(error instanceof Fault)) throw unwritten
      failures = (await sizeOf(target.part)) > before ? 0 : failures + 1
      if (failures >= attempts) {
        const cause = error instanceof Error ? (error.cause ?? error) : error
        const why = cause instanceof Error ? cause.message : String(cause)
        const have = await sizeOf(target.part)
        throw networkFault(target.url, `failed after ${have} bytes: ${why}`, error)
      }
      // a stop is seen by the next attempt
      await sleep((options.pause ?? 500) * 2 ** failures, undefined, signalOf(options)).catch(
        () => undefined,
      )
    }
  }
}

/** Whether the copy can be used; one that changed on the disk is fetched again. */
async function isThere(path: string): Promise<boolean> {
  if ((await sizeOf(path)) === 0) return false
  if (await isKnownWhole(path)) return true
  await removeWithSum(path)
  return false
}

/**
 * The local copy of a remote file, fetched now if need be.
 * Faults: network (with the server's answer), cancelled, disk, usage (the head of a parquet file).
 */
export async function fetchFile(url: string, options: FetchOptions): Promise<string> {
  const { headBytes = 0 } = options
  if (headBytes > 0 && /\.parquet$/i.test(pathOf(url)))
    throw new Fault(
      'usage',
      `${url} is a parquet file, whose index lies at its end, but only its first ${headBytes} bytes are wanted`,
      'Set the size of the head to 0.',
    )
  const path = cachedPath(url, options.home, headBytes)
  if (await isThere(path)) return path
  await mkdir(join(options.home, 'datasets'), { recursive: true }).catch(error => {
    throw writeFault(error, path)
  })
  const limit = headBytes > 0 ? headBytes : undefined
  const target: Target = { url, part: `${path}.part`, note: `${path}.part.json`, limit }
  try {
    await withFileLock(`${path}.lock`, options.signal, () => fetchTo(path, target, options))
  } catch (error) {
    throw options.signal?.aborted && !(error instanceof Fault) ? stopped(url, error) : error
  }
  return path
}

async function fetchTo(path: string, target: Target, options: FetchOptions): Promise<void> {
  // another process was faster
  if (await isThere(path)) return
  await receiveAll(target, options)
  if ((await sizeOf(target.part)) === 0) throw networkFault(target.url, 'the server sent nothing')
  // first the checksum: a file without one would be believed
  await writeSum(target.part)
  await rename(`${target.part}.sha256`, `${path}.sha256`)
  await rename(target.part, path)
  await rm(target.note, { force: true })
}
