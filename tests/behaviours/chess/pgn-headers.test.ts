// Tags as other programs write them: their case decides nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openGames } from '../../../src-worker/behaviours/chess/pgn'
import { uciText } from '../../../src-worker/behaviours/chess/pgn-san'

const folder = mkdtempSync(join(tmpdir(), 'spw-tags-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function games(name: string, text: string, events: string[] = []) {
  const path = join(folder, name)
  writeFileSync(path, text)
  const filter = { events, minElo: 0, maxElo: 4000, minPlies: 1, timeControls: [] }
  const stream = await openGames(path, filter)
  const moves: string[] = []
  for await (const batch of stream.batches())
    moves.push(...batch.games.map(game => uciText(game.moves)))
  return { moves, report: stream.report() }
}

const event = '[Event "Rated Blitz game"]\n'
const header = (first: string): string =>
  `${first}[Site "x"]\n[WhiteElo "1500"]\n[BlackElo "1600"]\n\n`
const one = `${header(event)}1. e4 e5 1-0\n\n`

test('tags in another case are the same tags', async () => {
  const small = one.replaceAll('WhiteElo', 'whiteelo').replaceAll('BlackElo', 'BLACKELO')
  expect((await games('small.pgn', small)).moves).toEqual(['e2e4 e7e5'])
  // moves that are legal from the usual start too, so that nothing else would tell
  const fen = '[fen "rnbqkbnr/pppp1ppp/8/4p3/4P3/8/PPPP1PPP/RNBQKBNR w KQkq - 0 2"]\n'
  const placed = await games('fen.pgn', `${header(event + fen)}2. Nf3 Nc6 1-0\n\n`)
  expect(placed.report).toMatchObject({ accepted: 0, skipped: { variant: 1 } })
  const other = await games('variant.pgn', `${header(`${event}[VARIANT "Horde"]\n`)}1. e4 1-0\n\n`)
  expect(other.report.skipped).toEqual({ variant: 1 })
  const provisional = one.replace('WhiteElo "1500"', 'whiteElo "1500?"')
  const { report } = await games('provisional.pgn', provisional)
  expect(report.skipped).toEqual({ 'elo-provisional': 1 })
  const shout = one.replace('[Event ', '[EVENT ')
  expect((await games('event.pgn', shout, ['Rated Blitz game'])).moves).toEqual(['e2e4 e7e5'])
  expect((await games('event.pgn', shout, ['Casual game'])).report.skipped).toEqual({ event: 1 })
})
