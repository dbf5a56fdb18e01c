// Measures of behaviour on real held-out games and boards with the bundled model.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chessMetrics, type PlayedGame } from '../../src-worker/behaviours/chess/measures'
import { openGames } from '../../src-worker/behaviours/chess/pgn'
import { uciText } from '../../src-worker/behaviours/chess/pgn-san'
import { chessMeasured } from '../../src-worker/behaviours/chess/shares'
import { walkText } from '../../src-worker/behaviours/paths/data'
import { walkedMaze } from '../../src-worker/behaviours/paths/generator'
import { pathMetrics } from '../../src-worker/behaviours/paths/measures'
import { gameFilterSchema } from '../../src-worker/contract/experiment-spec'
import type { Snapshot } from '../../src-worker/contract/snapshot'
import { type BehaviourMeasures, intervalOf, shareOf } from '../../src-worker/sample/measured'
import type { Sampler } from '../../src-worker/sample/prompted'
import { rng } from '../../src-worker/stream/rng'
import { referencePath } from '../reference-path'
import { demoSampler, randomPrompt } from './demo-sampler'

let sampler: Sampler
let games: PlayedGame[]
let snapshot: Snapshot
beforeAll(async () => {
  sampler = await demoSampler()
  snapshot = await randomPrompt(sampler.folder.config.hiddenSize, 4, ['a', 'b'])
  const filter = { ...gameFilterSchema.parse({}), events: [], minPlies: 20 }
  const stream = await openGames(referencePath('data/lichess_sample.pgn.zst'), filter)
  for await (const batch of stream.batches()) {
    games = batch.games
      .slice(0, 8)
      .map(({ whiteElo, blackElo, moves }) => ({ whiteElo, blackElo, uci: uciText(moves) }))
    break
  }
})
afterAll(() => sampler.release())

async function finished(work: AsyncGenerator<number, BehaviourMeasures>) {
  const shares: number[] = []
  let step = await work.next()
  while (step.done !== true) {
    shares.push(step.value)
    step = await work.next()
  }
  for (let i = 1; i < shares.length; i++)
    expect(shares[i]).toBeGreaterThanOrEqual(shares[i - 1]! - 1e-9)
  expect(shares.at(-1)).toBeLessThanOrEqual(1)
  return { ...step.value, details: step.value.details as Record<string, never> }
}

