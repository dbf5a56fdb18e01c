// Scans, hoisting, barriers and names of the written model.
import { expect, test } from 'vitest'
import { backward } from '../../src-worker/graph/backward'
import { toOnnx } from '../../src-worker/graph/onnx'
import { add, exp, mul, tanh } from '../../src-worker/graph/ops/elementwise'
import { recomputed } from '../../src-worker/graph/ops/gradient'
import { matmul } from '../../src-worker/graph/ops/linear'
import { linearCrossEntropy, linearNll } from '../../src-worker/graph/ops/loss'
import { sum } from '../../src-worker/graph/ops/reduce'
import { barrier, reshape, split } from '../../src-worker/graph/ops/shape'
import { scan } from '../../src-worker/graph/scan'
import { float32, int64 } from '../../src-worker/graph/tensor'
import { floats, input } from '../../src-worker/graph/value'
import { rng } from '../../src-worker/stream/rng'
import { runGraph } from './run-graph'

test('a scan carries state and stacks outputs', async () => {
  const x = input('x', 'float32', ['N', 2])
  const { state, outputs } = scan([floats([2], [0, 0])], [x], ([s], [row]) => {
    const next = add(s!, row!)
    return { state: [next], outputs: [mul(next, 10)] }
  })
  const feeds = { x: float32([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)) }
  const result = await runGraph([x], { last: state[0]!, all: outputs[0]! }, feeds)
  expect([...result.last!.data]).toEqual([9, 12])
  expect([...result.all!.data]).toEqual([10, 20, 40, 60, 90, 120])
})

test('values that do not depend on the body are computed once, outside it', () => {
  const x = input('x', 'float32', ['N', 2])
  const w = input('w', 'float32', ['M'])
  const build = (inside: boolean) => {
    const { outputs } = scan([], [x], (_, [row]) => ({
      state: [],
      outputs: [sum(mul(row!, inside ? sum(exp(mul(row!, 2))) : sum(exp(w))))],
    }))
    return toOnnx({ inputs: [x, w], outputs: { y: outputs[0]! } })
  }
  const bytes = Buffer.from(build(false).bytes).toString('latin1')
  // the body is an attribute of the scan node: an Exp that was hoisted is written before it
  expect(bytes.indexOf('Exp')).toBeLessThan(bytes.indexOf('body1'))
  const kept = Buffer.from(build(true).bytes).toString('latin1')
  expect(kept.indexOf('Exp')).toBeGreaterThan(kept.indexOf('Scan_'))
})

test('scans nest, and the inner body reads values of both bodies around it', async () => {
  const x = input('x', 'float32', ['K', 'A', 2])
  const w = input('w', 'float32', [2])
  const { state, outputs } = scan([floats([], [0])], [x], ([s], [rows]) => {
    const scaled = mul(w, add(s!, 1))
    const inner = scan([floats([], [0])], [rows!], ([t], [row]) => ({
      state: [add(t!, sum(mul(row!, scaled)))],
      outputs: [],
    }))
    return { state: [inner.state[0]!], outputs: [inner.state[0]!] }
  })
  const feeds = {
    x: float32([2, 2, 2], Float32Array.of(1, 0, 0, 1, 1, 1, 0, 0)),
    w: float32([2], Float32Array.of(1, 2)),
  }
  const result = await runGraph([x, w], { s: state[0]!, all: outputs[0]! }, feeds)
  expect([...result.all!.data]).toEqual([3, 12])
  expect([...result.s!.data]).toEqual([12])
})

test('an input, a constant and one value under two names can be outputs', async () => {
  const x = input('x', 'float32', ['N'])
  const y = mul(x, 2)
  const outputs = { y, again: y, x2: x, two: floats([1], [2]) }
  const result = await runGraph([x], outputs, { x: float32([2], Float32Array.of(1, 2)) })
  expect([...result.y!.data]).toEqual([2, 4])
  expect([...result.again!.data]).toEqual([2, 4])
  expect([...result.x2!.data]).toEqual([1, 2])
  expect([...result.two!.data]).toEqual([2])
})

test('a barrier needs a symbolic dim', () => {
  const x = floats([2], [1, 2])
  expect(() => barrier(x, x)).toThrow(/static \[2\]/)
})

