// The stream over a pipeline that is written here: a dozen records without a model, so that every position, count, start
// and cut is known by hand.
import { describe, expect, test } from 'vitest'
import type { RunSpec } from '../../src-worker/contract/run-spec'
import { countSkip } from '../../src-worker/dataset/skip-counts'
import type { DataPipeline } from '../../src-worker/stream/data-pipeline'
import type { Lane } from '../../src-worker/stream/example'
import { promptedSlots } from '../../src-worker/stream/labels'
import {
  fillLanes,
  fillTestLanes,
  type HeldExample,
  type LaneKind,
  placeStarts,
  type StreamExample,
} from '../../src-worker/stream/lanes'
import { autoregressive, pack, skipTokens } from '../../src-worker/stream/pack'
import type { StreamItem } from '../../src-worker/stream/source'
import { nothingHeldOut, openSplit, sideOf } from '../../src-worker/stream/split'
import { batchesFrom, noCounts, type StreamSource } from '../../src-worker/stream/stream'

const conditions = new Float32Array(0)
/** Record n is 3 tokens: 10n, 10n + 1, 10n + 2; record 3 gives no example. */
const idsOf = (n: number): Int32Array => Int32Array.of(10 * n, 10 * n + 1, 10 * n + 2)

function sourceOf(records: number, over: Partial<StreamSource> = {}, lanes: LaneKind = 'fresh') {
  const pipeline: DataPipeline = {
    ...{ lanes, heavy: false },
    async *records(_, skipped) {
      countSkip(skipped, 'broken')
      for (let n = 0; n < records; n++) yield { key: `k${n}`, bytes: 12, raw: n }
    },
    prepare: async raws =>
      (raws as number[]).map(n => (n === 3 ? { skipped: 'odd' } : { ids: idsOf(n), conditions })),
    pack: placed => pack(placed, autoregressive, { promptTokens: 1 }),
  }
  const spec = {
    training: { lanes: 1, accumulation: 1, length: 3 },
    start: { kind: 'index', index: 0 },
  }
  const source: StreamSource = {
    ...{ pipeline, prepare: pipeline.prepare, spec: spec as RunSpec, path: 'x', side: 'all' },
    ...{ split: nothingHeldOut, orderSeed: undefined, startSeed: 1, packing: { promptTokens: 1 } },
    ...{ counts: noCounts(), ...over },
  }
  return source
}

/** The first tokens of so many batches of one lane, and the last item. */
async function taken(source: StreamSource, count: number, cursor?: StreamItem['cursor']) {
  const tokens: number[] = []
  for await (const item of batchesFrom(source, cursor)) {
    tokens.push([...item.batch.slots].find(id => id >= 0) ?? -1)
    if (tokens.length === count) return { tokens, item }
  }
  throw new Error('the stream ended')
}

describe('passes', () => {
  test('what is left out is counted in the first pass alone, records in all', async () => {
    const source = sourceOf(5)
    const { tokens } = await taken(source, 12)
    expect(tokens).toEqual([0, 10, 20, 40, 0, 10, 20, 40, 0, 10, 20, 40].map(t => t))
    expect(source.counts.skipped).toEqual({ broken: 1, odd: 1 })
    expect(source.counts.epochs).toBeGreaterThanOrEqual(2)
  })

  test('a cursor leaves out what was taken of its own pass, and nothing of the next', async () => {
    const { item } = await taken(sourceOf(5), 2)
    expect([item.cursor.epoch, item.cursor.taken, item.cursor.batches]).toEqual([0, 2, 2])
    const { tokens } = await taken(sourceOf(5), 7, item.cursor)
    expect(tokens).toEqual([20, 40, 0, 10, 20, 40, 0])
    // in a later pass as well
    const later = await taken(sourceOf(5), 6)
    expect([later.item.cursor.epoch, later.item.cursor.taken]).toEqual([1, 2])
    expect((await taken(sourceOf(5), 3, later.item.cursor)).tokens).toEqual([20, 40, 0])
  })

  test('each pass has an order of its own', async () => {
    const { tokens } = await taken(sourceOf(13, { orderSeed: 7 }), 36)
    const [first, second, third] = [0, 12, 24].map(from => tokens.slice(from, from + 12))
    const sorted = (pass: readonly number[] = []) => [...pass].sort((a, b) => a - b)
    const all = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(n => 10 * n)
    expect([sorted(first), sorted(second), sorted(third)]).toEqual([all, all, all])
    expect(second).not.toEqual(first)
    expect(third).not.toEqual(second)
  })

  test('a side is read alone; records of the other side are counted', async () => {
    const split = await openSplit(sourceOf(12).pipeline.records('x', {}), 0.5, 4)
    const source = sourceOf(12, { split, side: 'train' })
    const train = [...Array(12).keys()].filter(n => sideOf(split, `k${n}`) === 'train')
    const wanted = train.filter(n => n !== 3)
    expect(wanted.length).toBeGreaterThan(1)
    expect((await taken(source, wanted.length)).tokens).toEqual(wanted.map(n => 10 * n))
    expect(source.counts.otherSide).toBe(12 - train.length)
  })

  test('random starts go on from the cursor', async () => {
    const spec = { training: { lanes: 1, accumulation: 1, length: 40 }, start: { kind: 'random' } }
    const over = {
      spec: spec as RunSpec,
      prepare: async (raws: readonly unknown[]) =>
        raws.map(() => ({ ids: new Int32Array(40).fill(5), conditions })),
    }
    const starts = async (count: number, cursor?: StreamItem['cursor']) => {
      const found: number[] = []
      for await (const { batch, cursor: at } of batchesFrom(sourceOf(2, over), cursor)) {
        found.push([...batch.slots].indexOf(-1))
        if (found.length === count) return { found, at }
      }
      throw new Error('the stream ended')
    }
    const whole = (await starts(12)).found
    const { at } = await starts(5)
    expect(new Set(whole).size).toBeGreaterThan(4)
    expect((await starts(7, at)).found).toEqual(whole.slice(5))
  })
})

