// The accepted games of a Lichess file (or a folder of them) as compact binary shards: made once, shared by every run with the same file and
// filter. index.json lists the shards with their checksums and the report of the reading.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { GameFilter } from '../../contract/experiment-spec'
import { asFault, Fault } from '../../contract/fault'
import { dataFiles } from '../../dataset/files'
import { writeAtomically } from '../../weights/atomic'
import { type Game, type GameReport, openGames } from './pgn'
import { stopIf } from './pgn-bytes'
import { shardGames, shardSchema, shardWriter } from './shards'

const version = 1

const indexSchema = z.object({
  version: z.literal(version),
  source: z.string(),
  fingerprint: z.string(),
  /** reading stopped when it had as many games as asked for */
  limited: z.boolean(),
  shards: z.array(shardSchema),
  report: z.object({
    read: z.int(),
    accepted: z.int(),
    skipped: z.record(z.string(), z.int()),
    malformed: z.array(z.object({ game: z.int(), why: z.string() })),
    truncated: z.boolean(),
  }),
})
type CacheIndex = z.infer<typeof indexSchema>

export interface GameCache {
  readonly folder: string
  readonly fingerprint: string
  readonly report: GameReport
  /** reading stopped at the limit: the file may have more */
  readonly limited: boolean
  /** all games in file order, shard by shard */
  games(): AsyncGenerator<Game>
}

export interface CacheOptions {
  readonly filter: GameFilter
  /** SPW_HOME/datasets */
  readonly datasets: string
  /** games kept at most; the reading stops there */
  readonly limit: number
  /** the file being read, the share of it, and games accepted so far */
  readonly onProgress?: (file: string, share: number, games: number) => void
  readonly signal?: AbortSignal
}

const sampleBytes = 1 << 14
const samples = 64

/** What a file holds, without reading all of it: its size and 64 evenly spaced pieces of 16 KiB. */
export async function fileFingerprint(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const hash = createHash('sha256').update(String(size))
    for (let i = 0; i < samples; i++) {
      const at = Math.floor((Math.max(0, size - sampleBytes) * i) / (samples - 1))
      const piece = await file.read(Buffer.alloc(sampleBytes), 0, sampleBytes, at)
      hash.update(piece.buffer.subarray(0, piece.bytesRead))
    }
    return hash.digest('hex')
  } finally {
    await file.close()
  }
}

/** What one file is and when it was changed. */
async function identity(file: string): Promise<{ fingerprint: string; modified: number }> {
  try {
    const { mtimeMs } = await stat(file)
    return { fingerprint: await fileFingerprint(file), modified: mtimeMs }
  } catch (error) {
    throw asFault(error)
  }
}

interface Source {
  readonly path: string
  readonly files: readonly string[]
  readonly fingerprint: string
}

const isPgn = (path: string): boolean => /\.pgn(\.zst|\.gz|\.bz2)?$/i.test(path)

/** A file, or the PGN files of a folder in order. Faults: not-found, bad-data (a folder without any). */
export const gameFiles = (path: string): Promise<string[]> => dataFiles(path, isPgn)

/** Whether a path is a folder that `openGameCache` made. */
export const isGameCache = async (path: string): Promise<boolean> =>
  (await readIndex(path)) !== undefined

/** @throws Fault bad-file when it is not whole */
export async function readGameCache(folder: string): Promise<GameCache> {
  const index = await readIndex(folder)
  if (index !== undefined) return opened(folder, index)
  throw new Fault('bad-file', `${folder} is no whole cache of games`, 'Delete it and start again.')
}

/**
 * The prepared games of a file or folder: from the cache when it is there and whole, else made now.
 * @throws Fault not-found, disk, bad-file (corrupt zstd), cancelled; nothing is left behind then
 */
