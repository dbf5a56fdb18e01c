// Lichess files: what is taken, what is counted, and that the moves are chess.js's moves.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chess } from 'chess.js'
import { afterAll, describe, expect, test } from 'vitest'
import { compress, decompress } from 'zstd-napi'
import type { Fault } from '../../src-worker/contract/fault'
import { type GameFilter, gameFilterSchema } from '../../src-worker/contract/run'
import { type Game, malformedCount, openGames } from '../../src-worker/dataset/pgn'
import { startPosition } from '../../src-worker/dataset/pgn-board'
import { readMovetext } from '../../src-worker/dataset/pgn-movetext'
import { playSan, uciOf, uciText } from '../../src-worker/dataset/pgn-san'
import { shared } from '../shared'

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

describe('movetext', () => {
  test.each([
    ['1. e4 e5 2. Nf3 1-0', 'e2e4 e7e5 g1f3'],
    ['1.e4 e5 2.Nf3', 'e2e4 e7e5 g1f3'],
    ['1. e4 { [%eval 0.17] [%clk 0:05:00] } 1... e5 { [%clk 0:05:00] } *', 'e2e4 e7e5'],
    [
      '1. e4! $1 (1. d4 d5 (1... Nf6 {a ) b}) 2. c4) 1... e5?! ; to the end (of the line\n2. Bc4',
      'e2e4 e7e5 f1c4',
    ],
    ['1. e4 d5 2. e5 f5 3. exf6 e.p. 1/2-1/2', 'e2e4 d7d5 e4e5 f7f5 e5f6'],
    ['1. Nf3 Nf6 2. g3 g6 3. Bg2 Bg7 4. 0-0 O-O', 'g1f3 g8f6 g2g3 g7g6 f1g2 f8g7 e1g1 e8g8'],
    [
      '1. a4 b5 2. axb5 a6 3. bxa6 Nc6 4. a7 Rb8 5. axb8=N',
      'a2a4 b7b5 a4b5 a7a6 b5a6 b8c6 a6a7 a8b8 a7b8n',
    ],
    [
      '1. a4 b5 2. axb5 a6 3. bxa6 Nc6 4. a7 Rb8 5. axb8Q',
      'a2a4 b7b5 a4b5 a7a6 b5a6 b8c6 a6a7 a8b8 a7b8q',
    ],
    ['1. Ng1f3 d7d5', 'g1f3 d7d5'],
    ['', ''],
  ])('%s', (text, uci) => {
    const read = readMovetext(text)
    expect(read.kind === 'moves' && uciText(read.moves)).toBe(uci)
  })

  test.each([
    ['1. e4 e5 2. Ke3', 'illegal-move', 3],
    ['1. Nf3 d5 2. Nd2', 'illegal-move', 3],
    ['1. e4 e5 2. Nf3 d6 3. Nbd4', 'illegal-move', 5],
    ['1. Nf3 d6 2. d3 d5 3. Nd2', 'ambiguous-move', 5],
    ['1. e4 -- 2. d4', 'null-move', 2],
    ['1. e4 hello', 'bad-san', 2],
    ['1. e5', 'illegal-move', 1],
    ['1. e4 e5 2. O-O', 'illegal-move', 3],
    ['1. e4 {never closed', 'unclosed-comment', 2],
    ['1. e4 (1. d4 {)} d5', 'unclosed-variation', 2],
  ])('%s is refused: %s at ply %i', (text, why, ply) => {
    expect(readMovetext(text)).toEqual({ kind: 'failed', why, ply })
  })

  test('a pinned piece is no candidate, and a check must be answered', () => {
    const pinned = readMovetext('1. e4 e5 2. Nf3 Nc6 3. Bb5 d6 4. d4 Nd4')
    expect(pinned).toEqual({ kind: 'failed', why: 'illegal-move', ply: 8 })
    const ignored = readMovetext('1. e4 e5 2. Qh5 a6 3. Qxf7+ a5')
    expect(ignored).toEqual({ kind: 'failed', why: 'illegal-move', ply: 6 })
  })

  test('ten thousand plies of junk are refused, quickly', () => {
    const shuffle = '1. Nf3 Nf6 2. Ng1 Ng8 '
    const start = performance.now()
    expect(readMovetext(shuffle.repeat(2500))).toMatchObject({ kind: 'failed', why: 'too-long' })
    expect(performance.now() - start).toBeLessThan(500)
  })

  test('a refused token leaves the position as it was', () => {
    const position = startPosition()
    const before = [...position.board]
    for (const san of ['Nd5', 'e5', 'O-O', 'Qh5', '--', 'zz', 'exd3', 'e8=Q', 'a9', '']) {
      expect(playSan(position, san)).toBeLessThan(0)
      expect([...position.board]).toEqual(before)
    }
  })
})

describe('against chess.js', () => {
  /** Random legal games of chess.js, which promote, castle and take en passant far more often than people do. */
  test('random games written by chess.js are read back', () => {
    let state = 12345
    const below = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * n)
    }
    for (let n = 0; n < 20; n++) {
      const chess = new Chess()
      for (let ply = 0; ply < 160 && !chess.isGameOver(); ply++) {
        const moves = chess.moves({ verbose: true })
        const rare = moves.filter(m => m.promotion || m.isEnPassant() || m.san.startsWith('O-O'))
        const from = rare.length > 0 && below(2) === 0 ? rare : moves
        chess.move(from[below(from.length)]!.san)
      }
      const history = chess.history({ verbose: true })
      const read = readMovetext(chess.pgn({ maxWidth: 80 }).replace(/^\[.*\]\n/gm, ''))
      expect(read.kind === 'moves' && read.moves.map(uciOf)).toEqual(history.map(m => m.lan))
    }
  })

  test('games of the sample agree with chess.js', async () => {
    const path = shared('data/lichess_sample.pgn.zst')
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
    const path = shared('data/lichess_sample.pgn.zst')
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
    const whole = readFileSync(shared('data/lichess_more.pgn.zst'))
    const path = file(whole.subarray(0, 1 << 20), 'cut.pgn.zst')
    const { report } = await read(path)
    expect(report.truncated).toBe(true)
    expect(report.accepted).toBeGreaterThan(3000)
    expect(report.read - report.accepted).toBeLessThanOrEqual(1)
  })

  test('corrupt zstd is a fault that names the file', async () => {
    const whole = Buffer.from(readFileSync(shared('data/lichess_sample.pgn.zst')))
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
