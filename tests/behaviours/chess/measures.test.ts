// Chess measures with a scripted model: two games with unequal Elos, every number by hand.
import { beforeEach, expect, test, vi } from 'vitest'
import {
  type ChessMetricsOptions,
  chessMetrics,
  type PlayedGame,
} from '../../../src-worker/behaviours/chess/measures'
import { openChessPlayer } from '../../../src-worker/behaviours/chess/player'
import { openSituation } from '../../../src-worker/behaviours/chess/position'
import type { PositionOutcome } from '../../../src-worker/behaviours/chess/shares'
import type { Snapshot } from '../../../src-worker/contract/snapshot'
import type { CachedModelOptions } from '../../../src-worker/sample/cached-model'
import type { BehaviourMeasures } from '../../../src-worker/sample/measured'
import type { Sampler } from '../../../src-worker/sample/prompted'
import { resultOf } from '../../../src-worker/train/test-loss'

/** One token a word. */
const words: string[] = ['']
const idOf = (word: string): number => {
  if (!words.includes(word)) words.push(word)
  return words.indexOf(word)
}
const encode = (text: string): number[] => text.split(' ').filter(Boolean).map(idOf)

const games: readonly PlayedGame[] = [
  { whiteElo: 2200, blackElo: 1000, uci: 'e2e4 e7e5 g1f3 b8c6 f1b5 a7a6' },
  { whiteElo: 1300, blackElo: 1800, uci: 'd2d4 d7d5 c2c4 e7e6 b1c3 g8f6' },
]
/** a longer one: the end of an opening lies in it */
const long: PlayedGame = {
  whiteElo: 1900,
  blackElo: 1400,
  uci: 'c2c4 c7c5 b1c3 b8c6 g1f3 g8f6 g2g3 g7g6 f1g2 f8g7 e1g1 e8g8 d2d3 d7d6',
}
const known = [...games, long]
const conditionsOf = ({ whiteElo, blackElo }: PlayedGame): string =>
  `${(whiteElo - 1000) / 2000},${(blackElo - 1000) / 2000}`

/** probability of the move in this place */
const ladder = [0.4, 0.2, 0.1, 0.05]
const rest = 0.001
/** place of the played move in the position of this ply, counted from 1 */
const placeOf = (ply: number): number => 1 + (ply % 4)
/** what it would write is legal at these plies */
const writesLegal = (ply: number): boolean => ply % 3 !== 1

let greedyConditions: string[] = []

/** With its conditions right it knows the game; without, every legal move is equally improbable. */
function probabilityOf(context: readonly string[], conditions: readonly number[], uci: string) {
  const game = known.find(({ uci }) => uci.startsWith(context.join(' ')) && context.length > 0)
  const source =
    context.length === 0 ? known.find(g => conditionsOf(g) === String(conditions)) : game
  if (source === undefined || conditionsOf(source) !== String(conditions)) return rest
  const played = source.uci.split(' ')[context.length]!
  const others = openSituation({ moves: context }).legal.map(move => move.uci)
  const order = others.filter(move => move !== played).sort()
  order.splice(placeOf(context.length) - 1, 0, played)
  return ladder[order.indexOf(uci)] ?? rest
}

vi.mock('../../../src-worker/sample/vocabulary-text', () => ({ vocabularyTexts: async () => [] }))
vi.mock('../../../src-worker/sample/cached-model', () => ({
  openCachedModel: (_: Sampler, { snapshot }: CachedModelOptions) => ({
    conditions: snapshot === undefined ? 0 : 2,
    lane: async (ids: number[], conditions: number[]) => ({ slots: ids, conditions }),
    continuations: async (query: { ids: number[]; conditions: number[]; texts: number[][] }) =>
      query.texts.map(([id]) => {
        const context = query.ids.map(token => words[token]!)
        const log = Math.log(probabilityOf(context, query.conditions, words[id!]!))
        // the end of the move counts
        return { logProb: 0.75 * log, endLogProb: 0.25 * log }
      }),
  }),
}))
vi.mock('../../../src-worker/sample/first-words', () => ({
  firstWords: async (_: Sampler, lanes: { slots: number[]; conditions: number[] }[]) =>
    lanes.map(({ slots, conditions }) => {
      greedyConditions.push(String(conditions))
      const context = slots.map(token => words[token]!)
      const { legal } = openSituation({ moves: context })
      return writesLegal(slots.length) ? legal[3]!.uci : 'e1e9'
    }),
}))
vi.mock('../../../src-worker/sample/score', () => ({
  scoreContinuations: async (_: Sampler, lane: { conditions: number[] }, [ids]: number[][]) => {
    const game = games.find(({ uci }) => uci.startsWith(ids!.map(id => words[id]!).join(' ')))!
    const nats = conditionsOf(game) === String(lane.conditions) ? 2 : game === games[0] ? 3 : 2.5
    return [{ logProb: -nats * ids!.length, perToken: [] }]
  },
}))

const sampler = {
  tokenizer: {
    affixes: { lead: [], tail: [] },
    encode: async (text: string) => encode(text),
    encodeBatch: async (texts: string[]) => texts.map(encode),
  },
  folder: { config: { eosTokenIds: [] } },
} as unknown as Sampler
const snapshot = {} as Snapshot

