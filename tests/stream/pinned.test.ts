// The generator, the split and the order, number for number, as an implementation in Python gives them
// (tests/reference/pinned/streams.py): data and prompts of a seed must not change from version to version.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { RawRecord } from '../../src-worker/stream/data-pipeline'
import { ordered } from '../../src-worker/stream/order'
import { rng, rngFrom } from '../../src-worker/stream/rng'
import { fractionOf, openSplit, sideOf } from '../../src-worker/stream/split'
import { referencePath } from '../reference-path'

interface Pinned {
  readonly generators: readonly {
    readonly seed: number
    readonly label: string
    readonly words: number[]
    readonly uniforms: number[]
    readonly below: number[]
    readonly normals: number[]
  }[]
  readonly orders: readonly { count: number; seed: number; epoch: number; order: number[] }[]
  readonly long: {
    count: number
    seed: number
    epoch: number
    first: number[]
    'second block': number[]
  }
  readonly fractions: readonly { key: string; fraction: number }[]
}
const pinned: Pinned = JSON.parse(
  readFileSync(referencePath('reference/pinned/streams.json'), 'utf8'),
)

describe.each(pinned.generators)('seed $seed, "$label"', ({ seed, label, ...wanted }) => {
  test('words, uniforms, integers, normals', () => {
    const [words, uniforms, below, normals] = [0, 1, 2, 3].map(() => rng(seed, label))
    expect(wanted.words.map(() => words!.word())).toEqual(wanted.words)
    expect(wanted.uniforms.map(() => uniforms!.uniform())).toEqual(wanted.uniforms)
    expect([2, 10, 1000, 2 ** 32].map(n => below!.below(n))).toEqual(wanted.below)
    for (const normal of wanted.normals) expect(normals!.normal()).toBeCloseTo(normal, 14)
  })

  test('goes on from its state', () => {
    const random = rng(seed, label)
    random.word()
    random.word()
    expect(wanted.words.slice(2).map(rngFrom(random.state()).word)).toEqual(wanted.words.slice(2))
  })
})

async function* records(count: number): AsyncGenerator<RawRecord<number>> {
  for (let i = 0; i < count; i++) yield { key: `text ${i}`, bytes: 10, raw: i }
}
async function orderOf(count: number, epoch: number, seed: number): Promise<number[]> {
  const raws: number[] = []
  for await (const { raw } of ordered(records(count), epoch, seed)) raws.push(raw)
  return raws
}

test.each(pinned.orders)('the order of pass $epoch, seed $seed', async each => {
  expect(await orderOf(each.count, each.epoch, each.seed)).toEqual(each.order)
})

test('blocks of 4096 records are permuted apart', async () => {
  const { count, epoch, seed, first, 'second block': second } = pinned.long
  const order = await orderOf(count, epoch, seed)
  expect(order.slice(0, 8)).toEqual(first)
  expect(order.slice(4096, 4104)).toEqual(second)
})

test.each(pinned.fractions)('the fraction of a record', ({ key, fraction }) => {
  expect(fractionOf(key)).toBe(fraction)
})

test('a record whose fraction is the share itself is held out', async () => {
  // text 17 has the fraction that Python gives; the split asks for just that share
  const { fraction } = pinned.fractions.find(each => each.key === 'text 17')!
  const split = await openSplit(records(500), fraction)
  expect(sideOf(split, 'text 17')).toBe('test')
  const smaller = await openSplit(records(500), fraction - 2 ** -48)
  expect(sideOf(smaller, 'text 17')).toBe('train')
})
