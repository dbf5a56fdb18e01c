// Bytes of a PGN file → the bytes of each game. A line that begins with `[Event "` begins a game: this is what the
// PGN standard and Lichess write, and it needs one native search a game. So does any other tag behind a blank line,
// unless a comment is open: some programs write no Event.
import { endsWithCr } from '../../dataset/lines'
import type { ByteChunk, ByteSource } from './pgn-bytes'

const eventTag = Buffer.from('[Event "')
const blankLines = [Buffer.from('\n\n['), Buffer.from('\n\r\n[')]
/** A game larger than this is junk: its rest is dropped and it is reported as oversized. */
const largestGame = 1 << 20
/** bytes */
const usualGame = 4096

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
  let start = carry.dropping ? nextGame(data, 0, 0) : firstGame(data)
  while (start >= 0) {
    carry.dropping = false
    const next = nextGame(data, start, start + 1)
    if (next < 0) break
    games.push({ bytes: data.subarray(start, next), oversized: false, last: false })
    start = next
  }
  if (start < 0) {
    // keep what may be the beginning of a boundary
    carry.rest = data.subarray(Math.max(0, data.length - eventTag.length))
    return games
  }
  carry.rest = data.subarray(start)
  if (atEnd) games.push({ bytes: carry.rest, oversized: false, last: true })
  else if (carry.rest.length > largestGame) {
    games.push({ bytes: carry.rest.subarray(0, 4096), oversized: true, last: false })
    carry.dropping = true
    carry.rest = carry.rest.subarray(carry.rest.length - eventTag.length)
  }
  return games
}

const isLetter = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122))

/** Whether the line before this one is a tag: then its game began earlier. */
const followsTag = (data: Buffer, at: number): boolean =>
  data[data.lastIndexOf(10, at - 2) + 1] === 91 && at > 1

/** Whether a tag, or the rest of a line's comment, stands before this one on its line. */
function followsOnLine(data: Buffer, at: number): boolean {
  const line = data.toString('latin1', data.lastIndexOf(10, at - 1) + 1, at)
  return /\]\s*$/.test(line) || line.includes(';')
}

/** A brace that opened since `from` and did not close: what looks like a tag is part of a comment. */
function inComment(data: Buffer, from: number, at: number): boolean {
  const part = data.subarray(from, at)
  return part.lastIndexOf(123) > part.lastIndexOf(125)
}

/** A tag behind a blank line, for games without an Event. @param end where the search ends */
function blankThenTag(data: Buffer, start: number, from: number, end: number): number {
  const part = data.subarray(0, end)
  for (const mark of blankLines) {
    for (let at = part.indexOf(mark, from); at >= 0; at = part.indexOf(mark, at + 1)) {
      const tag = at + mark.length - 1
      if (isLetter(data[tag + 1]) && !inComment(data, start, tag)) return tag
    }
  }
  return -1
}

/**
 * The next Event, at the beginning of a line or, where files were put together without care, behind anything that is no
 * comment. One further down in the header of a game that began with another tag is that game's.
 */
function nextEvent(data: Buffer, start: number, from: number): number {
  const begun = data.subarray(start, start + eventTag.length).equals(eventTag)
  for (let at = data.indexOf(eventTag, from); at >= 0; at = data.indexOf(eventTag, at + 1)) {
    const isLine = at === 0 || data[at - 1] === 10
    if (isLine && (begun || !followsTag(data, at))) return at
    if (!isLine && !followsOnLine(data, at) && !inComment(data, start, at)) return at
  }
  return -1
}

/** Where the game behind the one at `start` begins: at its Event, or at any tag behind a blank line. */
function nextGame(data: Buffer, start: number, from: number): number {
  // a mark that no game of the file has is looked for in one game's length, not in all that is held
  for (let length = usualGame; ; length *= 2) {
    const part = data.subarray(0, from + length)
    const event = nextEvent(part, start, from)
    const other = blankThenTag(part, start, from, event < 0 ? part.length : event)
    const found = other >= 0 ? other : event
    if (found >= 0 || part.length === data.length) return found
  }
}

/** Where the first game begins: at the head of the file, maybe behind a byte order mark, or after junk. */
function firstGame(data: Buffer): number {
  const mark = data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? 3 : 0
  if (data[mark] === 91 && isLetter(data[mark + 1])) return mark
  for (let at = data.indexOf('\n['); at >= 0; at = data.indexOf('\n[', at + 1))
    if (isLetter(data[at + 2])) return at + 1
  return -1
}

/** Lines that end with CR alone get LF, by the first chunk: all that reads games looks for LF. */
async function* withLineEnds(chunks: AsyncIterable<ByteChunk>): AsyncGenerator<ByteChunk> {
  let old: boolean | undefined
  for await (const { bytes, position } of chunks) {
    old ??= endsWithCr(bytes)
    yield {
      bytes: old ? Buffer.from(bytes.map(byte => (byte === 13 ? 10 : byte))) : bytes,
      position,
    }
  }
}

/** All games of a source, batch by batch, in file order. */
export async function* rawGames(
  source: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<GameBatch> {
  const carry: Carry = { rest: Buffer.alloc(0), dropping: false }
  let position = 0
  for await (const chunk of withLineEnds(source.chunks(signal))) {
    position = chunk.position
    carry.rest = carry.rest.length === 0 ? chunk.bytes : Buffer.concat([carry.rest, chunk.bytes])
    yield { games: cut(carry, false), position }
  }
  yield { games: cut(carry, true), position }
}
