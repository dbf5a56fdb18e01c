// One file over HTTP into <name>.incomplete: resumed by Range, tried again when the line drops, checked, then renamed.
import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { asFault, Fault } from '../contract/fault'
import { replaceFile } from './atomic'
import { sha256OfFile } from './file-hash'

export interface WantedFile {
  readonly path: string
  /** 0: the listing does not say */
  readonly bytes: number
  /** empty: the listing does not say */
  readonly sha256: string
}

/** How the server is spoken to. */
export interface DownloadRequest {
  /** sent with every try; `range` is added */
  readonly headers: Readonly<Record<string, string>>
  /** what the status of a refusal means to a person */
  readonly refused: (status: number, path: string) => Fault
  readonly signal?: AbortSignal
  /** milliseconds before the first new try, doubled each time up to 10 s; default 400 */
  readonly retryDelay?: number
}

type OnProgress = (state: 'running' | 'verifying', doneBytes: number) => void

/** Tries without a single new byte before giving up. */
const triesWithoutProgress = 5
const backOff = (tries: number, first = 400): number => Math.min(first * 2 ** (tries - 1), 10_000)

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    s => s.size,
    () => -1,
  )

/** Where the answer's bytes belong: a server that ignores Range sends the file from its start. */
function startOf(response: Response, requested: number): number {
  if (response.status !== 206) return 0
  const from = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  return from === null ? requested : Number(from[1])
}

/** The size of the whole file, when the answer states it. */
function totalOf(response: Response): number | undefined {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]
  const whole = response.status === 200 ? response.headers.get('content-length') : null
  const total = Number(range ?? whole ?? Number.NaN)
  return Number.isNaN(total) ? undefined : total
}

/** Fault: the file on the server is not as long as the listing says. */
function checkTotal(response: Response, { path, bytes }: WantedFile): void {
  const total = totalOf(response)
  if (bytes === 0 || total === undefined || total === bytes) return
  const message = `${path} should have ${bytes} bytes by the listing, the server's file has ${total}`
  throw new Fault('network', message, 'Try again later, or another endpoint.')
}

/** Appends what the server sends. Throws when the line drops; what came is kept. */
async function receive(
  url: string,
  partial: string,
  wanted: WantedFile,
  { headers: own, refused, signal }: DownloadRequest,
  onProgress: OnProgress,
): Promise<void> {
  const have = Math.max(0, await sizeOf(partial))
  if (wanted.bytes > 0 && have === wanted.bytes) return
  const headers = { ...own, ...(have > 0 && { range: `bytes=${have}-` }) }
  const response = await fetch(url, { headers, ...(signal ? { signal } : {}) })
  // the file ends before what we have: ours is not a beginning of it
  if (response.status === 416) {
    await rm(partial, { force: true })
    throw new Error('the file changed on the server')
  }
  // overloaded or broken for the moment: tried again
  if (response.status === 429 || response.status >= 500)
    throw new Error(`the server answered ${response.status}`)
  if (!response.ok) throw refused(response.status, wanted.path)
  checkTotal(response, wanted)
  const start = startOf(response, have)
  if (start !== 0 && start !== have)
    throw new Error(`the server sent bytes from ${start} on, not from ${have}`)
  const handle = await open(partial, start === have && have > 0 ? 'r+' : 'w')
  try {
    let at = start
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array
      await handle.write(bytes, 0, bytes.length, at)
      at += bytes.length
      onProgress('running', at)
      if (wanted.bytes > 0 && at > wanted.bytes) throw tooLong(wanted, at)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const tooLong = ({ path, bytes }: WantedFile, got: number): Fault =>
  new Fault(
    'network',
    `${path} should have ${bytes} bytes, the server sent ${got} and more`,
    'Try again later, or another endpoint.',
  )

async function receiveAll(
  url: string,
  partial: string,
  wanted: WantedFile,
  options: DownloadRequest,
  onProgress: OnProgress,
): Promise<void> {
  let tries = 0
  let most = await sizeOf(partial)
  for (;;) {
    try {
      await receive(url, partial, wanted, options, onProgress)
      const now = await sizeOf(partial)
      if (wanted.bytes === 0 || now === wanted.bytes) return
      throw new Error(`the connection ended at byte ${now} of ${wanted.bytes}`)
    } catch (error) {
      if (error instanceof Fault || options.signal?.aborted === true) throw error
      if (isDiskError(error)) throw asFault(error)
      const now = await sizeOf(partial)
      // never more than before, counted over all tries: a server cannot keep us busy for ever
      tries = now > most ? 1 : tries + 1
      most = Math.max(most, now)
      if (tries > triesWithoutProgress) throw gaveUp(wanted, tries, error)
      await sleep(
        backOff(tries, options.retryDelay),
        undefined,
        options.signal ? { signal: options.signal } : {},
      )
    }
  }
}

/** No space, no permission: trying again does not help. */
const isDiskError = (error: unknown): boolean =>
  ['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EDQUOT'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )

/** fetch only says that it failed; why is in its cause. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

const gaveUp = ({ path }: WantedFile, tries: number, cause: unknown): Fault =>
  new Fault(
    'network',
    `${path}: ${tries - 1} more tries brought no new byte (${reasonOf(cause)})`,
    'Check the connection, then resume the download.',
    { cause },
  )

/**
 * Faults: network (unreachable after several tries, wrong size, wrong checksum), not-found, disk. A wrong file is
 * deleted, a part of a right one is kept for the next time.
 */
export async function downloadFile(
  url: string,
  path: string,
  wanted: WantedFile,
  options: DownloadRequest,
  onProgress: OnProgress,
): Promise<void> {
  const there = await sizeOf(path)
  if (there >= 0 && (wanted.bytes === 0 || there === wanted.bytes)) {
    if (wanted.sha256 === '' || (await sha256OfFile(path, options.signal)) === wanted.sha256) return
  }
  const partial = `${path}.incomplete`
  await receiveAll(url, partial, wanted, options, onProgress)
  if (wanted.sha256 !== '') {
    onProgress('verifying', await sizeOf(partial))
    const sum = await sha256OfFile(partial, options.signal)
    if (sum !== wanted.sha256) {
      await rm(partial, { force: true })
      throw new Fault(
        'network',
        `${wanted.path} has the checksum ${sum.slice(0, 12)}…, the listing says ${wanted.sha256.slice(0, 12)}…`,
        'Download it again; if it happens again, use another endpoint.',
      )
    }
  }
  await replaceFile(partial, path)
}
