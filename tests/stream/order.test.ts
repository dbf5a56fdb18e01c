// Split, order, lanes: laws that hold for any data.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { RawRecord } from '../../src-worker/stream/data-pipeline'
import {
  fillLanes,
  fillTestLanes,
  fixedStart,
  type HeldExample,
  type LaneKind,
  randomStart,
  type StreamExample,
} from '../../src-worker/stream/lanes'
import { ordered } from '../../src-worker/stream/order'
import { rng } from '../../src-worker/stream/rng'
import { fractionOf, openSplit, sideOf, withoutTestFile } from '../../src-worker/stream/split'

async function* records(count: number, bytes = 10): AsyncGenerator<RawRecord<number>> {
  for (let i = 0; i < count; i++) yield { key: `text ${i}`, bytes, raw: i }
}

async function rawsOf(count: number, epoch: number, seed: number | undefined, bytes = 10) {
  const raws: number[] = []
  for await (const { raw, document, position } of ordered(records(count, bytes), epoch, seed)) {
    expect(document).toBe(raw)
    expect(position).toBe(raws.length)
    raws.push(raw)
  }
  return raws
}

const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b)

describe('split', () => {
  test('about the share asked for, decided by content alone', async () => {
    const split = await openSplit(records(3000), 0.05)
    const held = Array.from({ length: 20_000 }, (_, i) => sideOf(split, `text ${i}`)).filter(
      side => side === 'test',
    ).length
    expect(held / 20_000).toBeGreaterThan(0.044)
    expect(held / 20_000).toBeLessThan(0.056)
    // the first 48 bits of sha256, by Python's hashlib
    expect(fractionOf('same')).toBeCloseTo(0.03672894070775712, 15)
    expect(fractionOf('')).toBeCloseTo(0.8894159948913369, 15)
  })

  test('small data hold out the record with the smallest hash', async () => {
    const split = await openSplit(records(4), 0.01)
    const sides = [0, 1, 2, 3].map(i => sideOf(split, `text ${i}`))
    expect(sides.filter(side => side === 'test')).toHaveLength(1)
    expect(split.how).toMatch(/smallest content hash of 4 records/)
  })

  test('a larger share holds out what a smaller one does, and more', async () => {
    const [few, many] = [await openSplit(records(500), 0.05), await openSplit(records(500), 0.3)]
    for (let i = 0; i < 500; i++)
      if (sideOf(few, `text ${i}`) === 'test') expect(sideOf(many, `text ${i}`)).toBe('test')
  })

  test('0: nothing; a single record stays in training', async () => {
    expect(sideOf(await openSplit(records(500), 0), 'text 1')).toBe('train')
    // its hash is 0.508
    expect(sideOf(await openSplit(records(1), 0.5), 'text 0')).toBe('train')
    expect(sideOf(await openSplit(records(1), 0.6), 'text 0')).toBe('test')
    expect((await openSplit(records(1), 1e-9)).how).toBe('nothing is held out')
  })

  /** By Node's own SHA-256, as the split is described. */
  const fraction = (key: string): number =>
    Number(BigInt(`0x${createHash('sha256').update(key).digest('hex').slice(0, 12)}`)) / 2 ** 48
  async function* keyed(keys: readonly string[]): AsyncGenerator<RawRecord<string>> {
    for (const key of keys) yield { key, bytes: 1, raw: key }
  }
  const byFraction = Array.from({ length: 40 }, (_, i) => `text ${i}`).sort(
    (a, b) => fraction(a) - fraction(b),
  )

  test('the smallest hash wins wherever it stands', async () => {
    const [least = '', ...others] = byFraction.slice(20, 25)
    for (const keys of [
      [least, ...others],
      [...others, least],
      [others[0]!, least, others[1]!],
    ]) {
      const split = await openSplit(keyed(keys), 1e-6)
      expect(keys.filter(key => sideOf(split, key) === 'test')).toEqual([least])
    }
  })

  test('all below the share are held out, though only the last of them is near to it', async () => {
    const keys = byFraction.slice(20, 23)
    const split = await openSplit(keyed(keys), fraction(keys[1]!))
    expect(keys.map(key => sideOf(split, key))).toEqual(['test', 'test', 'train'])
    expect(split.how).toMatch(/of the records, by content hash$/)
  })

  test('a share of 0 holds nothing out, however few records there are', async () => {
    expect(await openSplit(records(3), 0)).toMatchObject({ how: 'nothing is held out' })
  })

  test('copies in a test file count once', async () => {
    const split = await withoutTestFile(keyed(['a', 'b', 'c', 'a', 'b']), 'test.jsonl', { most: 3 })
    expect(split.how).toBe('test.jsonl is tested on; its records are not trained on')
  })

  test('records of a test file are not trained on', async () => {
    const split = await withoutTestFile(records(3), 'test.jsonl')
    expect([0, 1, 2, 3].map(i => sideOf(split, `text ${i}`))).toEqual([
      'test',
      'test',
      'test',
      'train',
    ])
    expect(split.how).toBe('test.jsonl is tested on; its records are not trained on')
  })

  test('of a large test file, only what is kept out of training is tested on', async () => {
    const split = await withoutTestFile(records(5), 'test.jsonl', { most: 3 })
    expect([2, 3].map(i => sideOf(split, `text ${i}`))).toEqual(['test', 'train'])
    expect(split.how).toContain('in its first 3 different records')
  })
})

