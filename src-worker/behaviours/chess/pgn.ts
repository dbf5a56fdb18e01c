// A Lichess file → the games one run may use: header filter first (cheap), movetext only of what passed.
// Nothing a file holds is fatal except broken compression; every game not used is counted by its reason.
// Ours, because chess.js reads 283 games a second and a training set has millions.
import type { GameFilter } from '../../contract/experiment-spec'
import { Fault } from '../../contract/fault'
import { reasonsText } from '../../shared/reasons'
import { openBytes } from './pgn-bytes'
import { type RawGame, rawGames } from './pgn-games'
import { eloOf, eventOf, headerOf, isProvisional } from './pgn-headers'
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
  | 'elo-provisional'
  | 'elo-range'
  | 'no-moves'
  | 'too-short'
/** Left out because it is not what it should be. */
export type MalformedReason = MovetextFailure | 'oversized' | 'truncated' | 'behind-a-result'
export type SkipReason = FilterReason | MalformedReason

export const filterReasons: ReadonlySet<SkipReason> = new Set<SkipReason>([
  'event',
  'variant',
  'time-control',
  'elo-unknown',
  'elo-provisional',
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

/** A file without a game to learn from, and why. */
export function noGames(path: string, report: GameReport): Fault {
  const { read, skipped, truncated } = report
  const cut = truncated ? '; the file is cut: its data end before they are whole' : ''
  const counts = [`${read} read`, reasonsText(skipped)].filter(Boolean).join(', ')
  const whole = 'Give games as PGN: each begins with tags, such as [Event "…"].'
  const fix = truncated ? 'Get the file again.' : read === 0 ? whole : ''
  return new Fault(
    'bad-data',
    `${path} has no game to learn from (${counts})${cut}`,
    fix || 'Widen the filter of games, or give other games.',
  )
}

type Verdict =
  | { readonly kind: 'accepted'; readonly game: Game; readonly behind: boolean }
  | { readonly kind: 'skipped'; readonly why: SkipReason; readonly ply?: number }

const skip = (why: SkipReason): Verdict => ({ kind: 'skipped', why })

const tags = /\s*\[\s*\w+\s+"(?:[^"\\\n]|\\.)*"\s*\]/y

/** The line at `at` is tags from its beginning to its end: the index of the next line; else −1. */
function behindTagLine(text: string, at: number): number {
  if (text.charCodeAt(at) !== 91) return -1
  const next = text.indexOf('\n', at)
  if (next < 0) return -1
  const last = text.charCodeAt(next - 1) === 13 ? next - 2 : next - 1
  return text.charCodeAt(last) === 93 ? next + 1 : -1
}

/** Where the headers end: behind the last tag, of which a line may hold several; a line that begins as one is one. */
function headersEnd(text: string): number {
  for (let at = 0; ; ) {
    const line = behindTagLine(text, at)
    if (line >= 0) {
      at = line
      continue
    }
    tags.lastIndex = at
    const begins = /^\s*\[/.test(text.slice(at, at + 100))
    if (!begins) return at
    const next = tags.test(text) ? tags.lastIndex : text.indexOf('\n', text.indexOf('[', at)) + 1
    if (next === 0) return text.length
    at = next
  }
}

/** The position that every game of standard chess begins with, without move counters. */
const startFen = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq -'
const standard = new Set(['', 'standard', 'chess', 'normal'])

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
    if (raw.last && end === text.length && !text.endsWith('\n')) return skip('truncated')
    if (!(headerOf(headers, 'FEN') ?? startFen).startsWith(startFen)) return skip('variant')
    const variant = headerOf(headers, 'Variant') ?? ''
    if (!standard.has(variant.trim().toLowerCase())) return skip('variant')
    if (timeControls.size > 0 && !timeControls.has(headerOf(headers, 'TimeControl') ?? ''))
      return skip('time-control')
    const whiteElo = eloOf(headerOf(headers, 'WhiteElo'))
    const blackElo = eloOf(headerOf(headers, 'BlackElo'))
    if (whiteElo < 0 || blackElo < 0)
      return skip(isProvisional(headers) ? 'elo-provisional' : 'elo-unknown')
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
  return { kind: 'accepted', game: { whiteElo, blackElo, moves: read.moves }, behind: read.behind }
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
        if (verdict.kind === 'skipped' || !verdict.behind) continue
        // moves behind a result are another game, whose players nobody knows
        note({ kind: 'skipped', why: 'behind-a-result' })
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