describe('chess', () => {
  test('the bundled model moves legally most of the time and often as the person did', async () => {
    const { scalars, details } = await finished(
      chessMetrics({ sampler, games, length: 256, startToken: true }),
    )
    expect(scalars['Legal move rate']).toBeGreaterThan(0.5)
    expect(scalars['Legal move probability']).toBeGreaterThan(0.4)
    expect(scalars['Top-1 match']).toBeGreaterThan(0.05)
    expect(scalars['Top-3 match']).toBeGreaterThanOrEqual(scalars['Top-1 match']!)
    expect(Object.keys(scalars).some(tag => tag.startsWith('Top-1 match/Elo'))).toBe(true)
    expect(Object.keys(scalars).some(tag => tag.startsWith('Top-3 match/plies'))).toBe(true)
    expect(details.games).toBe(8)
    expect((details.positions as unknown as unknown[]).length).toBe(32)
    // without conditions the Elos cannot matter
    expect(details.eloSensitivity).toBeNull()
  })

  test('Elo sensitivity of a prompt made from Elos comes with its interval', async () => {
    const { scalars, details } = await finished(
      chessMetrics({ sampler, games, length: 64, positionsPerGame: 1, snapshot }),
    )
    const { mean, low, high, n } = details.eloSensitivity as unknown as Record<string, number>
    expect(n).toBe(8)
    expect(low).toBeLessThan(mean!)
    expect(high).toBeGreaterThan(mean!)
    expect(scalars['Elo sensitivity']).toBe(mean)
  })

  test('Elos beside a constant count as well; a constant alone is no Elo', async () => {
    const { hiddenSize } = sampler.folder.config
    const of = async (...names: string[]) =>
      finished(
        chessMetrics({
          ...{ sampler, games, length: 64, positionsPerGame: 1 },
          snapshot: await randomPrompt(hiddenSize, 4, names),
        }),
      )
    const both = await of('a', 'b', 'c')
    const { trueLoss, shuffledLoss, mean } = both.details.eloSensitivity as unknown as Record<
      string,
      number
    >
    expect(both.scalars['Elo sensitivity']).toBeCloseTo(trueLoss! - shuffledLoss!, 12)
    expect(mean).not.toBe(0)
    const constant = await of('c')
    expect(Object.keys(constant.scalars).filter(tag => /sensitivity/.test(tag))).toEqual([])
  })

  test('a seed chooses the positions; a signal stops', async () => {
    const options = { sampler, games: games.slice(0, 2), length: 64, positionsPerGame: 2 }
    const [a, b] = [await finished(chessMetrics(options)), await finished(chessMetrics(options))]
    expect(a).toEqual(b)
    const stopped = finished(chessMetrics({ ...options, signal: AbortSignal.abort() }))
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('shares are counted by bucket', () => {
    const outcome = (elo: number, ply: number, rank: number) => ({
      ...{ game: 0, elo, ply, rank, choices: 20, bits: 1, legalMass: 0.5, legal: rank === 1 },
    })
    const { scalars } = chessMeasured(
      [outcome(1000, 0, 1), outcome(1000, 15, 4), outcome(2100, 50, 3)],
      1,
      undefined,
    )
    expect(scalars).toEqual({
      'Legal move rate': 1 / 3,
      'Legal move probability': 0.5,
      'Top-1 match': 1 / 3,
      'Top-1 match from ply 10': 0,
      'Match of a random legal move from ply 10': 1 / 20,
      'Top-3 match': 2 / 3,
      'Top-1 match/Elo below 1200': 0.5,
      'Top-3 match/Elo below 1200': 0.5,
      'Top-1 match/Elo 2000 and more': 0,
      'Top-3 match/Elo 2000 and more': 1,
      'Top-1 match/plies 0-9': 1,
      'Top-3 match/plies 0-9': 1,
      'Top-1 match/plies 10-19': 0,
      'Top-3 match/plies 10-19': 0,
      'Top-1 match/plies 40 and more': 0,
      'Top-3 match/plies 40 and more': 1,
    })
  })

  test('shares taken apart by game add up to the scalars', async () => {
    const { scalars, shares } = await finished(
      chessMetrics({ sampler, games, length: 64, positionsPerGame: 2, snapshot }),
    )
    const reported = Object.entries(scalars).filter(([tag]) => !/\/(low|high)$/.test(tag))
    for (const [tag, value] of reported) expect(shareOf(shares[tag]!)).toBeCloseTo(value, 12)
    expect(shares['Legal move rate']?.counts.length).toBe(games.length)
  })

  test('the interval', () => {
    const { mean, low, high } = intervalOf([1, 2, 3, 4])
    expect(mean).toBe(2.5)
    expect(high - mean).toBeCloseTo(1.96 * Math.sqrt(5 / 3 / 4), 10)
    expect(mean - low).toBeCloseTo(high - mean, 10)
  })
})

describe('pathfinding', () => {
  const random = rng(7, 'metric boards')
  const format = { spaces: true, movesLine: true }
  const boards = Array.from({ length: 24 }, () => walkText(walkedMaze(random, 8, 8), format))

  test('walks of the bundled model, bare and prompted', async () => {
    const { scalars, shares, details } = await finished(
      pathMetrics({ sampler, boards, maxTokens: 40 }),
    )
    for (const tag of ['Reached', 'Valid walks', 'Correct unsolvable', 'False unsolvable']) {
      expect(scalars[tag]).toBeGreaterThanOrEqual(0)
      expect(scalars[tag]).toBeLessThanOrEqual(1)
    }
    expect(scalars['Correct unsolvable']).toBeGreaterThan(scalars['False unsolvable']!)
    expect(details.boards).toBe(24)
    expect(shares.Reached?.sums.length).toBe(24)
    expect(shareOf(shares['Valid walks']!)).toBe(scalars['Valid walks'])
    const other = await finished(pathMetrics({ sampler, boards, maxTokens: 40, snapshot }))
    expect(other.details.walks).not.toEqual(details.walks)
  })

  test('a signal stops', async () => {
    const stopped = finished(pathMetrics({ sampler, boards, signal: AbortSignal.abort() }))
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  })
})
