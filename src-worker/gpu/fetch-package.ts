// One package: its wheel is downloaded, checked against the index's sha256, its libraries are unpacked, the wheel goes.
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Fault } from '../contract/fault'
import type { CudaRecord } from '../session/cuda-install'
import { downloadFile } from '../weights/download'
import type { ChosenWheel } from './choose'
import { requirementsOf } from './libraries'
import { headersFor, type IndexRequest, indexRefusal, withoutCredentials } from './package-index'
import { entryText, extractEntry, type ZipEntry, zipEntries } from './zip-entries'

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
  const entries = await zipEntries(path)
  const targets = entries.flatMap(entry => {
    const own = basename(entry.name)
    if (isLicence(entry)) return [{ entry, target: `licences/${name}-${own}` }]
    return wanted(own) ? [{ entry, target: `${place}/${own}` }] : []
  })
  const metadata = entries.find(isMetadata)
  const requires = metadata === undefined ? [] : requirementsOf(await entryText(path, metadata))
  const totalBytes = targets.reduce((sum, { entry }) => sum + entry.bytes, 0)
  const files: CudaRecord['files'] = []
  let doneBytes = 0
  for (const { entry, target } of targets) {
    options.onProgress({ doing: 'unpacking', what: basename(target), doneBytes, totalBytes })
    const { signal } = options.request
    const sha256 = await extractEntry(path, entry, join(options.folder, target), signal)
    files.push({ path: target, bytes: entry.bytes, sha256, from: name })
    doneBytes += entry.bytes
  }
  await rm(path, { force: true })
  const { filename, sha256 } = file
  return { package: { name, version, file: filename, sha256, requires: [...requires] }, files }
}
