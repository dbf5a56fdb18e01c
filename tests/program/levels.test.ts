// Steps of about the same size get the same arrays, so that they share a run call; merging keeps every label.
import { expect, test } from 'vitest'
import type { MicroBatch } from '../../src-worker/contract/batch'
import { leveled, leveledSizes } from '../../src-worker/program/levels'
import { merged } from '../../src-worker/program/merge'
import { rng } from '../../src-worker/stream/rng'

const options = {
  ...{ length: 256, tokens: 16, vocabulary: 50304 },
  ...{ mostSlots: Number.POSITIVE_INFINITY, whole: false, chunkBytes: 256e6 },
}

/** Lanes that end anywhere behind their half, with a prompt anywhere. */
function batchOf(seed: number, lanes = 8): MicroBatch {
  const random = rng(seed, 'levels')
  const s = 272
  const slots = new Int32Array(lanes * s)
  const rows: number[] = []
  for (let b = 0; b < lanes; b++) {
    const end = s / 2 + random.below(s / 2 + 1)
    const start = random.below(end - 15)
    for (let i = 0; i < end; i++) {
      const inside = i >= start && i < start + 16
      slots[b * s + i] = inside ? start - i - 1 : 1 + random.below(1000)
      if (i > 0 && !inside) rows.push(b * s + i - 1)
    }
  }
  return {
    ...{ lanes, slotsPerLane: s, slots, rows: Int32Array.from(rows), divisor: rows.length },
    labels: Int32Array.from(rows, row => Math.max(0, slots[row + 1]!)),
    weights: Float32Array.from(rows, (_, i) => 1 + (i % 3)),
    conditions: new Float32Array(0),
    tokenCount: rows.length,
  }
}

test('a size is rounded up by a third at most, and never beyond what there is', () => {
  for (let n = 32; n <= 272; n++) {
    const size = leveled(n, 272)
    expect(size).toBeGreaterThanOrEqual(n)
    expect(size).toBeLessThanOrEqual(Math.min(272, Math.ceil(n * 1.5) + 1))
  }
  expect(leveled(272, 272)).toBe(272)
  expect(leveled(300, 272)).toBe(408)
})

test('sixty steps of uneven lanes and prompts anywhere need at most eight run calls', () => {
  const sizes = Array.from({ length: 60 }, (_, i) => leveledSizes([batchOf(i)], options))
  const changes = sizes.filter(
    (s, i) => i > 0 && JSON.stringify(s) !== JSON.stringify(sizes[i - 1]),
  )
  expect(changes.length + 1).toBeLessThanOrEqual(8)
})

test('lanes are not padded where positions end or the rope looks at the length', () => {
  const short = { ...batchOf(1, 1), slotsPerLane: 150 }
  const cut = { ...short, slots: short.slots.subarray(0, 150), rows: Int32Array.of(1) }
  expect(leveledSizes([cut], options).slots).toBe(204)
  expect(leveledSizes([cut], { ...options, mostSlots: 200 }).slots).toBe(150)
})

test('chunks of the head are multiples of 128 rows', () => {
  const { lossChunks, rowsPerLossChunk } = leveledSizes([batchOf(1)], options)
  expect(lossChunks).toBeGreaterThan(1)
  expect(rowsPerLossChunk % 128).toBe(0)
  expect(lossChunks * rowsPerLossChunk).toBeGreaterThanOrEqual(batchOf(1).rows.length)
})

test('merged micro-batches have every label once, with its weight over its divisor', () => {
  const [a, b] = [batchOf(1, 2), batchOf(2, 3)]
  const one = merged([a, b], [10, 20])
  expect(one).toMatchObject({ lanes: 5, slotsPerLane: 272, divisor: 1 })
  const found = (batch: MicroBatch, divisor: number) =>
    [...batch.rows].map((row, i) => [
      batch.slots[row],
      batch.labels[i],
      Math.fround(batch.weights[i]! / divisor),
    ])
  expect(found(one, 1)).toEqual([...found(a, 10), ...found(b, 20)])
})
