// Games in the forms in which they lie about: packed, without an Event, behind junk, cut short. Each is read or counted.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { compress } from 'zstd-napi'
import { noGames, openGames } from '../../../src-worker/behaviours/chess/pgn'
import { uciText } from '../../../src-worker/behaviours/chess/pgn-san'

const folder = mkdtempSync(join(tmpdir(), 'spw-pgn-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const filter = {
  ...{ events: [], minElo: 0, maxElo: 4000, minPlies: 1, timeControls: [] },
} as const

async function games(name: string, bytes: string | Uint8Array) {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  const stream = await openGames(path, { ...filter, events: [], timeControls: [] })
  const moves: string[] = []
  for await (const batch of stream.batches())
    moves.push(...batch.games.map(game => uciText(game.moves)))
  return { moves, report: stream.report() }
}

const header = (first: string): string =>
  `${first}[Site "x"]\n[WhiteElo "1500"]\n[BlackElo "1600"]\n\n`
const event = '[Event "Rated Blitz game"]\n'
const one = `${header(event)}1. e4 e5 1-0\n\n`
const two = `${header('')}1. d4 { a blank line\n\n[Not "a tag"] } d5 0-1\n\n`
const three = `${header('[White "w"]\n[Event "x"]\n')}1. c4 c5 1-0\n\n`
const expected = ['e2e4 e7e5', 'd2d4 d7d5', 'c2c4 c7c5']

test.each([
  ['plain.pgn', one + two + three],
  ['other-order.pgn', two + three + one],
  ['crlf.pgn', (one + two + three).replaceAll('\n', '\r\n')],
  ['mark.pgn', `\ufeff${one}${two}${three}`],
  ['junk.pgn', `; by a program\n\n${one}${two}${three}`],
  ['packed.pgn.gz', gzipSync(one + two + three)],
])('%s', async (name, bytes) => {
  const { moves, report } = await games(name, bytes)
  expect([...moves].sort()).toEqual([...expected].sort())
  expect([report.read, report.accepted]).toEqual([3, 3])
})

test('bzip2, made by bzip2 itself', async () => {
  const packed = readFileSync(join(__dirname, 'three-games.pgn.bz2'))
  expect((await games('packed.pgn.bz2', packed)).moves).toEqual(expected)
})

test('many games without an Event, over several chunks', async () => {
  const { report } = await games('many.pgn', two.repeat(30_000))
  expect([report.read, report.accepted]).toEqual([30_000, 30_000])
})

test('a packed file that is cut says so, and gives what came before', async () => {
  const packed = gzipSync(one.repeat(5000))
  const { report } = await games('cut.pgn.gz', packed.subarray(0, packed.length - 20))
  expect(report.truncated).toBe(true)
})

/** Games whose moves are written so; the game behind it is always read. */
const moves = (text: string): string => `${header(event)}${text}\n\n${one}`
const ruy = 'e2e4 e7e5 g1f3 b8c6'

test.each([
  ...['½-½', '½–½', '½—½', '1/2', '1/2–1/2', '1/2 - 1/2', '1–0', '0–1', '1 - 0', '1:0', '+-'],
  ...['0-1 {resigns}', '{so} 0-1', '1-0 ; so', '*', '0-0', '', '½:½', '-+'],
])('a result written as %j', async result => {
  const { moves: read, report } = await games('r.pgn', moves(`1. e4 e5 2. Nf3 Nc6 ${result}`))
  expect([read, report.read, report.skipped]).toEqual([[ruy, 'e2e4 e7e5'], 2, {}])
})

test('results of Latin-1 and Windows-1252', async () => {
  for (const dash of ['-', '\x96', '\x97']) {
    const text = moves(`1. e4 e5 2. Nf3 Nc6 \xbd${dash}\xbd`)
    expect((await games('l.pgn', Buffer.from(text, 'latin1'))).moves).toEqual([ruy, 'e2e4 e7e5'])
  }
})

test.each([
  '1. e4 (1. d4 (1. c4 c5) 1... d5 {x (} (1... Nf6)) 1... e5 2. Nf3 Nc6 1-0',
  '1. e4 (1. d4 ; a ) closes nothing here\nd5) e5 2. Nf3 Nc6 1-0',
  '1. e4$1 $2 e5 $14 2. Nf3 $146 Nc6$7 1-0',
  '1. e4 ± e5 ∞ 2. Nf3 += Nc6 -+ 1-0',
  '1. e4 N e5 D 2. Nf3!! Nc6?! 1-0',
  '1. e4 e5\n% hidden 1. d4\n2. Nf3 Nc6 1-0',
  '1. e4 {a comment\n% of two lines }\ne5 2. Nf3 Nc6 1-0',
  '1. e4 e5 2. ♘f3 ♞c6 1-0',
  '1.\u00a0e4\u00a0e5 2.\u00a0Nf3 1…Nc6 1-0',
  '1. e2-e4 e7-e5 2. Ng1-f3 Nb8-c6 1-0',
])('the main line of %j', async text => {
  expect((await games('m.pgn', moves(text))).moves).toEqual([ruy, 'e2e4 e7e5'])
})

test.each([
  ['1. e4 e5 2. Nf3 Nf6 3. Bc4 Bc5 4. 0-0 0-0 1-0', 'e2e4 e7e5 g1f3 g8f6 f1c4 f8c5 e1g1 e8g8'],
  ['1. e4 e5 2. Nf3 Nf6 3. Bc4 Bc5 4. o-o 0-0', 'e2e4 e7e5 g1f3 g8f6 f1c4 f8c5 e1g1 e8g8'],
  ['1. e4 d5 2. e:d5 Q:d5 1-0', 'e2e4 d7d5 e4d5 d8d5'],
  ['1. e4 a6 2. e5 d5 3. exd6e.p. exd6 1-0', 'e2e4 a7a6 e4e5 d7d5 e5d6 e7d6'],
  ['1. e4 a6 2. e5 d5 3. exd6ep exd6 1-0', 'e2e4 a7a6 e4e5 d7d5 e5d6 e7d6'],
  [
    '1. h4 g5 2. hxg5 h6 3. gxh6 a6 4. h7 a5 5. hxg8/Q a4 1-0',
    'h2h4 g7g5 h4g5 h7h6 g5h6 a7a6 h6h7 a6a5 h7g8q a5a4',
  ],
])('moves in older spelling: %j', async (text, uci) => {
  expect((await games('s.pgn', moves(text))).moves).toEqual([uci, 'e2e4 e7e5'])
})

test.each([
  ['1. e2e4 e7e5 2. g1f3 b8c6 1-0', ruy],
  ['1. e2-e4 e7-e5 2. g1-f3 b8-c6 1-0', ruy],
  ['e2e4 e7e5 g1f3 b8c6', ruy],
  ['1. e4 e7e5 2. g1f3! Nc6?! 1-0', ruy],
  ['1. g1f3 g8f6 2. g2g3 g7g6 3. f1g2 f8g7 4. e1g1 e8g8', undefined],
  ['1. d2d4 d7d5 2. b1c3 b8c6 3. c1f4 c8f5 4. d1d2 d8d7 5. e1c1 e8c8', undefined],
  ['1. h2h4 g7g5 2. h4xg5 h7h6 3. g5xh6 a7a6 4. h6h7 a6a5 5. h7xg8q h8g8', undefined],
  ['1. e2e4 a7a6 2. e4e5 d7d5 3. e5d6 e7d6 4. f1a6 a8a6', undefined],
])('moves as engines write them: %j', async (text, uci = text.replace(/\d+\. |[-x]/g, '')) => {
  expect((await games('u.pgn', moves(text))).moves).toEqual([uci, 'e2e4 e7e5'])
})

test.each([
  ...['e1e2', 'f1d3', 'g1g3', 'a1a3', 'e7e5', 'd4d5', 'b1c3q', 'e1g1', 'b1d2'].map(move => [
    `1. ${move} e5 1-0`,
    'illegal-move',
  ]),
  ['1. e2e4 e7e5 2. e1e2 a7a6 3. e2e1 a6a5 4. g1f3 a5a4 5. f1c4 a4a3 6. e1g1', 'illegal-move'],
  ['1. e4 -- 2. d4 e5 1-0', 'null-move'],
  ['1. e4 Z0 2. d4 e5 1-0', 'null-move'],
  ['1. e4 @@@@ 2. d4 1-0', 'bad-san'],
  ['1. e4 e5 2. Sf3 Sc6 1-0', 'bad-san'],
  ['1. e4 {never closed e5 1-0', 'unclosed-comment'],
  ['1. e4 e4 1-0', 'illegal-move'],
])('%j is counted', async (text, why) => {
  const { moves: read, report } = await games('c.pgn', `${header(event)}${text}\n\n${one}`)
  expect([read, report.read, report.skipped]).toEqual([['e2e4 e7e5'], 2, { [why]: 1 }])
})

test('moves behind a result are another game, which nobody knows the players of', async () => {
  const { moves: read, report } = await games(
    'b.pgn',
    moves('1. e4 e5 2. Nf3 Nc6 1-0 1. d4 d5 0-1'),
  )
  expect(read).toEqual([ruy, 'e2e4 e7e5'])
  expect([report.read, report.skipped]).toEqual([3, { 'behind-a-result': 1 }])
})

describe('headers', () => {
  const tagged = (...tags: string[]): string => `${event}${tags.join('')}\n1. e4 e5 1-0\n\n${one}`
  const elos = '[WhiteElo "1500"]\n[BlackElo "1600"]\n'
  const fen = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1'
  test.each([
    ['one line', '[WhiteElo "1500"] [BlackElo "1600"]\n'],
    ['other white space', '  [ WhiteElo   "1500" ]\n\t[BlackElo\t"1600"]\n'],
    ['blanks in the value', '[WhiteElo " 1500 "]\n[BlackElo "1600"]\n'],
    ['quotes in a value', `[White "a \\"b\\" c"]\n${elos}`],
    ['the usual start position', `${elos}[SetUp "1"]\n[FEN "${fen}"]\n`],
    ['standard chess, in any case', `${elos}[Variant "standard"]\n`],
  ])('%s', async (_, tags) => {
    const { moves: read, report } = await games('h.pgn', tagged(tags))
    expect([read, report.skipped]).toEqual([['e2e4 e7e5', 'e2e4 e7e5'], {}])
  })

  test.each([
    ...['?', '-', '', '0', '15000'].map(elo => [elos.replace('1500', elo), 'elo-unknown']),
    ...['1500?', ' 980 ?'].map(elo => [elos.replace('1500', elo), 'elo-provisional']),
    ['[WhiteElo "1500"]\n[BlackElo "1600?"]\n', 'elo-provisional'],
    ['[WhiteElo "1500?"]\n[BlackElo "?"]\n', 'elo-provisional'],
    [`${elos}[FEN "rnbqkbnr/pppp1ppp/8/4p3/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 2"]\n`, 'variant'],
    [`${elos}[Variant "Chess960"]\n`, 'variant'],
  ])('%j is counted', async (tags, why) => {
    const { moves: read, report } = await games('h.pgn', tagged(tags ?? ''))
    expect([read, report.read, report.skipped]).toEqual([['e2e4 e7e5'], 2, { [why ?? '']: 1 }])
  })
})

test.each<[string, string | Buffer]>([
  ['one line', `${(one + one).replaceAll(/\n+/g, ' ')}\n`],
  ['a mark in the middle', `\ufeff${one}\ufeff${one}`],
  ['CR alone', (one + one).replaceAll('\n', '\r')],
  ['no end of line', one + one.trim()],
])('two games: %s', async (_, bytes) => {
  const { moves: read, report } = await games('t.pgn', bytes)
  expect([read, report.read]).toEqual([['e2e4 e7e5', 'e2e4 e7e5'], 2])
})

test('an Event within a comment begins no game', async () => {
  const text = one.replace('e5', '{ from [Event "another"] } e5 ; and [Event "a third"]\n')
  const { report } = await games('in.pgn', text + one)
  expect([report.read, report.accepted]).toEqual([2, 2])
})

describe('cut files', () => {
  const text = one.repeat(40)
  const packed = readFileSync(join(__dirname, 'three-games.pgn.bz2'))
  test.each<[string, Buffer, number]>([
    ['first-block.pgn.zst', compress(Buffer.from(text)).subarray(0, 9), 0],
    ['head.pgn.gz', gzipSync(text).subarray(0, 9), 0],
    ['first-block.pgn.bz2', packed.subarray(0, packed.length - 30), 0],
    ['head.pgn.bz2', packed.subarray(0, 3), 0],
    ['two-streams.pgn.bz2', Buffer.concat([packed, packed.subarray(0, packed.length - 30)]), 3],
    [
      'two-frames.pgn.zst',
      Buffer.concat([compress(Buffer.from(one)), compress(Buffer.from(text)).subarray(0, 9)]),
      1,
    ],
  ])('%s gives what came before, and says so', async (name, bytes, accepted) => {
    const { report } = await games(name, bytes)
    expect([report.accepted, report.truncated]).toEqual([accepted, true])
    if (accepted === 0)
      expect(noGames('x.pgn', report).message).toBe(
        'x.pgn has no game to learn from (0 read); the file is cut: its data end before they are whole',
      )
  })

  test('several bzip2 streams are one file', async () => {
    const { moves: read, report } = await games('m.pgn.bz2', Buffer.concat([packed, packed]))
    expect([read.length, report.truncated]).toEqual([6, false])
  })

  test('a flipped bit is no cut', async () => {
    const broken = Buffer.from(packed)
    broken[40] = (broken[40] ?? 0) ^ 1
    await expect(games('f.pgn.bz2', broken)).rejects.toMatchObject({ code: 'bad-file' })
  })

  test('a header that is cut', async () => {
    const { report } = await games('c.pgn', one + one.slice(0, 40))
    expect([report.accepted, report.skipped]).toEqual([1, { truncated: 1 }])
  })
})

test.each([
  ['UTF-16', Buffer.from(one, 'utf16le'), /is UTF-16, no UTF-8/],
  ['xz', Buffer.from('fd377a585a000004e6d6b446', 'hex'), /is packed by xz, no text/],
])('%s is named', async (_, bytes, words) => {
  await expect(games('o.pgn', bytes)).rejects.toThrow(words)
})

test('a file without tags says how a game begins', async () => {
  const { report } = await games('none.pgn', '1. e4 e5 1-0\n')
  expect(noGames('none.pgn', report).fix).toMatch(/each begins with tags/)
})
