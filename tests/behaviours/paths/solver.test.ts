// Walks of the bundled model: probabilities of letters, what constraint and temperature do, results.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { movesText, parseBoard, promptText } from '../../../src-worker/behaviours/paths/boards'
import type { LetterProbabilities } from '../../../src-worker/behaviours/paths/letters'
import {
  openPathSolver,
  type PathQuery,
  type PathSolver,
  solvePath,
} from '../../../src-worker/behaviours/paths/solver'
import type { Snapshot } from '../../../src-worker/contract/snapshot'
import { openCachedModel } from '../../../src-worker/sample/cached-model'
import type { Sampler } from '../../../src-worker/sample/prompted'
import { nextTokenLogProbs } from '../../../src-worker/sample/score'
import { demoSampler, randomPrompt } from '../../sample/demo-sampler'

let sampler: Sampler
let snapshot: Snapshot
let bare: PathSolver
beforeAll(async () => {
  sampler = await demoSampler()
  const names = ['extra moves', 'wall hits']
  snapshot = await randomPrompt(sampler.folder.config.hiddenSize, 4, names)
  bare = await openPathSolver(sampler)
})
afterAll(() => sampler.release())

const open = parseBoard(
  'O O O O O O O O\nO A O O O O O O\nO O O O O O O O\nO O O O O O O O\nO B O O O O O O\nO O O O O O O O\nO O O O O O O O\nO O O O O O O O',
)
const query = (over: Partial<PathQuery> = {}): PathQuery => ({
  maze: open,
  format: { spaces: true, movesLine: true },
  moves: [],
  extraMoves: 0,
  wallHits: 0,
  constrained: false,
  temperature: 0,
  seed: 0,
  steps: 40,
  ...over,
})

const total = (p: LetterProbabilities): number => Object.values(p).reduce((a, b) => a + b, 0)

describe('letters', () => {
  test.each([
    ['first', []],
    ['later', ['S', 'E']],
  ])('%s: the probability of the letter’s token', async (_, moves) => {
    const { tokenizer } = sampler
    const asked = query({ moves })
    const board = await tokenizer.encode(promptText(open, asked.format))
    const so = await tokenizer.encode(movesText(moves, true))
    const next = await tokenizer.encode(movesText([...moves, 'S'], true))
    expect(next.slice(0, so.length)).toEqual(so)
    const lane = await openCachedModel(sampler).lane([...board, ...so], [])
    const logProbs = await nextTokenLogProbs(sampler, lane)
    const found = await bare.next(asked)
    expect(found.S).toBeGreaterThanOrEqual(Math.exp(logProbs[next.at(-1)!]!) - 1e-6)
    expect(total(found)).toBeCloseTo(1, 5)
    expect(found.other).toBeLessThan(0.5)
  })

  test('conditions matter to a generated prompt', async () => {
    const solver = await openPathSolver(sampler, { snapshot })
    const plain = await solver.next(query())
    const wild = await solver.next(query({ extraMoves: 8, wallHits: 4 }))
    expect(wild.S).not.toBeCloseTo(plain.S, 5)
  })

  test('without blanks a token may be several moves', async () => {
    const format = { spaces: false, movesLine: true }
    const found = await bare.next(query({ format, moves: ['S'] }))
    expect(total(found)).toBeCloseTo(1, 5)
  })
})

describe('walks', () => {
  test('the same request gives the same walk; a seed changes a random one', async () => {
    const walk = async (over: Partial<PathQuery>): Promise<string> => {
      const { steps } = await solvePath(bare, query({ steps: 12, ...over }))
      return steps.map(step => step.move).join(' ')
    }
    expect(await walk({})).toBe(await walk({}))
    const hot = { temperature: 3, constrained: true }
    expect(await walk({ ...hot, seed: 1 })).toBe(await walk({ ...hot, seed: 1 }))
    expect(await walk({ ...hot, seed: 1 })).not.toBe(await walk({ ...hot, seed: 2 }))
  })

  test('held to possible moves it never hits a wall, and says D at the target only', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const maze = parseBoard('A O X\nX O X\nB O O')
      const asked = query({ maze, constrained: true, temperature: 2, seed })
      const { steps, result, optimum, optimalPath } = await solvePath(bare, asked)
      expect(steps.every(step => !step.hit)).toBe(true)
      expect(result.wallHits).toBe(0)
      if (result.end === 'done') expect(result.reached).toBe(true)
      expect(optimum).toBe(4)
      expect(optimalPath.join('')).toBe('ESSW')
    }
  })

  test('one step at a time is the whole walk', async () => {
    const whole = await solvePath(bare, query({ steps: 6, constrained: true }))
    const moves: string[] = []
    for (const expected of whole.steps) {
      const [step] = (await solvePath(bare, query({ moves, steps: 1, constrained: true }))).steps
      expect(step).toMatchObject({ move: expected.move, x: expected.x, y: expected.y })
      for (const [letter, p] of Object.entries(step!.probabilities))
        expect(p).toBeCloseTo(expected.probabilities[letter]!, 4)
      moves.push(expected.move)
    }
  })

  test('an unsolvable board has no optimum', async () => {
    const maze = parseBoard('A X B\nX X O')
    const { optimum, optimalPath } = await solvePath(bare, query({ maze, steps: 1 }))
    expect([optimum, optimalPath]).toEqual([null, []])
  })

  test('a walk that is over cannot go on', async () => {
    const asked = solvePath(bare, query({ moves: ['S', 'D'] }))
    await expect(asked).rejects.toMatchObject({
      code: 'bad-data',
      message: 'the walk S D is done',
    })
    const bad = solvePath(bare, query({ moves: ['x'] }))
    await expect(bad).rejects.toMatchObject({ message: 'the walk x is invalid' })
  })

  test('a signal stops it', async () => {
    const asked = solvePath(bare, query(), AbortSignal.abort())
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
  })
})
