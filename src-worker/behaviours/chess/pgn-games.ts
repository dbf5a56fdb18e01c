// Bytes of a PGN file → the bytes of each game. A line that begins with `[Event "` begins a game: this is what the
// PGN standard and Lichess write, it needs one native search a game, and no comment or blank line can mislead it.
import type { ByteSource } from './pgn-bytes'

const eventTag = Buffer.from('[Event "')
const newGame = Buffer.from('\n[Event "')
/** A game larger than this is junk: its rest is dropped and it is reported as oversized. */
const largestGame = 1 << 20

export interface RawGame {
  /** from its `[Event "` to before the next game's; a view, valid until the next game is asked for */
  readonly bytes: Buffer
  readonly oversized: boolean
  /** the last one of the file */
  readonly last: boolean
}

export interface GameBatch {
  readonly games: readonly RawGame[]
  /** bytes of the file read so far */
  readonly position: number
}

interface Carry {
  rest: Buffer
  /** inside an oversized game, or before the first one */
  dropping: boolean
}

/** Cut as many whole games as the carry holds. */
function cut(carry: Carry, atEnd: boolean): RawGame[] {
  const games: RawGame[] = []
  const data = carry.rest
  let start = carry.dropping ? nextGame(data, 0) : firstGame(data)
  while (start >= 0) {
    carry.dropping = false
    const next = nextGame(data, start + eventTag.length)
    if (next < 0) break
    games.push({ bytes: data.subarray(start, next), oversized: false, last: false })
    start = next
  }
  if (start < 0) {
    // keep what may be the beginning of a boundary
    carry.rest = data.subarray(Math.max(0, data.length - newGame.length))
    return games
  }
  carry.rest = data.subarray(start)
  if (atEnd) games.push({ bytes: carry.rest, oversized: false, last: true })
  else if (carry.rest.length > largestGame) {
    games.push({ bytes: carry.rest.subarray(0, 4096), oversized: true, last: false })
    carry.dropping = true
    carry.rest = carry.rest.subarray(carry.rest.length - newGame.length)
  }
  return games
}

const nextGame = (data: Buffer, from: number): number => {
  const at = data.indexOf(newGame, from)
  return at < 0 ? -1 : at + 1
}

/** Where the first game begins: at the head of the file, maybe behind a byte order mark, or after junk. */
function firstGame(data: Buffer): number {
  const mark = data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? 3 : 0
  if (data.subarray(mark, mark + eventTag.length).equals(eventTag)) return mark
  return nextGame(data, 0)
}

/** All games of a source, batch by batch, in file order. */
export async function* rawGames(
  source: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<GameBatch> {
  const carry: Carry = { rest: Buffer.alloc(0), dropping: false }
  let position = 0
  for await (const chunk of source.chunks(signal)) {
    position = chunk.position
    carry.rest = carry.rest.length === 0 ? chunk.bytes : Buffer.concat([carry.rest, chunk.bytes])
    yield { games: cut(carry, false), position }
  }
  yield { games: cut(carry, true), position }
}
