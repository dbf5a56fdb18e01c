// Players over tokenizers that put a start token and a blank before every text (Llama) and over byte-level ones.
import { afterEach, describe, expect, test } from 'vitest'
import { openChessPlayer } from '../../src-worker/behaviours/chess/player'
import { movesText, parseBoard, promptText } from '../../src-worker/behaviours/paths/boards'
import { openPathSolver } from '../../src-worker/behaviours/paths/solver'
import { openCachedModel } from '../../src-worker/sample/cached-model'
import type { Sampler } from '../../src-worker/sample/prompted'
import { nextTokenLogProbs } from '../../src-worker/sample/score'
import { vocabularyTexts } from '../../src-worker/sample/vocabulary-text'
import { demoSampler, randomPrompt } from './demo-sampler'

let sampler: Sampler | undefined
afterEach(async () => {
  await sampler?.release()
  sampler = undefined
})

const models = ['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied']

describe.each(models)('%s', name => {
  const open = async (): Promise<Sampler> => {
    sampler = await demoSampler(name)
    return sampler
  }

  test('texts of the vocabulary join to the text', async () => {
    const { tokenizer } = await open()
    const texts = await vocabularyTexts(tokenizer)
    const ids = await tokenizer.encode('e2e4 e7e5 g1f3', { special: false })
    expect(
      ids
        .map(id => texts[id])
        .join('')
        .trimStart(),
    ).toBe('e2e4 e7e5 g1f3')
  })

  test('a move’s probability is that of its tokens and its end', async () => {
    const { tokenizer, folder, ...rest } = await open()
    const own = { tokenizer, folder, ...rest }
    const snapshot = await randomPrompt(folder.config.hiddenSize, 3, ['a', 'b'])
    const moves = ['e2e4', 'e7e5']
    const player = await openChessPlayer(own, { snapshot })
    const query = { moves, whiteElo: 1500, blackElo: 1500 }
    const { moves: found, illegalMass } = await player.distribution(query)
    expect(found).toHaveLength(29)
    expect(illegalMass).toBeGreaterThan(0.5)
    const model = openCachedModel(own, { snapshot })
    const texts = await vocabularyTexts(tokenizer)
    const ends = new Set([tokenizer.eosTokenId, ...folder.config.eosTokenIds])
    const before = await tokenizer.encode(moves.join(' '))
    const { uci, logProb } = found[0]!
    const whole = await tokenizer.encode([...moves, uci].join(' '))
    let sum = 0
    for (let t = before.length; t <= whole.length; t++) {
      const logProbs = await nextTokenLogProbs(
        own,
        await model.lane(whole.slice(0, t), [0.25, 0.25]),
      )
      const isEnd = (id: number): boolean => ends.has(id) || /^\s/.test(texts[id] ?? '')
      if (t < whole.length) sum += logProbs[whole[t]!]!
      else sum += Math.log([...logProbs].reduce((s, x, id) => s + (isEnd(id) ? Math.exp(x) : 0), 0))
    }
    expect(logProb).toBeCloseTo(sum, 3)
  })

  test('letters of a walk are found, first and later', async () => {
    const own = await open()
    const { tokenizer } = own
    const solver = await openPathSolver(own)
    const maze = parseBoard('A O\nO B')
    const format = { spaces: true, movesLine: true }
    for (const moves of [[], ['S']]) {
      const query = { maze, format, moves, extraMoves: 0, wallHits: 0 }
      const how = { constrained: false, temperature: 0, seed: 0, steps: 1 }
      const letters = await solver.next({ ...query, ...how })
      const board = await tokenizer.encode(promptText(maze, format))
      const so = await tokenizer.encode(movesText(moves, true))
      const next = await tokenizer.encode(movesText([...moves, 'E'], true))
      expect(next.slice(0, so.length)).toEqual(so)
      const rest = next.slice(so.length)
      if (rest.length > 1) continue // written in bytes: no token is the letter
      const lane = await openCachedModel(own).lane([...board, ...so], [])
      const logProbs = await nextTokenLogProbs(own, lane)
      expect(letters.E).toBeGreaterThanOrEqual(Math.exp(logProbs[rest[0]!]!) - 1e-6)
    }
  })
})
