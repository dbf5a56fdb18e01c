// Games as binary shards. A shard is records one after another: white Elo, black Elo, plies (uint16 each), then two
// bytes a ply (pgn-san.ts). About 30,000 games a shard.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buf as crc32 } from 'crc-32'
import { z } from 'zod'
import { Fault } from '../../contract/fault'
import { writeAtomically } from '../../weights/atomic'
import type { Game } from './pgn'

/** A shard is closed when it has grown to this many bytes. */
const shardBytes = 4 << 20
const headerWords = 3

export const shardSchema = z.object({
  file: z.string(),
  games: z.int(),
  bytes: z.int(),
  crc32: z.int(),
})
export type Shard = z.infer<typeof shardSchema>

/** Games of a shard in order. @throws Fault bad-file when its checksum is another */
export async function* shardGames(folder: string, shard: Shard): AsyncGenerator<Game> {
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

export interface ShardWriter {
  add(game: Game): void
  /** write what is full, or everything */
  flush(all: boolean): Promise<void>
  readonly shards: Shard[]
}

export function shardWriter(folder: string): ShardWriter {
  const shards: Shard[] = []
  let words = new Uint16Array(shardBytes)
  let used = 0
  let games = 0
  const add = (game: Game): void => {
    const needed = used + headerWords + game.moves.length
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
