// Lichess files: what is taken, what is counted, and that the moves are chess.js's moves.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chess } from 'chess.js'
import { afterAll, describe, expect, test } from 'vitest'
import { compress, decompress } from 'zstd-napi'
import { type Game, malformedCount, openGames } from '../../../src-worker/behaviours/chess/pgn'
import { uciText } from '../../../src-worker/behaviours/chess/pgn-san'
import { type GameFilter, gameFilterSchema } from '../../../src-worker/contract/experiment-spec'
import type { Fault } from '../../../src-worker/contract/fault'
import { referencePath } from '../../reference-path'

const folder = mkdtempSync(join(tmpdir(), 'spw-pgn-'))
afterAll(() => rmSync(folder, { recursive: true }))

const everything: GameFilter = { ...gameFilterSchema.parse({}), events: [] }
const blitz = gameFilterSchema.parse({})

const file = (content: string | Buffer, name = 'games.pgn'): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function read(path: string, filter = everything) {
  const stream = await openGames(path, filter)
  const games: Game[] = []
  const indices: number[] = []
  for await (const batch of stream.batches()) {
    games.push(...batch.games)
    indices.push(...batch.indices)
  }
  return { games, indices, report: stream.report(), texts: games.map(g => uciText(g.moves)) }
}

const game = (movetext: string, tags: Record<string, string> = {}): string => {
  const all = { WhiteElo: '1500', BlackElo: '1600', TimeControl: '300+0', ...tags }
  const event = tags.Event ?? 'Rated Blitz game'
  const lines = Object.entries(all).filter(([tag]) => tag !== 'Event')
  const headers = lines.map(([tag, value]) => `[${tag} "${value}"]\n`).join('')
  return `[Event "${event}"]\n${headers}\n${movetext}\n\n`
}

