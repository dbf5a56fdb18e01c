// One package: its wheel is downloaded, checked against the index's sha256, its libraries are unpacked, the wheel goes.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../contract/fault'
import type { CudaRecord } from '../session/cuda-install'
import { replaceFile, temporaryPath } from '../weights/atomic'
import { downloadFile } from '../weights/download'
import { openZip, type ZipEntry, ZipRefused } from '../weights/zip'
import type { ChosenWheel } from './choose'
import { requirementsOf } from './libraries'
import { headersFor, type IndexRequest, indexRefusal, withoutCredentials } from './package-index'
import { checkPinned, type PinnedWheels } from './pinned'

export interface InstallProgress {
  readonly doing: 'downloading' | 'checking' | 'unpacking'
  /** package and version */
  readonly what: string
  readonly doneBytes: number
  /** 0: unknown */
  readonly totalBytes: number
}

export interface FetchOptions {
  readonly request: IndexRequest
  /** where wheels lie while they are downloaded; a part of one is kept for the next time */
  readonly downloads: string
  /** folder of the version */
  readonly folder: string
  readonly onProgress: (progress: InstallProgress) => void
  readonly pins: PinnedWheels
}

export interface FetchedPackage {
  readonly package: CudaRecord['packages'][number]
  readonly files: CudaRecord['files']
}

/** @returns the path of the whole, checked wheel */
async function download(wheel: ChosenWheel, options: FetchOptions): Promise<string> {
  const { request, downloads, onProgress } = options
  const { filename, url, index, sha256, bytes } = wheel.file
  if (sha256 === '')
    throw new Fault(
      'network',
      `${withoutCredentials(index)} gives no sha256 for ${filename}, so it cannot be checked`,
      'Name an index that does: spw gpu install --index https://pypi.org/simple.',
    )
  checkPinned(filename, sha256, options.pins)
  await mkdir(downloads, { recursive: true })
  const path = join(downloads, basename(filename))
  await downloadFile(
    url,
    path,
    { path: filename, bytes, sha256 },
    {
      headers: headersFor(url, index),
      refused: (status, what) => indexRefusal(index, status, what),
      ...(request.signal && { signal: request.signal }),
      ...(request.retryDelay !== undefined && { retryDelay: request.retryDelay }),
    },
    (state, doneBytes) =>
      onProgress({
        doing: state === 'verifying' ? 'checking' : 'downloading',
        what: `${wheel.name} ${wheel.version}`,
        doneBytes,
        totalBytes: bytes,
      }),
  )
  return path
}

const isMetadata = ({ name }: ZipEntry): boolean => /^[^/]+\.dist-info\/METADATA$/.test(name)
/** NVIDIA's are in dist-info/licenses, onnxruntime's beside its code */
const isLicence = ({ name }: ZipEntry): boolean =>
  /(^|\/)licen[cs]e[^/]*$/i.test(name) || /(^|\/)ThirdPartyNotices[^/]*$/i.test(name)

async function textOf(entry: ZipEntry): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of entry.read()) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

/** Unpacks an entry into a file, whole or not at all. @returns the sha256 of what was written, lower-case hexadecimal */
async function unpack(entry: ZipEntry, target: string, signal?: AbortSignal): Promise<string> {
  await mkdir(dirname(target), { recursive: true })
  const temporary = temporaryPath(target)
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    const streams = [entry.read(), hashing, createWriteStream(temporary)] as const
    await pipeline(...streams, signal === undefined ? {} : { signal })
    const file = await open(temporary, 'r+')
    await file.sync().finally(() => file.close())
    await replaceFile(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return hash.digest('hex')
}

/** The work on a wheel's entries. @throws Fault 'bad-file' for a damaged one */
async function withEntries<T>(
  path: string,
  work: (entries: readonly ZipEntry[]) => Promise<T>,
): Promise<T> {
  try {
    const zip = await openZip(path)
    try {
      const entries: ZipEntry[] = []
      for await (const entry of zip.entries()) entries.push(entry)
      return await work(entries)
    } finally {
      zip.close()
    }
  } catch (error) {
    if (!(error instanceof ZipRefused)) throw error
    const message = `${basename(path)}: ${error.message}`
    throw new Fault('bad-file', message, 'Run `spw gpu install` again.', { cause: error })
  }
}

async function unpackAll(
  from: string,
  targets: readonly { readonly entry: ZipEntry; readonly target: string }[],
  { folder, request, onProgress }: FetchOptions,
): Promise<CudaRecord['files']> {
  const totalBytes = targets.reduce((sum, { entry }) => sum + entry.bytes, 0)
  const files: CudaRecord['files'] = []
  let doneBytes = 0
  for (const { entry, target } of targets) {
    onProgress({ doing: 'unpacking', what: basename(target), doneBytes, totalBytes })
    const sha256 = await unpack(entry, join(folder, target), request.signal)
    files.push({ path: target, bytes: entry.bytes, sha256, from })
    doneBytes += entry.bytes
  }
  return files
}

/**
 * @param wanted which of the wheel's libraries, by their file names
 * @param place folder for them, below the folder of the version
 * @throws Fault 'network', 'bad-file', 'disk'
 */
export async function fetchPackage(
  wheel: ChosenWheel,
  wanted: (library: string) => boolean,
  place: string,
  options: FetchOptions,
): Promise<FetchedPackage> {
  const path = await download(wheel, options)
  const { name, version, file } = wheel
  const { files, requires } = await withEntries(path, async entries => {
    const targets = entries.flatMap(entry => {
      const own = basename(entry.name)
      if (isLicence(entry)) return [{ entry, target: `licences/${name}-${own}` }]
      return wanted(own) ? [{ entry, target: `${place}/${own}` }] : []
    })
    const metadata = entries.find(isMetadata)
    const requires = metadata === undefined ? [] : requirementsOf(await textOf(metadata))
    return { files: await unpackAll(name, targets, options), requires }
  })
  await rm(path, { force: true })
  const { filename, sha256 } = file
  return { package: { name, version, file: filename, sha256, requires: [...requires] }, files }
}
