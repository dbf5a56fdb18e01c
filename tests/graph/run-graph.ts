// Helpers of the graph tests: build a small program, run it on the CPU, compare gradients with central differences.

import { backward } from '../../src-worker/graph/backward'
import { toOnnx } from '../../src-worker/graph/onnx'
import { mul } from '../../src-worker/graph/ops/elementwise'
import { sum } from '../../src-worker/graph/ops/reduce'
import { float32, type Tensors } from '../../src-worker/graph/tensor'
import { type Dims, input, type Value } from '../../src-worker/graph/value'
import { ortRuntime } from '../../src-worker/session/ort'
import { rng } from '../../src-worker/stream/rng'

export async function runGraph(
  inputs: readonly Value[],
  outputs: Readonly<Record<string, Value>>,
  feeds: Tensors,
): Promise<Tensors> {
  const session = await ortRuntime().open(toOnnx({ inputs, outputs }).bytes, undefined)
  try {
    return await session.run(feeds)
  } finally {
    await session.release()
  }
}

export const elements = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1)

export interface GradientCase {
  /** symbolic dims of each input, and the numbers to run them with */
  readonly dims: readonly Dims[]
  readonly sizes: readonly (readonly number[])[]
  readonly graph: (...inputs: readonly Value[]) => Value
  /** dims of the output when run */
  readonly outSize: readonly number[]
  /** lowest and highest input value */
  readonly range?: readonly [number, number]
}

/** Largest difference between backward and central differences, relative to the largest gradient. */
export async function gradientError(c: GradientCase): Promise<number> {
  const [low, high] = c.range ?? [-1, 1]
  const random = rng(7, 'gradient')
  const draw = (n: number): Float32Array =>
    Float32Array.from({ length: n }, () => low + (high - low) * random.uniform())
  const inputs = c.dims.map((dims, i) => input(`x${i}`, 'float32', dims))
  const y = c.graph(...inputs)
  const cotangent = input('c', 'float32', y.dims)
  const loss = sum(mul(y, cotangent))
  const gradients = backward(loss, inputs)
  const outputs = Object.fromEntries(gradients.map((g, i) => [`g${i}`, g]))
  const program = toOnnx({ inputs: [...inputs, cotangent], outputs: { loss, ...outputs } })
  const session = await ortRuntime().open(program.bytes, undefined)
  const feeds: Record<string, ReturnType<typeof float32>> = {
    c: float32(c.outSize, draw(elements(c.outSize))),
  }
  c.sizes.forEach((size, i) => {
    feeds[`x${i}`] = float32(size, draw(elements(size)))
  })
  const at = await session.run(feeds)
  let error = 0
  let largest = 1e-3
  const lossAt = async (): Promise<number> => Number((await session.run(feeds)).loss!.data[0])
  for (let i = 0; i < inputs.length; i++) {
    const x = feeds[`x${i}`]!.data as Float32Array
    const g = at[`g${i}`]!.data as Float32Array
    if (g.length !== x.length) return Number.POSITIVE_INFINITY
    for (let j = 0; j < x.length; j++) {
      const old = x[j]!
      const h = 1e-2
      x[j] = old + h
      const up = await lossAt()
      x[j] = old - h
      const down = await lossAt()
      x[j] = old
      error = Math.max(error, Math.abs((up - down) / (2 * h) - g[j]!))
      largest = Math.max(largest, Math.abs(g[j]!))
    }
  }
  await session.release()
  return error / largest
}
