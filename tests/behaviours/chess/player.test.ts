// Distributions over legal moves against a slow, obvious way to compute them; the cache against fresh players.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChessQuery, ScoredMove } from '../../../src-worker/behaviours/chess/moves'
import { chooseMove } from '../../../src-worker/behaviours/chess/moves'
import { type ChessPlayer, openChessPlayer } from '../../../src-worker/behaviours/chess/player'
import { openSituation } from '../../../src-worker/behaviours/chess/position'
import type { Snapshot } from '../../../src-worker/contract/snapshot'
import { type CachedModel, openCachedModel } from '../../../src-worker/sample/cached-model'
import type { Sampler } from '../../../src-worker/sample/prompted'
import { nextTokenLogProbs } from '../../../src-worker/sample/score'
import { vocabularyTexts } from '../../../src-worker/sample/vocabulary-text'
import { rng } from '../../../src-worker/stream/rng'
import { demoSampler, randomPrompt } from '../../sample/demo-sampler'

let sampler: Sampler
let snapshot: Snapshot
let bare: ChessPlayer
beforeAll(async () => {
  sampler = await demoSampler()
  snapshot = await randomPrompt(sampler.folder.config.hiddenSize, 4, ['white Elo', 'black Elo'])
  bare = await openChessPlayer(sampler)
})
afterAll(() => sampler.release())

const opening = 'e2e4 e7e5 g1f3 b8c6 f1b5 a7a6'.split(' ')
const query = (moves: readonly string[], over: Partial<ChessQuery> = {}): ChessQuery => ({
  moves,
  whiteElo: 1500,
  blackElo: 1500,
  ...over,
})

/** Token by token: log p(move) + log Σ p(tokens that begin with a blank, or end the text). */
async function slowly(model: CachedModel, moves: readonly string[], uci: string): Promise<number> {
  const { tokenizer } = sampler
  const before = await tokenizer.encode(moves.join(' '))
  const whole = await tokenizer.encode([...moves, uci].join(' '))
  const conditions = model.snapshot === undefined ? [] : [0.25, 0.25]
  const texts = await vocabularyTexts(tokenizer)
  let sum = 0
  for (let t = before.length; t <= whole.length; t++) {
    const lane = await model.lane(whole.slice(0, t), conditions)
    const logProbs = await nextTokenLogProbs(sampler, lane)
    if (t < whole.length) sum += logProbs[whole[t]!]!
    else {
      const ends = [...logProbs].filter((_, id) => /^\s/.test(texts[id] ?? '') || id === 0)
      sum += Math.log(ends.reduce((total, x) => total + Math.exp(x), 0))
    }
  }
  return sum
}

describe('the distribution', () => {
  test.each([
    ['bare', () => ({}), opening],
    ['behind the start token', () => ({ startToken: true }), []],
    ['prompted', () => ({ snapshot }), opening],
    ['prompted, first move', () => ({ snapshot }), []],
  ])('%s: equals the slow way', async (_, options, moves) => {
    const player = await openChessPlayer(sampler, options())
    const model = openCachedModel(sampler, options())
    const { moves: found } = await player.distribution(query(moves))
    for (const { uci, logProb } of [found[0]!, found[5]!, found.at(-1)!])
      expect(logProb).toBeCloseTo(await slowly(model, moves, uci), 3)
  })

  test('covers every legal move once, most probable first, and leaves the rest to illegal text', async () => {
    const { moves, illegalMass, context } = await bare.distribution(query(opening))
    const { legal } = openSituation({ moves: opening })
    expect(moves.map(move => move.uci).sort()).toEqual(legal.map(move => move.uci).sort())
    const sum = moves.reduce((total, move) => total + move.probability, 0)
    expect(sum + illegalMass).toBeCloseTo(1, 6)
    expect(sum).toBeGreaterThan(0.5)
    expect(context).toBe(opening.join(' '))
    for (let i = 1; i < moves.length; i++)
      expect(moves[i]!.logProb).toBeLessThanOrEqual(moves[i - 1]!.logProb)
    expect(moves[0]!.san).toMatch(/^B[ax][4c]/)
  })

  test('the four promotions are four moves', async () => {
    const fen = '8/P6k/8/8/8/8/7K/8 w - - 0 1'
    const { moves } = await bare.distribution(query([], { fen }))
    const promotions = moves.filter(move => move.uci.startsWith('a7a8'))
    expect(promotions.map(move => move.uci).sort()).toEqual(['a7a8b', 'a7a8n', 'a7a8q', 'a7a8r'])
  })

  test('what is remembered changes nothing: on, back, aside, other Elos, at once', async () => {
    const player = await openChessPlayer(sampler, { snapshot })
    const asked = [
      query(opening),
      query(opening),
      query([...opening, 'b5a4', 'g8f6']),
      query(opening.slice(0, 3)),
      query(['d2d4', 'd7d5']),
      query([]),
      query(opening, { whiteElo: 2400 }),
      query(opening, { blackElo: 800 }),
      query(opening),
    ]
    const answers = await Promise.all(asked.map(each => player.distribution(each)))
    for (const [i, each] of asked.entries()) {
      const fresh = await openChessPlayer(sampler, { snapshot })
      const { moves } = await fresh.distribution(each)
      const logs = new Map(moves.map(move => [move.uci, move.logProb]))
      for (const move of answers[i]!.moves) expect(move.logProb).toBeCloseTo(logs.get(move.uci)!, 3)
    }
    expect(answers[0]!.moves[0]!.logProb).not.toBeCloseTo(answers[6]!.moves[0]!.logProb, 4)
  })

  test('218 moves at once', async () => {
    const fen = 'R6R/3Q4/1Q4Q1/4Q3/2Q4Q/Q4Q2/pp1Q4/kBNN1KB1 w - - 0 1'
    const { moves, illegalMass } = await bare.distribution(query([], { fen }))
    expect(moves).toHaveLength(218)
    expect(illegalMass).toBeGreaterThanOrEqual(0)
  })
})