describe('against chess.js', () => {
  test('games of the sample agree with chess.js', async () => {
    const path = referencePath('data/lichess_sample.pgn.zst')
    const sources = decompress(readFileSync(path))
      .toString('latin1')
      .split(/\n(?=\[Event ")/)
    const { texts, indices } = await read(path)
    for (let i = 0; i < texts.length; i += 40) {
      const chess = new Chess()
      chess.loadPgn(sources[indices[i]!]!)
      const lan = chess.history({ verbose: true }).map(m => m.lan)
      expect(texts[i]).toBe(lan.join(' '))
    }
  })
})

describe('files', () => {
  test('the sample: every game is taken or counted, Blitz by default', async () => {
    const path = referencePath('data/lichess_sample.pgn.zst')
    const all = await read(path)
    expect(all.report).toMatchObject({ read: 5698, accepted: 5651, truncated: false })
    expect(all.report.skipped).toEqual({ 'no-moves': 43, 'elo-unknown': 4 })
    const filtered = await read(path, blitz)
    expect(filtered.report).toMatchObject({ read: 5698, accepted: 641 })
    expect(filtered.report.skipped).toEqual({ event: 5054, 'no-moves': 3 })
  })

  test('filters: events, Elo range, plies, time control', async () => {
    const path = file(
      game('1. e4 e5 1-0') +
        game('1. d4 d5 1-0', { Event: 'Rated Blitz tournament https://lichess.org/tournament/x' }) +
        game('1. c4 c5 1-0', { WhiteElo: '2500' }) +
        game('1. b4 1-0') +
        game('1. f4 f5 1-0', { TimeControl: '180+2' }),
    )
    const filter = { ...blitz, events: ['Rated Blitz game', 'Rated Blitz tournament'] }
    expect((await read(path, filter)).report.accepted).toBe(5)
    expect((await read(path, blitz)).report.skipped).toEqual({ event: 1 })
    const narrow = { ...filter, maxElo: 2000, minPlies: 2, timeControls: ['300+0'] }
    const { texts, report } = await read(path, narrow)
    expect(texts).toEqual(['e2e4 e7e5', 'd2d4 d7d5'])
    expect(report.skipped).toEqual({ 'elo-range': 1, 'too-short': 1, 'time-control': 1 })
  })

  test('what cannot be learnt from is counted by reason, never fatal', async () => {
    const path = file(
      'junk before the first game\n' +
        game('1. e4 e5 1-0') +
        game('1. e4 e5 1-0', { WhiteElo: '?' }) +
        game('1. e4 e5 1-0', {
          Variant: 'Chess960',
          FEN: 'nqbbnrkr/8/8/8/8/8/8/NQBBNRKR w - - 0 1',
        }) +
        game('1. e4 e5 1-0', { Variant: 'Crazyhouse' }) +
        game('1-0') +
        game('1. e4 Ke5 1-0') +
        game('1. Nf3 Nf6 2. Ng1 Ng8 '.repeat(2500)) +
        game('1. e4 {' + 'x'.repeat(3 << 20)) +
        game('1. d4 d5 1-0'),
    )
    const { texts, report } = await read(path)
    expect(texts).toEqual(['e2e4 e7e5', 'd2d4 d7d5'])
    expect(report.skipped).toEqual({
      'elo-unknown': 1,
      variant: 2,
      'no-moves': 1,
      'illegal-move': 1,
      'too-long': 1,
      oversized: 1,
    })
    expect(malformedCount(report)).toBe(3)
    expect(report.malformed[0]).toEqual({ game: 5, why: 'illegal-move at ply 2' })
  })

  test.each([
    ['inside a move', '1. d4 d'],
    ['between moves', '1. d4 d5 2.'],
    ['inside a comment', '1. d4 { [%eval'],
  ])('a PGN cut %s loses that game only', async (_, movetext) => {
    const path = file(game('1. e4 e5 1-0') + game(movetext).trimEnd())
    const { texts, report } = await read(path)
    expect(texts).toEqual(['e2e4 e7e5'])
    expect(report.skipped).toEqual({ truncated: 1 })
  })

  test('several frames, Windows line ends and a byte order mark are one stream of games', async () => {
    const one = Buffer.from('\ufeff' + game('1. e4 e5 1-0'))
    const two = Buffer.from(game('1. d4 d5 1-0').replaceAll('\n', '\r\n'))
    const half = Math.floor(two.length / 2)
    const frames = [one, two.subarray(0, half), two.subarray(half)].map(b => compress(b))
    const { texts } = await read(file(Buffer.concat(frames), 'frames.pgn.zst'))
    expect(texts).toEqual(['e2e4 e7e5', 'd2d4 d7d5'])
  })

  test('a cut zstd stream gives the games before the cut, and says so', async () => {
    const whole = readFileSync(referencePath('data/lichess_sample.pgn.zst'))
    const path = file(whole.subarray(0, 400_000), 'cut.pgn.zst')
    const { report } = await read(path)
    expect(report.truncated).toBe(true)
    expect(report.accepted).toBeGreaterThan(3000)
    // the sample has games without moves and without Elos; the game at the cut is lost
    const { 'no-moves': noMoves = 0, 'elo-unknown': noElo = 0 } = report.skipped
    expect(report.read - report.accepted - noMoves - noElo).toBeLessThanOrEqual(1)
  })

  test('corrupt zstd is a fault that names the file', async () => {
    const whole = Buffer.from(readFileSync(referencePath('data/lichess_sample.pgn.zst')))
    whole.fill(0x55, 200_000, 200_400)
    const path = file(whole, 'corrupt.pgn.zst')
    const fault = await read(path).catch(error => error as Fault)
    expect(fault).toMatchObject({ code: 'bad-file', fix: 'Download the file again.' })
    expect((fault as Fault).message).toContain('corrupt.pgn.zst is not valid zstd')
  })

  test('a missing file is a fault; a signal stops the reading', async () => {
    await expect(read(join(folder, 'none.pgn'))).rejects.toMatchObject({ code: 'not-found' })
    const stream = await openGames(file(game('1. e4')), everything)
    const batches = stream.batches(AbortSignal.abort())
    await expect(batches.next()).rejects.toMatchObject({ code: 'cancelled' })
  })
})
