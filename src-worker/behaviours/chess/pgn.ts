// A Lichess file → the games one run may use: header filter first (cheap), movetext only of what passed.
// Nothing a file holds is fatal except broken compression; every game not used is counted by its reason.
// Ours, because chess.js reads 283 games a second and a training set has millions.
import type { GameFilter } from '../../contract/experiment-spec'
import { openBytes } from './pgn-bytes'
import { type RawGame, rawGames } from './pgn-games'
import { type MovetextFailure, readMovetext } from './pgn-movetext'
import type { PackedMove } from './pgn-san'

export interface Game {
  readonly whiteElo: number
  readonly blackElo: number
  readonly moves: ArrayLike<PackedMove>
}

/** Left out on purpose, or because nothing can be learnt from it. */
export type FilterReason =
  | 'event'
  | 'variant'
  | 'time-control'
  | 'elo-unknown'
  | 'elo-range'
  | 'no-moves'
  | 'too-short'
/** Left out because it is not what it should be. */
export type MalformedReason = MovetextFailure | 'oversized' | 'truncated'
export type SkipReason = FilterReason | MalformedReason

export const filterReasons: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'event',
  'variant',
  'time-control',
  'elo-unknown',
  'elo-range',
  'no-moves',
  'too-short',
])

export interface GameReport {
  /** games in the file, so far */
  readonly read: number
  readonly accepted: number
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>
  /** the first malformed games: number in the file counted from 0, reason, ply where it went wrong */
  readonly malformed: readonly { readonly game: number; readonly why: string }[]
  /** the compressed stream was cut: what came before it was used */
  readonly truncated: boolean
}

/** Number of skipped games whose text was at fault, not the filter. */
export const malformedCount = (report: GameReport): number =>
  Object.entries(report.skipped).reduce(
    (sum, [reason, n]) => (filterReasons.has(reason as SkipReason) ? sum : sum + n),
    0,
  )

const eventAt = '[Event "'.length

/** The Event without a tournament's trailing link; empty: there is none. */
function eventOf(bytes: Buffer): string {
  // nearly always the first tag
  const line =
    bytes.indexOf('[Event "') === 0 ? 0 : bytes.subarray(0, 4096).indexOf('\n[Event "') + 1
  if (line === 0 && bytes[1] !== 0x45) return ''
  const from = line + eventAt
  const end = bytes.indexOf(0x22, from)
  const event = bytes.toString('latin1', from, end < 0 ? from : end)
  const link = event.indexOf(' http')
  return link < 0 ? event : event.slice(0, link)
}

/** Value of a header, or undefined. @param headers text from the game's first tag to its last */
function headerOf(headers: string, tag: string): string | undefined {
  const open = `\n[${tag} "`
  const at = headers.indexOf(open)
  if (at < 0) return undefined
  const start = at + open.length
  const end = headers.indexOf('"', start)
  return end < 0 ? undefined : headers.slice(start, end)
}

const eloOf = (value: string | undefined): number =>
  value !== undefined && /^[1-9]\d{0,3}$/.test(value) ? Number(value) : -1

type Verdict =
  | { readonly kind: 'accepted'; readonly game: Game }
  | { readonly kind: 'skipped'; readonly why: SkipReason; readonly ply?: number }

const skip = (why: SkipReason): Verdict => ({ kind: 'skipped', why })

/** Where the headers end: the first line that does not begin with a bracket. */
function headersEnd(text: string): number {
  let at = 0
  while (at < text.length && text.charCodeAt(at) === 91) {
    const next = text.indexOf('\n', at)
    if (next < 0) return text.length
    at = next + 1
  }
  return at
}

/** Judges games by one filter; the Event is looked at before anything else is decoded. */
export function gameJudge(filter: GameFilter): (raw: RawGame) => Verdict {
  const events = new Set(filter.events)
  const timeControls = new Set(filter.timeControls)
  const inRange = (elo: number): boolean => elo >= filter.minElo && elo <= filter.maxElo
  return raw => {
    if (events.size > 0 && !events.has(eventOf(raw.bytes))) return skip('event')
    if (raw.oversized) return skip('oversized')
    const text = raw.bytes.toString('latin1')
    const end = headersEnd(text)
    const headers = `\n${text.slice(0, end)}`
    const variant = headerOf(headers, 'Variant')
    if (headerOf(headers, 'FEN') !== undefined) return skip('variant')
    if (variant !== undefined && variant !== 'Standard') return skip('variant')
    if (timeControls.size > 0 && !timeControls.has(headerOf(headers, 'TimeControl') ?? ''))
      return skip('time-control')
    const whiteElo = eloOf(headerOf(headers, 'WhiteElo'))
    const blackElo = eloOf(headerOf(headers, 'BlackElo'))
    if (whiteElo < 0 || blackElo < 0) return skip('elo-unknown')
    if (!inRange(whiteElo) || !inRange(blackElo)) return skip('elo-range')
    return movesVerdict(text.slice(end), raw, filter.minPlies, whiteElo, blackElo)
  }
}

function movesVerdict(
  movetext: string,
  raw: RawGame,
  minPlies: number,
  whiteElo: number,
  blackElo: number,
): Verdict {
  const read = readMovetext(movetext)
  const isCut = raw.last && !movetext.endsWith('\n')
  if (read.kind === 'failed')
    return isCut ? skip('truncated') : { kind: 'skipped', why: read.why, ply: read.ply }
  if (isCut && !read.ended) return skip('truncated')
  if (read.moves.length === 0) return skip('no-moves')
  if (read.moves.length < minPlies) return skip('too-short')
  return { kind: 'accepted', game: { whiteElo, blackElo, moves: read.moves } }
}

export interface GameStream {
  /** accepted games in file order, a batch for each piece of the file, with bytes read so far */
  batches(signal?: AbortSignal): AsyncGenerator<{
    readonly games: readonly Game[]
    /** their numbers in the file */
    readonly indices: readonly number[]
    readonly position: number
  }>
  /** bytes of the file */
  readonly size: number
  report(): GameReport
}

/** @throws Fault not-found, disk; while streaming: bad-file (corrupt zstd), cancelled */
export async function openGames(path: string, filter: GameFilter): Promise<GameStream> {
  const source = await openBytes(path)
  const judge = gameJudge(filter)
  const skipped: Partial<Record<SkipReason, number>> = {}
  const malformed: { game: number; why: string }[] = []
  let read = 0
  let accepted = 0
  const note = (verdict: Verdict & { kind: 'skipped' }): void => {
    skipped[verdict.why] = (skipped[verdict.why] ?? 0) + 1
    if (filterReasons.has(verdict.why) || malformed.length >= 10) return
    const where = verdict.ply === undefined ? '' : ` at ply ${verdict.ply}`
    malformed.push({ game: read, why: verdict.why + where })
  }
  async function* batches(signal?: AbortSignal) {
    for await (const batch of rawGames(source, signal)) {
      const games: Game[] = []
      const indices: number[] = []
      for (const raw of batch.games) {
        const verdict = judge(raw)
        if (verdict.kind === 'skipped') note(verdict)
        else {
          games.push(verdict.game)
          indices.push(read)
          accepted++
        }
        read++
      }
      yield { games, indices, position: batch.position }
    }
  }
  const report = (): GameReport => ({
    read,
    accepted,
    skipped: { ...skipped },
    malformed: [...malformed],
    truncated: source.truncated(),
  })
  return { batches, size: source.size, report }
}