describe('order', () => {
  test('each pass is another permutation, the same for the same seed', async () => {
    const passes = await Promise.all([0, 1].map(epoch => rawsOf(500, epoch, 7)))
    for (const raws of passes) expect(sorted(raws)).toEqual(await rawsOf(500, 0, undefined))
    expect(passes[0]).not.toEqual(passes[1])
    expect(await rawsOf(500, 1, 7)).toEqual(passes[1])
    expect(await rawsOf(500, 1, 8)).not.toEqual(passes[1])
  })

  test('blocks bound what is held', async () => {
    const raws = await rawsOf(100, 0, 7, 4 << 20) // four records a block
    raws.forEach((raw, i) => {
      expect(Math.floor(raw / 4)).toBe(Math.floor(i / 4))
    })
    // each block anew: the later ones are permuted, too
    expect(raws.slice(50)).not.toEqual(sorted(raws.slice(50)))
  })
})

describe('lanes', () => {
  const lengths = [5, 23, 1, 8, 40, 3, 17, 9]
  const source = (): (() => Promise<StreamExample | undefined>) => {
    let i = 0
    return async () => {
      const length = lengths[i]
      if (length === undefined) return undefined
      const ids = Int32Array.from({ length }, (_, t) => i * 100 + t)
      const at = { epoch: 0, position: i, document: i }
      i += 1
      return { ...at, example: { ids, conditions: new Float32Array(0) } }
    }
  }
  const total = lengths.reduce((a, b) => a + b, 0)

  test.each([1, 3, 8, 20])('a test over %i lanes sees every token once', async count => {
    const next = source()
    let held: readonly (HeldExample | undefined)[] = new Array(count).fill(undefined)
    const seen: number[] = []
    for (;;) {
      const filled = await fillTestLanes(held, 4, 'persistent', next)
      if (filled.lanes.length === 0) break
      expect(filled.lanes.length).toBeLessThanOrEqual(count)
      held = filled.held
      for (const { ids } of filled.lanes) seen.push(...ids)
    }
    expect(seen).toHaveLength(total)
    expect(new Set(seen).size).toBe(total)
  })

  test.each<[LaneKind, number]>([
    ['persistent', 3],
    ['fresh', 8],
  ])('%s lanes', async (kind, most) => {
    const next = source()
    const empty = [undefined, undefined]
    const first = await fillLanes(empty, 4, kind, next)
    expect(first?.lanes.map(({ ids }) => ids.length)).toEqual([4, 4])
    const second = await fillLanes(first?.held ?? empty, 4, kind, next)
    const expected =
      kind === 'persistent' ? [[4], [104, 105, 106, 107]] : [[200], [300, 301, 302, 303]]
    expect(second?.lanes.map(({ ids }) => [...ids])).toEqual(expected)
    expect(most).toBeGreaterThan(0)
  })
})

test('an example that fills its lanes exactly is used up with them', async () => {
  const ids = Int32Array.from({ length: 8 }, (_, t) => t)
  const example = { ids, conditions: new Float32Array(0) }
  const next = async () => ({ epoch: 0, position: 0, document: 0, example })
  const first = await fillLanes([undefined], 4, 'persistent', next)
  expect(first?.held[0]).toMatchObject({ offset: 4 })
  const second = await fillLanes(first!.held, 4, 'persistent', next)
  expect(second?.held).toEqual([undefined])
})

test('starts leave four tokens behind the prompt', () => {
  const rule = randomStart(rng(3, 'start'))
  const drawn = Array.from({ length: 2000 }, () => rule(10))
  expect(sorted([...new Set(drawn)])).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect([1, 3, 4].map(rule)).toEqual([0, 0, 0])
  expect([20, 10, 5, 2].map(fixedStart(6))).toEqual([6, 6, 1, 0])
})
