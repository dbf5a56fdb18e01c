// Placing prompt rows among text rows: every lane finds its own, and gradients come back to where they belong.
import { expect, test } from 'vitest'
import { backward } from '../../src-worker/graph/backward'
import { mul } from '../../src-worker/graph/ops/elementwise'
import { sum } from '../../src-worker/graph/ops/reduce'
import { float32, int64 } from '../../src-worker/graph/tensor'
import { input } from '../../src-worker/graph/value'
import { place, select } from '../../src-worker/prompt/place'
import { runGraph } from '../graph/run-graph'

// two lanes of four slots: [a p0 p1 b], [c d p0 -]: the second has no prompt token 1
const order = [0, 6, 7, 1, 3, 4, 6, 5]
const promptAt = [1, 2, 6, 0]
const promptMask = [1, 1, 1, 0]

test('prompt rows shared by the lanes get the sum of their gradients', async () => {
  const [text, prompt] = [input('text', 'float32', ['T', 1]), input('prompt', 'float32', [2, 1])]
  const [o, at] = [input('order', 'int64', ['B', 'S']), input('at', 'int64', ['B', 2])]
  const mask = input('mask', 'float32', ['B', 2])
  const weights = input('weights', 'float32', ['B*S', 1])
  const y = place(text, prompt, { order: o, promptAt: at, promptMask: mask })
  const [g] = backward(sum(mul(y, weights)), [prompt])
  const result = await runGraph(
    [text, prompt, o, at, mask, weights],
    { y, g: g! },
    {
      text: float32([6, 1], Float32Array.of(10, 11, 12, 13, 14, 15)),
      prompt: float32([2, 1], Float32Array.of(-1, -2)),
      order: int64([2, 4], order),
      at: int64([2, 2], promptAt),
      mask: float32([2, 2], Float32Array.from(promptMask)),
      weights: float32([8, 1], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
    },
  )
  expect([...result.y!.data]).toEqual([10, -1, -2, 11, 13, 14, -1, 15])
  expect([...result.g!.data]).toEqual([2 + 7, 3])
})

test('selected rows send their gradient back, all others get zero', async () => {
  const x = input('x', 'float32', ['M', 2])
  const [rows, inverse] = [input('rows', 'int64', ['R']), input('inverse', 'int64', ['M'])]
  const weights = input('weights', 'float32', ['R', 1])
  const [g] = backward(sum(mul(select(x, rows, inverse), weights)), [x])
  const result = await runGraph(
    [x, rows, inverse, weights],
    { g: g! },
    {
      x: float32([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)),
      rows: int64([2], [2, 0]),
      inverse: int64([3], [1, 2, 0]),
      weights: float32([2, 1], Float32Array.of(10, 20)),
    },
  )
  expect([...result.g!.data]).toEqual([20, 20, 0, 0, 10, 10])
})
