import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { grown, paced } from '../../src-renderer/stores/text-stream'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the first events are handed on at once, later ones together, none is lost', async () => {
  const taken: (readonly number[])[] = []
  const send = paced<number>(events => taken.push(events))
  send([1])
  send([2])
  send([3, 4])
  expect(taken).toEqual([[1]])
  await vi.advanceTimersByTimeAsync(100)
  expect(taken).toEqual([[1], [2, 3, 4]])
  await vi.advanceTimersByTimeAsync(1000)
  send([5])
  expect(taken.at(-1)).toEqual([5])
})

test('only samples with new tokens become new lists', () => {
  const token = (id: number) => ({ id, text: '', logProb: 0, top: [] })
  const before = [[token(1)], [token(2)]]
  const events = [
    { request: 'r', sample: 1, tokens: [token(3)] },
    { request: 'r', sample: 1, tokens: [token(4)] },
  ]
  const after = grown(before, events)
  expect(after[0]).toBe(before[0])
  expect(after[1]?.map(t => t.id)).toEqual([2, 3, 4])
})