describe('lanes', () => {
  const example = (length: number, document: number, start?: number): StreamExample => ({
    ...{ epoch: 0, position: document, document },
    example: {
      ids: Int32Array.from({ length }, (_, i) => 100 * document + i),
      conditions,
      ...(start === undefined ? {} : { start }),
    },
  })
  const queue = (examples: StreamExample[]) => async () => examples.shift()
  const cutOf = ({ lanes }: { lanes: readonly { ids: Int32Array }[] }) => lanes.map(l => [...l.ids])
  const empty = (lanes: number): undefined[] => new Array(lanes).fill(undefined)

  test('a test’s last batches are filled from what other lanes still hold', async () => {
    const next = queue([example(7, 0, 2)])
    const first = await fillTestLanes(empty(2), 3, 'persistent', next)
    expect(cutOf(first)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    // the example's own place of the prompt counts for its beginning alone
    expect(first.starts).toEqual([2, undefined])
    const second = await fillTestLanes(first.held, 3, 'persistent', next)
    expect([cutOf(second), second.starts]).toEqual([[[6]], [undefined]])
    expect(cutOf(await fillTestLanes(second.held, 3, 'persistent', next))).toEqual([])
  })

  test('the richest lane gives first', async () => {
    const held: HeldExample[] = [
      { from: example(4, 1), offset: 0 },
      { from: example(9, 2), offset: 0 },
    ]
    const next = queue([])
    const filled = await fillTestLanes([...held, undefined], 3, 'persistent', next)
    expect(cutOf(filled)).toEqual([
      [100, 101, 102],
      [200, 201, 202],
      [203, 204, 205],
    ])
  })

  test.each<[LaneKind, number[][]]>([
    [
      'persistent',
      [
        [0, 1, 2],
        [3, 4],
        [100, 101, 102],
      ],
    ],
    [
      'fresh',
      [
        [0, 1, 2],
        [100, 101, 102],
        [200, 201],
      ],
    ],
  ])('%s lanes of training', async (kind, wanted) => {
    const next = queue([example(5, 0, 1), example(3, 1), example(2, 2)])
    const got: number[][] = []
    const starts: (number | undefined)[] = []
    let held: readonly (HeldExample | undefined)[] = empty(1)
    for (let i = 0; i < 3; i++) {
      const filled = await fillLanes(held, 3, kind, next)
      if (filled === undefined) throw new Error('no lanes')
      got.push(...cutOf(filled))
      starts.push(...filled.starts)
      held = filled.held
    }
    expect([got, starts]).toEqual([wanted, [1, undefined, undefined]])
  })

  test('an example’s own start goes before the run’s, and never lies behind its tokens', () => {
    const lanes = [3, 3, 2].map(length => ({
      ids: new Int32Array(length),
      conditions,
      document: 0,
    }))
    const filled = { lanes, starts: [2, undefined, 9], held: [] }
    expect(placeStarts(filled, () => 1).map(({ start }) => start)).toEqual([2, 1, 2])
  })
})

describe('labels', () => {
  const lane = (ids: number[], start = 0): Lane => ({
    ids: Int32Array.from(ids),
    conditions,
    start,
    document: 0,
  })

  test('a prompt behind the inputs stands at their end', () => {
    const { slots } = promptedSlots([lane([11, 12, 13, 14, 15], 5)], 2, 2)
    expect([...slots]).toEqual([11, 12, 13, -1, -2])
  })

  test('labels of one lane never reach into the next', () => {
    const lanes = [lane([11, 12, 13, 14, 15]), lane([21, 22, 23, 24, 25])]
    const { labels, slotsPerLane } = skipTokens(2)(lanes, 1, true)
    expect(slotsPerLane).toBe(4)
    expect([...labels]).toEqual([-100, 13, 14, 15, -100, 23, 24, 25])
  })

  test('the very first token is no label in a test, unless it is the only one', () => {
    const counted = (ids: number[], more: object = {}) => {
      const { batch } = pack([lane(ids)], autoregressive, { promptTokens: 1, ...more })
      return [...batch.labels].filter((_, r) => batch.weights[r] !== 0)
    }
    expect(counted([11, 12, 13])).toEqual([11, 12, 13])
    expect(counted([11, 12, 13], { needsContext: true })).toEqual([12, 13])
    expect(counted([11], { needsContext: true })).toEqual([11])
    expect(counted([11, 12], { needsContext: true, prefixToken: 9 })).toEqual([12])
  })
})

test('of a small file as many are held out for the test as for validation', async () => {
  const keys = Array.from({ length: 64 }, (_, n) => `record ${n}`)
  const records = async function* () {
    for (const key of keys) yield { key, bytes: 1, raw: 0 }
  }
  const split = await openSplit(records(), 0.05, 16, true)
  const count = (side: string) => keys.filter(key => sideOf(split, key) === side).length
  expect([count('train'), count('validation'), count('test')]).toEqual([32, 16, 16])
})
