// Models from the Hugging Face hub (or a mirror: HF_ENDPOINT): only the files that we read, each resumable by Range,
// checked by size and by sha-256 where the hub knows it. config.json comes last, so a half-made folder is no model.
import { mkdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import type { HubListing } from '../contract/library'
import { writeAtomically } from './atomic'
import { type DownloadRequest, downloadFile } from './download'
import { type HubOptions, hubEndpoint, hubGet, hubHeaders, statusFault } from './hub-http'

export interface DownloadOptions extends HubOptions {
  readonly id: string
  readonly revision: string
  /** models/<org>/<name> */
  readonly folder: string
  readonly onProgress: (progress: DownloadProgress) => void
}

export interface DownloadProgress {
  readonly state: 'running' | 'verifying'
  readonly file: string
  /** over all files */
  readonly doneBytes: number
  readonly totalBytes: number
}

const modelInfo = z.object({
  sha: z.string(),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nonnegative().optional(),
      lfs: z.object({ sha256: z.string(), size: z.number() }).nullish(),
    }),
  ),
})

const textFiles = new Set([
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'model.safetensors.index.json',
])

/** One whole file of weights is preferred to its shards, when a repository has both. */
function isNeeded(path: string, all: ReadonlySet<string>): boolean {
  if (textFiles.has(path)) return true
  if (path === 'model.safetensors') return true
  return /^model-\d+-of-\d+\.safetensors$/.test(path) && !all.has('model.safetensors')
}

/** A repository id is one or two plain path parts: nothing that could leave the models folder. */
export function checkHubId(id: string): void {
  if (/^[\w.-]+(\/[\w.-]+)?$/.test(id) && !id.split('/').some(part => /^\.+$/.test(part))) return
  throw new Fault('usage', `${id} is no model id`, 'Write it as org/name, as on the hub.')
}

/** Bytes free where a folder is, or would be. */
export async function freeDisk(folder: string): Promise<number> {
  let at = folder
  while ((await stat(at).catch(() => undefined)) === undefined && dirname(at) !== at)
    at = dirname(at)
  const { bavail, bsize } = await statfs(at)
  return bavail * bsize
}

/**
 * What a model repository holds at a revision.
 * @param folder where it would be stored, for the free disk space
 * Faults: usage (not an id), not-found, network.
 */
export async function listHubFiles(
  id: string,
  revision: string,
  folder: string,
  options: HubOptions,
): Promise<HubListing> {
  checkHubId(id)
  const at = encodeURIComponent(revision || 'main')
  const url = `${hubEndpoint(options.endpoint)}/api/models/${id}/revision/${at}?blobs=true`
  const parsed = modelInfo.safeParse(await (await hubGet(url, `model ${id}`, options)).json())
  if (!parsed.success)
    throw new Fault(
      'network',
      `the listing of ${id} is not what a hub answers`,
      'Check the endpoint.',
    )
  const { sha, siblings } = parsed.data
  const all = new Set(siblings.map(s => s.rfilename))
  const files = siblings.map(({ rfilename, size, lfs }) => ({
    path: rfilename,
    bytes: lfs?.size ?? size ?? 0,
    sha256: lfs?.sha256 ?? '',
    needed: isNeeded(rfilename, all),
  }))
  const neededBytes = files.reduce((n, f) => n + (f.needed ? f.bytes : 0), 0)
  return { id, commit: sha, files, neededBytes, freeDiskBytes: Math.floor(await freeDisk(folder)) }
}

/** Bytes that an earlier, unfinished download left in the folder. */
async function alreadyThere(folder: string, files: HubListing['files']): Promise<number> {
  const sizes = files
    .filter(f => f.needed)
    .flatMap(f => [f.path, `${f.path}.incomplete`])
    .map(async name => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

function checkUsable(listing: HubListing, missingBytes: number): void {
  const { id, files, freeDiskBytes } = listing
  const needed = files.filter(f => f.needed)
  if (!needed.some(f => f.path.endsWith('.safetensors')))
    throw new Fault(
      'bad-weights',
      `${id} has no safetensors weights`,
      'Choose a repository or revision with model.safetensors.',
    )
  if (!needed.some(f => f.path === 'tokenizer.json'))
    throw new Fault(
      'bad-tokenizer',
      `${id} has no tokenizer.json`,
      'Choose a repository that has one.',
    )
  if (missingBytes > freeDiskBytes)
    throw new Fault(
      'disk',
      `${id} needs ${missingBytes} more bytes, the disk has ${freeDiskBytes} free`,
      'Free some space, or set another SPW_HOME.',
    )
}

/**
 * Brings all needed files into the folder; what is there and whole is not fetched again.
 * Faults: those of listHubFiles; disk; network (after several tries), also for a wrong size or checksum.
 */
export async function downloadModel(options: DownloadOptions): Promise<HubListing> {
  const { id, revision, folder, endpoint, onProgress } = options
  const listing = await listHubFiles(id, revision, folder, options)
  checkUsable(listing, listing.neededBytes - (await alreadyThere(folder, listing.files)))
  await mkdir(folder, { recursive: true })
  const needed = listing.files.filter(f => f.needed)
  const isLast = (path: string): number => (path === 'config.json' ? 1 : 0)
  needed.sort((a, b) => isLast(a.path) - isLast(b.path) || a.bytes - b.bytes)
  const totalBytes = listing.neededBytes
  const request: DownloadRequest = {
    ...options,
    headers: hubHeaders(options.token),
    refused: (status, path) => statusFault(status, path, options.token),
  }
  let before = 0
  for (const file of needed) {
    const url = `${hubEndpoint(endpoint)}/${id}/resolve/${listing.commit}/${file.path}`
    const report = (state: DownloadProgress['state'], done: number): void =>
      onProgress({ state, file: file.path, doneBytes: before + done, totalBytes })
    await downloadFile(url, join(folder, file.path), file, request, report)
    before += file.bytes
  }
  const source = { id, revision: revision || 'main', commit: listing.commit }
  await writeAtomically(join(folder, '.source.json'), `${JSON.stringify(source)}\n`)
  return listing
}