export async function openGameCache(path: string, options: CacheOptions): Promise<GameCache> {
  const files = await gameFiles(path)
  const known = await Promise.all(files.map(identity))
  const fingerprint = known.map(file => file.fingerprint).join(' ')
  const asked = [version, known, options.filter, options.limit]
  const key = createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16)
  const folder = join(options.datasets, `games-${key}`)
  const found = await readIndex(folder)
  if (found !== undefined) return opened(folder, found)
  return opened(folder, await build({ path, files, fingerprint }, folder, options))
}

/** The index, if it is readable and every shard has the size it states. */
async function readIndex(folder: string): Promise<CacheIndex | undefined> {
  try {
    const index = indexSchema.parse(JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')))
    for (const shard of index.shards)
      if ((await stat(join(folder, shard.file))).size !== shard.bytes) return undefined
    return index
  } catch {
    return undefined
  }
}

function opened(folder: string, index: CacheIndex): GameCache {
  async function* games(): AsyncGenerator<Game> {
    for (const shard of index.shards) yield* shardGames(folder, shard)
  }
  const { fingerprint, limited } = index
  return { folder, fingerprint, report: index.report as GameReport, limited, games }
}

/** Read the file into a temporary folder and rename it; another process may win, which is as good. */
async function build(source: Source, folder: string, options: CacheOptions): Promise<CacheIndex> {
  const temporary = `${folder}.${randomBytes(4).toString('hex')}.tmp`
  await removeStale(folder, options.datasets)
  await mkdir(temporary, { recursive: true })
  try {
    const index = await fill(source, temporary, options)
    await writeAtomically(join(temporary, 'index.json'), JSON.stringify(index))
    await takePlace(temporary, folder)
    return index
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

/** A whole cache that came first stays: it holds the same. A broken one goes. */
async function takePlace(temporary: string, folder: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const failure = await rename(temporary, folder).then(
      () => undefined,
      (error: Error) => error,
    )
    if (failure === undefined) return
    if ((await readIndex(folder)) !== undefined)
      return rm(temporary, { recursive: true, force: true })
    if (tries > 0) throw failure
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(source: Source, folder: string, options: CacheOptions): Promise<CacheIndex> {
  const writer = shardWriter(folder)
  const reports: GameReport[] = []
  let kept = 0
  for (const file of source.files) {
    const stream = await openGames(file, options.filter)
    for await (const { games, position } of stream.batches(options.signal)) {
      stopIf(options.signal)
      for (const game of games.slice(0, options.limit - kept)) writer.add(game)
      kept = Math.min(options.limit, kept + games.length)
      await writer.flush(false)
      options.onProgress?.(file, position / stream.size, kept)
      if (kept === options.limit) break
    }
    reports.push(stream.report())
    if (kept === options.limit) break
  }
  await writer.flush(true)
  const limited = kept === options.limit
  const report = { ...merged(reports), accepted: kept }
  const { path, fingerprint } = source
  return { version, source: path, fingerprint, limited, shards: writer.shards, report }
}

function merged(reports: readonly GameReport[]): CacheIndex['report'] {
  const skipped: Record<string, number> = {}
  for (const report of reports)
    for (const [why, n] of Object.entries(report.skipped))
      skipped[why] = (skipped[why] ?? 0) + (n ?? 0)
  const sum = (of: (r: GameReport) => number): number => reports.reduce((n, r) => n + of(r), 0)
  return {
    read: sum(r => r.read),
    accepted: sum(r => r.accepted),
    skipped,
    malformed: reports.flatMap(r => r.malformed).slice(0, 10),
    truncated: reports.some(r => r.truncated),
  }
}

/** What a crashed build left behind more than a day ago. */
async function removeStale(folder: string, datasets: string): Promise<void> {
  const day = 24 * 3600 * 1000
  for (const name of await readdir(datasets).catch(() => [])) {
    const path = join(datasets, name)
    if (!path.startsWith(`${folder}.`) || !name.endsWith('.tmp')) continue
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > day) await rm(path, { recursive: true, force: true })
  }
}
