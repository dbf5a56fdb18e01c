// Laws of cutting a step: the same labelled rows with the same weights, and short lanes with short ones.
import { expect, test } from 'vitest'
import { chunksOf, neededSlots } from '../../src-worker/program/chunks'
import { random, randomBatch } from './setting'

const batches = () => {
  const r = random('chunks')
  return [12, 40, 25].map(tokens => randomBatch(r, { lanes: 4, tokens, promptTokens: 2 }))
}
const options = { slotsPerChunk: 60, regroup: true, prefixes: true }

test('every labelled row is in exactly one chunk, with its label and its weight over the divisor', () => {
  const step = batches()
  const labels = step.flatMap(b => [...b.labels])
  const chunks = chunksOf(step, [2, 4, 8], options)
  const weights = step.flatMap((b, a) => [...b.weights].map(w => w / [2, 4, 8][a]!))
  const seen = chunks.flatMap(p => [...p.rowIndex])
  expect([...seen].sort((a, b) => a - b)).toEqual(labels.map((_, i) => i))
  for (const { batch, rowIndex } of chunks)
    rowIndex.forEach((row, i) => {
      expect(batch.labels[i]).toBe(labels[row])
      expect(batch.weights[i]).toBe(weights[row])
    })
})

test('chunks are not too large, padding counted, and nothing they need lies in their prefix', () => {
  const chunks = chunksOf(batches(), [1, 1, 1], options)
  expect(chunks.length).toBeGreaterThan(2)
  for (const { batch } of chunks)
    if (batch.lanes > 1) expect(batch.lanes * batch.slotsPerLane).toBeLessThanOrEqual(60)
  for (const { batch, prefix } of chunks) {
    const s = batch.slotsPerLane
    batch.slots.forEach((slot, i) => {
      if (slot < 0) expect(i % s).toBeGreaterThanOrEqual(prefix)
    })
    for (const row of batch.rows) expect(row % s).toBeGreaterThanOrEqual(prefix)
  }
})

test('lanes end at their last label, and lanes without labels are left out', () => {
  const [batch] = batches()
  const rows = batch!.rows.filter(row => row < batch!.slotsPerLane && row % batch!.slotsPerLane < 7)
  const few = { ...batch!, rows, labels: batch!.labels.slice(0, rows.length) }
  const chunks = chunksOf([few], [1], options)
  expect(chunks.map(p => [p.batch.lanes, p.batch.slotsPerLane])).toEqual([
    [1, Math.max(...rows) + 1],
  ])
})

test('without regrouping each micro-batch is a chunk', () => {
  const chunks = chunksOf(batches(), [1, 1, 1], { ...options, regroup: false })
  expect(chunks.map(p => p.batch.lanes)).toEqual([4, 4, 4])
})

test('a step without labels has no chunks', () => {
  const empty = { ...batches()[0]!, rows: new Int32Array(0), labels: new Int32Array(0) }
  expect(chunksOf([empty], [1], options)).toEqual([])
})

test('needed are the slots up to the last label of each lane, however a step is cut', () => {
  const step = batches()
  const needed = step.reduce((n, batch) => n + neededSlots(batch), 0)
  const chunks = chunksOf(step, [1, 1, 1], options)
  expect(chunks.reduce((n, { batch }) => n + neededSlots(batch), 0)).toBe(needed)
  const computed = chunks.reduce((n, { batch }) => n + batch.lanes * batch.slotsPerLane, 0)
  expect(computed).toBeGreaterThanOrEqual(needed)
})
