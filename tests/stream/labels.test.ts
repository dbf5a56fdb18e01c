// The corrected labels, one law each: what DESIGN §7 says the original got wrong.
import { describe, expect, test } from 'vitest'
import type { Lane } from '../../src-worker/stream/example'
import {
  autoregressive,
  favorFuture,
  type Labeller,
  pack,
  repetition,
  skipTokens,
} from '../../src-worker/stream/pack'

const none = new Float32Array(0)
const lane = (ids: number[], start = 0, more: Partial<Lane> = {}): Lane => ({
  ids: Int32Array.from(ids),
  conditions: none,
  start,
  document: 0,
  ...more,
})

/** [lane, token whose logits predict it or −prompt slot, label] of every counted row. */
function rowsOf(lanes: Lane[], labeller: Labeller, P = 2, options = {}): number[][] {
  const { batch, laneOf } = pack(lanes, labeller, { promptTokens: P, ...options })
  return [...batch.rows].flatMap((row, r) =>
    batch.weights[r] === 0 ? [] : [[laneOf[r]!, batch.slots[row]!, batch.labels[r]!]],
  )
}

const long = [11, 12, 13, 14, 15, 16]

describe('padding is never a target', () => {
  test.each<[string, Labeller]>([
    ['autoregressive', autoregressive],
    ['skip-tokens 1', skipTokens(1)],
    ['skip-tokens 4', skipTokens(4)],
    ['repetition', repetition([7, 8])],
    ['favor-future 0', favorFuture(0)],
  ])('%s', (_, labeller) => {
    const alone = rowsOf([lane([21, 22, 23])], labeller)
    const beside = rowsOf([lane([21, 22, 23]), lane(long)], labeller).filter(([b]) => b === 0)
    expect(beside).toEqual(alone)
    expect(alone.every(([, , label]) => label !== 0)).toBe(true)
  })
})

test('a pad id inside a text is a token like any other', () => {
  expect(rowsOf([lane([11, 0, 13, 0])], autoregressive)).toEqual([
    [0, -2, 11],
    [0, 11, 0],
    [0, 0, 13],
    [0, 13, 0],
  ])
  const { batch } = pack([lane([11, 0, 13, 0])], autoregressive, { promptTokens: 0 })
  expect(batch.tokenCount).toBe(4)
})

test('skip n: the token n further on, and nothing for a lane too short for it', () => {
  expect(rowsOf([lane(long), lane([21, 22])], skipTokens(3))).toEqual([
    [0, -2, 14],
    [0, 11, 15],
    [0, 12, 16],
  ])
})

test('repetition stops where the text stops', () => {
  expect(rowsOf([lane([21, 22, 23], 1), lane(long)], repetition([7, 8])).slice(0, 2)).toEqual([
    [0, -2, 7],
    [0, 22, 8],
  ])
})

describe('favor-future', () => {
  test('the divisor counts only weights of labels', () => {
    const { batch } = pack([lane([21, 22, 23]), lane(long)], favorFuture(1), { promptTokens: 2 })
    const sum = batch.weights.reduce((a, b) => a + b, 0)
    expect(batch.divisor).toBe(sum)
    const original = pack([lane([21, 22, 23]), lane(long)], favorFuture(1), {
      promptTokens: 2,
      original: true,
    })
    // by hand: slots 4, 5 and 6 of both lanes weigh 1, 2 and 3, whether they have a label or not
    expect(original.batch.divisor).toBe(12)
  })

  test('without any weight the loss is 0 and not 0 / 0', () => {
    const { batch } = pack([lane(long)], favorFuture(100), { promptTokens: 2 })
    expect([batch.divisor, ...batch.weights]).toEqual([0, 0])
    const original = pack([lane(long)], favorFuture(100), { promptTokens: 2, original: true })
    expect(original.batch.divisor).toBe(0)
  })
})

test('a batch of one-token documents without a prompt has one row of weight 0', () => {
  const { batch } = pack([lane([5]), lane([6])], autoregressive, { promptTokens: 0 })
  expect(batch).toMatchObject({ lanes: 2, slotsPerLane: 1, divisor: 0, tokenCount: 2 })
  expect([[...batch.rows], [...batch.weights]]).toEqual([[0], [0]])
})

test('labels of an example are kept to its completion', () => {
  const labelled = Uint8Array.of(0, 0, 0, 1, 1, 0)
  expect(rowsOf([lane(long, 0, { labelled })], autoregressive)).toEqual([
    [0, 13, 14],
    [0, 14, 15],
  ])
})

describe('a prefix token', () => {
  test('predicts the first token and is no label itself', () => {
    expect(rowsOf([lane([11, 12])], autoregressive, 0, { prefixToken: 99 })).toEqual([
      [0, 99, 11],
      [0, 11, 12],
    ])
  })

  test('labels are those of a prompt at the same start', () => {
    const labels = (P: number, prefixToken?: number): number[] =>
      rowsOf([lane(long, 2)], autoregressive, P, { prefixToken }).map(row => row[2] ?? 0)
    expect(labels(0, 99)).toEqual(labels(3))
    expect(labels(3, 99)).toEqual(labels(3))
  })

  test('is not put before itself, nor counted', () => {
    const { batch } = pack([lane([99, 12, 13])], autoregressive, {
      promptTokens: 0,
      prefixToken: 99,
    })
    expect([...batch.slots]).toEqual([99, 12, 13])
    const counted = pack([lane([11, 12])], autoregressive, { promptTokens: 0, prefixToken: 99 })
    expect(counted.batch.tokenCount).toBe(2)
  })
})

test('conditions lie lane after lane', () => {
  const { batch } = pack(
    [
      lane([1, 2], 0, { conditions: Float32Array.of(0.5, 1) }),
      lane([3, 4], 0, { conditions: Float32Array.of(2, 3) }),
    ],
    autoregressive,
    { promptTokens: 1 },
  )
  expect([...batch.conditions]).toEqual([0.5, 1, 2, 3])
})

describe('a test counts the same labels whatever stands in front', () => {
  const lanes = [lane(long), lane([21, 22, 23], 2), lane([9, 31, 32])]
  const labelsOf = (labeller: Labeller, P: number, more = {}): number[][] =>
    rowsOf(lanes, labeller, P, { needsContext: true, ...more }).map(([b, , label]) => [b!, label!])

  test.each<[string, Labeller]>([
    ['autoregressive', autoregressive],
    ['skip-tokens 1', skipTokens(1)],
    ['repetition', repetition([7, 8])],
  ])('%s: no prompt, the start token 9, prompts of 1 and 16 tokens', (_, labeller) => {
    const bare = labelsOf(labeller, 0)
    expect(bare.length).toBeGreaterThan(0)
    for (const P of [1, 16]) expect(labelsOf(labeller, P)).toEqual(bare)
    expect(labelsOf(labeller, 0, { prefixToken: 9 })).toEqual(bare)
  })

  test('a lane keeps its only label', () => {
    const rows = rowsOf([lane([11])], autoregressive, 2, { needsContext: true })
    expect(rows).toEqual([[0, -2, 11]])
  })
})
