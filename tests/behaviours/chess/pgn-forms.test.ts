// Games in the forms in which they lie about: packed, without an Event, behind junk, cut short. Each is read or counted.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { openGames } from '../../../src-worker/behaviours/chess/pgn'
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