describe('refusals', () => {
  test.each([
    ['8/8/8/8/8/8/8/K7 w - - 0 1', [], /missing black king/],
    ['hello', [], /is no position/],
    ['4k3/4R3/8/8/8/8/8/4K3 w - - 0 1', [], /the king on e8 is in check/],
    ['', ['e2e5'], /move 1, "e2e5", is not legal in rnbqkbnr/],
    ['', ['e2e4', 'e7e8q'], /move 2/],
    ['', ['Nf3'], /move 1/],
  ])('%s %s', async (fen, moves, words) => {
    const asked = bare.distribution(query(moves, { fen }))
    await expect(asked).rejects.toMatchObject({ code: 'bad-data', message: words })
  })

  test('a snapshot with other conditions', async () => {
    const four = await randomPrompt(sampler.folder.config.hiddenSize, 2, ['a', 'b', 'c', 'd'])
    const player = await openChessPlayer(sampler, { snapshot: four })
    await expect(player.distribution(query([]))).rejects.toMatchObject({ code: 'shape' })
  })

  test('no legal move: an empty distribution', async () => {
    const mate = 'f2f3 e7e5 g2g4 d8h4'.split(' ')
    expect(await bare.distribution(query(mate))).toMatchObject({ moves: [], illegalMass: 1 })
    expect(await bare.choose(query(mate), { kind: 'argmax' }, 0)).toBeUndefined()
  })
})

describe('raw text', () => {
  test('tries until a legal move is written, by seed', async () => {
    const how = { tries: 5, temperature: 1, topP: 0.9, seed: 3 }
    const tries = await bare.raw(query(opening), how)
    expect(await bare.raw(query(opening), how)).toEqual(tries)
    const { legal } = openSituation({ moves: opening })
    for (const { text, legal: isLegal } of tries)
      expect(legal.some(move => move.uci === text)).toBe(isLegal)
    expect(tries.slice(0, -1).every(each => !each.legal)).toBe(true)
  })

  test('greedy text is the most probable move when that is likely', async () => {
    const moves = 'e2e4 e7e5 g1f3'.split(' ')
    const [first] = await bare.raw(query(moves), { tries: 1, temperature: 0, topP: 1, seed: 0 })
    const { moves: found } = await bare.distribution(query(moves))
    expect(first).toEqual({ text: found[0]!.uci, legal: true })
  })
})

describe('choosing', () => {
  const moves: ScoredMove[] = [0.6, 0.3, 0.1].map((probability, i) => ({
    uci: `m${i}`,
    san: '',
    probability: probability / 2,
    logProb: Math.log(probability / 2),
  }))
  const shares = (choice: Parameters<typeof chooseMove>[1]): number[] => {
    const counts = [0, 0, 0]
    const random = rng(1, 'choices')
    for (let i = 0; i < 20000; i++) counts[moves.indexOf(chooseMove(moves, choice, random))]!++
    return counts.map(count => count / 20000)
  }

  test.each([
    [{ kind: 'argmax' } as const, [1, 0, 0]],
    [{ kind: 'temperature', temperature: 0 } as const, [1, 0, 0]],
    [{ kind: 'temperature', temperature: 1 } as const, [0.6, 0.3, 0.1]],
    [{ kind: 'temperature', temperature: 0.5 } as const, [0.783, 0.196, 0.022]],
    [{ kind: 'top-p', topP: 0.7, temperature: 1 } as const, [0.667, 0.333, 0]],
  ])('%j', (choice, expected) => {
    for (const [i, share] of shares(choice).entries()) expect(share).toBeCloseTo(expected[i]!, 1)
  })
})