interface Details {
  readonly positions: readonly PositionOutcome[]
  readonly eloSensitivity: Record<string, unknown> | null
}
const measured = async (
  options: Partial<Pick<ChessMetricsOptions, 'snapshot' | 'positionsPerGame' | 'games'>>,
) => {
  const found: BehaviourMeasures = await resultOf(
    chessMetrics({ sampler, games, length: 64, ...options }),
  )
  return { ...found, details: found.details as Details }
}

beforeEach(() => {
  greedyConditions = []
})

test('each position: who is to move, place, bits, legal mass, what would be written', async () => {
  const { details } = await measured({ snapshot, positionsPerGame: 6 })
  expect(details.positions.length).toBeGreaterThanOrEqual(8)
  for (const { game, ply, elo, rank, bits, legalMass, legal } of details.positions) {
    const { whiteElo, blackElo, uci } = games[game]!
    const moves = openSituation({ moves: uci.split(' ').slice(0, ply) }).legal.length
    expect(elo).toBe(ply % 2 === 0 ? whiteElo : blackElo)
    expect(rank).toBe(placeOf(ply))
    expect(bits).toBeCloseTo(-Math.log2(ladder[placeOf(ply) - 1]!), 10)
    expect(legalMass).toBeCloseTo(0.75 + (moves - 4) * rest, 10)
    expect(legal).toBe(writesLegal(ply))
  }
  const plies = details.positions.map(({ game, ply }) => `${game} ${ply}`)
  expect(new Set(plies).size).toBe(plies.length)
})

test('the Elos of each game are its conditions, white first', async () => {
  const { details } = await measured({ snapshot })
  expect(greedyConditions).toEqual(details.positions.map(({ game }) => conditionsOf(games[game]!)))
})

test('scalars are means over the positions', async () => {
  const { scalars, details } = await measured({ snapshot, positionsPerGame: 6 })
  const all = details.positions
  const share = (of: (o: PositionOutcome) => boolean): number => all.filter(of).length / all.length
  expect(scalars['Top-1 match']).toBeCloseTo(
    share(o => o.ply % 4 === 0),
    12,
  )
  expect(scalars['Top-3 match']).toBeCloseTo(
    share(o => o.ply % 4 < 3),
    12,
  )
  expect(scalars['Legal move rate']).toBeCloseTo(
    share(o => writesLegal(o.ply)),
    12,
  )
  // 2200 is the white of game 0, 1300 of game 1, 1000 and 1800 are the blacks
  const strong = all.filter(o => o.game === 0 && o.ply % 2 === 0)
  expect(scalars['Top-1 match/Elo 2000 and more']).toBeCloseTo(
    strong.filter(o => o.ply % 4 === 0).length / strong.length,
    12,
  )
})

test('from ply 10 the opening is left out', async () => {
  const { scalars, details } = await measured({ snapshot, games: [long], positionsPerGame: 13 })
  expect(details.positions.map(({ ply }) => ply)).toEqual([...Array(13).keys()])
  // first at plies 0, 4, 8, 12; of plies 10, 11 and 12 at the last
  expect(scalars['Top-1 match']).toBe(4 / 13)
  expect(scalars['Top-1 match from ply 10']).toBe(1 / 3)
})

test('Elo sensitivity: true minus others, below 0 when the Elos help', async () => {
  const { scalars, shares, details } = await measured({ snapshot })
  // game 0: 2 − 3, game 1: 2 − 2.5
  expect(shares['Elo sensitivity']?.sums).toEqual([-1, -0.5])
  expect(scalars['Elo sensitivity']).toBeCloseTo(-0.75, 12)
  expect(details.eloSensitivity).toMatchObject({ n: 2, trueLoss: 2, shuffledLoss: 2.75 })
  const half = 1.96 * Math.sqrt(0.125 / 2)
  expect(scalars['Elo sensitivity/low']).toBeCloseTo(-0.75 - half, 12)
  expect(scalars['Elo sensitivity/high']).toBeCloseTo(-0.75 + half, 12)
})

test('without a snapshot the bare model is asked, and Elos cannot matter', async () => {
  const { details } = await measured({})
  expect(details.eloSensitivity).toBeNull()
  for (const { bits } of details.positions) expect(bits).toBeCloseTo(-Math.log2(rest), 10)
})

test('a player: most probable first, mass of the illegal, nothing where the game is over', async () => {
  const player = await openChessPlayer(sampler, { snapshot })
  const query = { whiteElo: 2200, blackElo: 1000, moves: ['e2e4'] }
  const { moves, illegalMass, context } = await player.distribution(query)
  expect(moves.slice(0, 4).map(move => move.probability)).toEqual(
    ladder.map(p => expect.closeTo(p, 12)),
  )
  expect(moves[1]!.uci).toBe('e7e5')
  expect(illegalMass).toBeCloseTo(1 - 0.75 - (moves.length - 4) * rest, 12)
  expect(context).toBe('e2e4')
  const mated = ['f2f3', 'e7e5', 'g2g4', 'd8h4']
  expect(await player.distribution({ ...query, moves: mated })).toMatchObject({
    moves: [],
    illegalMass: 1,
  })
})
