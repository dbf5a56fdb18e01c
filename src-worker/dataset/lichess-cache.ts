// The accepted games of a Lichess file as compact binary shards: made once, shared by every run with the same file and
// filter. A shard is records one after another: white Elo, black Elo, plies (uint16 each), then two bytes a ply
// (pgn-san.ts); index.json lists the shards with their checksums and the report of the reading.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buf as crc32 } from 'crc-32'
import { z } from 'zod'
import { asFault, Fault } from '../contract/fault'
import type { GameFilter } from '../contract/run'
import { writeAtomically } from '../weights/atomic'
import { type Game, type GameReport, openGames } from './pgn'
import { stopIf } from './pgn-bytes'

const version = 1
/** A shard is closed when it has grown to this many bytes: about 30,000 games. */
const shardBytes = 4 << 20
const headerBytes = 6

const indexSchema = z.object({
  version: z.literal(version),
  source: z.string(),
  fingerprint: z.string(),
  /** reading stopped when it had as many games as asked for */
  limited: z.boolean(),
  shards: z.array(z.object({ file: z.string(), games: z.int(), bytes: z.int(), crc32: z.int() })),
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
  /** bytes of the file read, of so many, and games accepted so far */
  readonly onProgress?: (read: number, size: number, games: number) => void
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

/**
 * The prepared games of a file: from the cache when it is there and whole, else made now.
 * @throws Fault not-found, disk, bad-file (corrupt zstd), cancelled; nothing is left behind then
 */
export async function openGameCache(path: string, options: CacheOptions): Promise<GameCache> {
  const fingerprint = await fileFingerprint(path).catch(error => {
    throw asFault(error)
  })
  const { mtimeMs } = await stat(path)
  const asked = [version, fingerprint, mtimeMs, options.filter, options.limit]
  const key = createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16)
  const folder = join(options.datasets, `games-${key}`)
  const found = await readIndex(folder)
  if (found !== undefined) return opened(folder, found)
  await rm(folder, { recursive: true, force: true })
  return opened(folder, await build(path, fingerprint, folder, options))
}

/** The index, if it is readable and every shard has the size it tells. */
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
    for (const shard of index.shards) {
      const path = join(folder, shard.file)
      const bytes = await readFile(path)
      if (crc32(bytes) !== shard.crc32)
        throw new Fault(
          'bad-file',
          `${path} is damaged: its checksum is not the one in index.json`,
          `Delete the folder ${folder}: it will be made again.`,
        )
      yield* gamesOf(bytes)
    }
  }
  const { fingerprint, limited } = index
  return { folder, fingerprint, report: index.report as GameReport, limited, games }
}

/** Records of a shard. */
function* gamesOf(bytes: Buffer): Generator<Game> {
  const words = new Uint16Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  )
  let at = 0
  while (at < words.length) {
    const plies = words[at + 2]!
    const moves = words.subarray(at + 3, at + 3 + plies)
    yield { whiteElo: words[at]!, blackElo: words[at + 1]!, moves }
    at += 3 + plies
  }
}

interface ShardWriter {
  add(game: Game): void
  /** write what is full, or everything */
  flush(all: boolean): Promise<void>
  readonly shards: CacheIndex['shards']
}

function shardWriter(folder: string): ShardWriter {
  const shards: CacheIndex['shards'] = []
  let words = new Uint16Array(shardBytes)
  let used = 0
  let games = 0
  const add = (game: Game): void => {
    const needed = used + headerBytes / 2 + game.moves.length
    if (needed > words.length) {
      const larger = new Uint16Array(needed * 2)
      larger.set(words.subarray(0, used))
      words = larger
    }
    words[used] = game.whiteElo
    words[used + 1] = game.blackElo
    words[used + 2] = game.moves.length
    words.set(game.moves, used + 3)
    used = needed
    games++
  }
  const flush = async (all: boolean): Promise<void> => {
    if (games === 0 || (!all && used * 2 < shardBytes)) return
    const file = `games-${String(shards.length).padStart(4, '0')}.bin`
    const bytes = new Uint8Array(words.buffer, 0, used * 2)
    await writeAtomically(join(folder, file), bytes)
    shards.push({ file, games, bytes: bytes.length, crc32: crc32(bytes) })
    used = 0
    games = 0
  }
  return { add, flush, shards }
}

/** Read the file into a temporary folder and rename it; another process may win, which is as good. */
async function build(
  path: string,
  fingerprint: string,
  folder: string,
  options: CacheOptions,
): Promise<CacheIndex> {
  const temporary = `${folder}.${randomBytes(4).toString('hex')}.tmp`
  await removeStale(folder, options.datasets)
  await mkdir(temporary, { recursive: true })
  try {
    const index = await fill(path, fingerprint, temporary, options)
    await writeAtomically(join(temporary, 'index.json'), JSON.stringify(index))
    await rename(temporary, folder).catch(async error => {
      if ((await readIndex(folder)) === undefined) throw error
      await rm(temporary, { recursive: true, force: true })
    })
    return index
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

async function fill(
  path: string,
  fingerprint: string,
  folder: string,
  options: CacheOptions,
): Promise<CacheIndex> {
  const { filter, limit, onProgress, signal } = options
  const stream = await openGames(path, filter)
  const writer = shardWriter(folder)
  let kept = 0
  let limited = false
  for await (const { games, position } of stream.batches(signal)) {
    stopIf(signal)
    for (const game of games.slice(0, limit - kept)) writer.add(game)
    kept = Math.min(limit, kept + games.length)
    await writer.flush(false)
    onProgress?.(position, stream.size, kept)
    limited = kept === limit
    if (limited) break
  }
  await writer.flush(true)
  const report = stream.report()
  return {
    version,
    source: path,
    fingerprint,
    limited,
    shards: writer.shards,
    report: {
      ...report,
      accepted: kept,
      skipped: countsOf(report),
      malformed: [...report.malformed],
    },
  }
}

const countsOf = (report: GameReport): Record<string, number> =>
  Object.fromEntries(Object.entries(report.skipped).map(([why, n]) => [why, n ?? 0]))

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
