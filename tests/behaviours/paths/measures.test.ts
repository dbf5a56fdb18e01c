// Path measures with scripted walks: every share by hand.
import { expect, test, vi } from 'vitest'
import { type BoardOutcome, pathMetrics } from '../../../src-worker/behaviours/paths/measures'
import type { Snapshot } from '../../../src-worker/contract/snapshot'
import type { CachedModelOptions } from '../../../src-worker/sample/cached-model'
import type { Sampler } from '../../../src-worker/sample/prompted'
import { resultOf } from '../../../src-worker/train/test-loss'

const open = 'A B\nO O\n'
const closed = 'A X\nX B\n'

/** board, asked extra moves, asked hits, what is written */
const script = [
  { prompt: open, extraMoves: 0, wallHits: 0, text: 'E D' },
  // off the board, down, up, right: four moves where one is enough
  { prompt: open, extraMoves: 2, wallHits: 3, text: 'N S N E D' },
  { prompt: open, extraMoves: 9, wallHits: 9, text: 'U' },
  { prompt: closed, extraMoves: 9, wallHits: 9, text: 'U' },
  { prompt: closed, extraMoves: 9, wallHits: 9, text: 'E D' },
  { prompt: open, extraMoves: 9, wallHits: 9, text: 'S D' },
  { prompt: open, extraMoves: 9, wallHits: 9, text: 'E xE D' },
  // stands on the target, but never says so; the end of the text is no letter
  { prompt: open, extraMoves: 9, wallHits: 9, text: 'E' },
  // off the board once, which was not asked for
  { prompt: open, extraMoves: 1, wallHits: 0, text: 'N E D' },
]

let asked: { board: string; conditions: readonly number[] }[] = []
vi.mock('../../../src-worker/sample/cached-model', () => ({
  openCachedModel: (_: Sampler, { snapshot }: CachedModelOptions) => ({
    conditions: snapshot === undefined ? 0 : 2,
    lane: async (ids: number[], conditions: number[]) => {
      asked.push({ board: String.fromCharCode(...ids), conditions })
      return { slots: ids }
    },
  }),
}))
vi.mock('../../../src-worker/sample/generate', () => ({
  generate: async function* (_: Sampler, lanes: unknown[], options: { stopIds: number[] }) {
    const texts = script.slice(0, lanes.length).map(each => each.text)
    const longest = Math.max(...texts.map(text => text.length))
    for (let t = 0; t <= longest; t++)
      yield texts.flatMap((text, lane) => {
        if (t > text.length) return []
        const end = t === text.length
        return [
          {
            lane,
            token: end ? options.stopIds[0]! : text.charCodeAt(t),
            done: end ? 'end' : undefined,
          },
        ]
      })
  },
}))

const sampler = {
  tokenizer: {
    affixes: { lead: [], tail: [] },
    encode: async (text: string) => [...text].map(character => character.charCodeAt(0)),
    decode: async (ids: number[]) => String.fromCharCode(...ids),
    // written as D, should it be taken for text
    eosTokenId: 68,
  },
  folder: { config: { eosTokenIds: [] } },
} as unknown as Sampler

const measured = (snapshot?: Snapshot) => {
  asked = []
  const options = snapshot === undefined ? {} : { snapshot }
  return resultOf(pathMetrics({ sampler, boards: script, ...options }))
}

test('shares of nine boards, seven of which can be solved', async () => {
  const { scalars } = await measured()
  expect(scalars).toEqual({
    // boards 1 and 2, and the refusal of board 4
    'Solved or rightly refused': 3 / 9,
    'Solved by refusing all boards': 2 / 9,
    Reached: 3 / 7,
    'Valid walks': 5 / 9,
    'Correct unsolvable': 1 / 2,
    'False unsolvable': 1 / 7,
    'Extra moves asked': 1,
    'Extra moves got': 4 / 3,
    'Extra moves error': 1 / 3,
    'Wall hits asked': 1,
    'Wall hits got': 2 / 3,
    'Wall hits error': 1,
  })
})

test('each walk as it was read', async () => {
  const { details, shares } = await measured()
  const { walks, ...counts } = details as { walks: BoardOutcome[]; reached: object }
  expect(counts).toMatchObject({
    boards: 9,
    solvable: 7,
    arrived: 3,
    reached: { n: 7, mean: 3 / 7 },
  })
  expect(walks.map(walk => [walk.moves, walk.end, walk.reached, walk.solvable])).toEqual([
    ['E D', 'done', true, true],
    ['N S N E D', 'done', true, true],
    ['U', 'unsolvable', false, true],
    ['U', 'unsolvable', false, false],
    ['E D', 'done', false, false],
    ['S D', 'done', false, true],
    ['E x', 'invalid', true, true],
    ['E', 'walking', true, true],
    ['N E D', 'done', true, true],
  ])
  expect(walks[1]).toMatchObject({
    extraMoves: 3,
    wallHits: 1,
    askedExtraMoves: 2,
    askedWallHits: 3,
  })
  expect(shares.Reached).toEqual({
    sums: [1, 1, 0, 0, 0, 0, 0, 0, 1],
    counts: [1, 1, 1, 0, 0, 1, 1, 1, 1],
  })
  expect(shares['Solved or rightly refused']).toEqual({
    sums: [1, 1, 0, 1, 0, 0, 0, 0, 0],
    counts: [1, 1, 1, 1, 1, 1, 1, 1, 1],
  })
})

test('the prompt is told extra moves first, then hits; a bare model nothing', async () => {
  await measured({} as Snapshot)
  expect(asked.slice(0, 2)).toEqual([
    { board: open, conditions: [0, 0] },
    { board: open, conditions: [2, 3] },
  ])
  await measured()
  expect(asked[1]).toEqual({ board: open, conditions: [] })
})