test('recomputation reads the input again, behind the incoming gradient', () => {
  const x = input('x', 'float32', ['M', 4])
  const y = recomputed(v => tanh(mul(v, v)), x)
  const [g] = backward(sum(y), [x])
  const { opCounts } = toOnnx({ inputs: [x], outputs: { y, g: g! } })
  expect(opCounts).toMatchObject({ Tanh: 2, Shape: 2 })
})

test('more than one unknown size needs a witness', () => {
  const x = input('x', 'float32', ['M', 4])
  expect(() => reshape(x, ['B', 'S', 4])).toThrow(/more than one size is unknown/)
})

test('operands that do not fit are reported with both shapes', () => {
  const [a, b] = [input('a', 'float32', ['M', 3]), input('b', 'float32', ['M', 4])]
  expect(() => add(a, b)).toThrow('cannot broadcast [M, 3] with [M, 4]')
  expect(() => matmul(a, b)).toThrow('matmul of [M, 3] and [M, 4]')
})

test('a split into parts of sizes known at run time', async () => {
  const x = input('x', 'float32', ['S'])
  const sizes = input('sizes', 'int64', [2])
  const [a, b] = split(x, 0, ['S#0', 'S#1'], sizes)
  const feeds = { x: float32([5], Float32Array.of(1, 2, 3, 4, 5)), sizes: int64([2], [2, 3]) }
  const result = await runGraph([x, sizes], { a: a!, b: b! }, feeds)
  expect([[...result.a!.data], [...result.b!.data]]).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
})

/** −log softmax(h·Wᵀ)[y] and its gradient with respect to h, in float64. */
function reference(h: Float32Array, w: Float32Array, labels: readonly number[], width: number) {
  const v = w.length / width
  return labels.map((label, r) => {
    const logits = Array.from({ length: v }, (_, i) => {
      let s = 0
      for (let j = 0; j < width; j++) s += h[r * width + j]! * w[i * width + j]!
      return s
    })
    const highest = Math.max(...logits)
    const e = logits.map(l => Math.exp(l - highest))
    const z = e.reduce((a, b) => a + b, 0)
    const gradient = Array.from({ length: width }, (_, j) => {
      const mixture = e.reduce((s, x, i) => s + x * w[i * width + j]!, 0) / z
      return mixture - w[label * width + j]!
    })
    return { nll: Math.log(z) + highest - logits[label]!, gradient }
  })
}

test.each([{ chunks: 1 }, { chunks: 3 }])('cross-entropy in $chunks chunks', async ({ chunks }) => {
  const [rows, width, vocabulary] = [6, 5, 11]
  const random = rng(3, 'loss')
  const draw = (n: number): Float32Array =>
    Float32Array.from({ length: n }, () => 3 * random.normal())
  const [h, w, weights] = [draw(rows * width), draw(vocabulary * width), draw(rows)]
  const labels = Array.from({ length: rows }, () => random.below(vocabulary))
  const hidden = input('h', 'float32', ['R', width])
  const head = input('w', 'float32', [vocabulary, width])
  const y = input('y', 'int64', ['C', 'r'])
  const weight = input('weights', 'float32', ['C', 'r'])
  const { loss, nll } = linearCrossEntropy(hidden, { weight: head }, y, weight)
  const [g] = backward(loss, [hidden])
  const outputs = { loss, nll, g: g!, only: linearNll(hidden, { weight: head }, y) }
  const dims = [chunks, rows / chunks]
  const result = await runGraph([hidden, head, y, weight], outputs, {
    h: float32([rows, width], h),
    w: float32([vocabulary, width], w),
    y: int64(dims, labels),
    weights: float32(dims, weights),
  })
  const expected = reference(h, w, labels, width)
  expected.forEach((row, r) => {
    expect(Number(result.nll!.data[r])).toBeCloseTo(row.nll, 4)
    expect(Number(result.only!.data[r])).toBeCloseTo(row.nll, 4)
    row.gradient.forEach((d, j) => {
      expect(Number(result.g!.data[r * width + j])).toBeCloseTo(d * weights[r]!, 4)
    })
  })
  const total = expected.reduce((s, row, r) => s + row.nll * weights[r]!, 0)
  expect(Number(result.loss!.data[0])).toBeCloseTo(total, 3)
})
