// The subspace prompt against float64: orthonormal columns, rows and gradients; its start rows are never trained.
import { describe, expect, test } from 'vitest'
import type { Parameters } from '../../src-worker/contract/snapshot'
import { promptGradientProgram } from '../../src-worker/program/prompt-rows'
import { bakedRows, withOwnRows } from '../../src-worker/sample/bake'
import { ortRuntime } from '../../src-worker/session/ort'
import { shapeOf } from '../../src-worker/train/prepare'
import { initialState } from '../../src-worker/train/state'
import { relativeError } from '../../src-worker/verify/golden'
import { random, randomBatch, randomParameters, tinyTrainer } from '../program/setting'

const runtime = ortRuntime({ threads: 1 })
const [tokens, width, lanes] = [3, 8, 2]
const count = tokens * width

const subspace = (dimensions: number, seed = 4) =>
  ({ type: 'subspace', tokens, width, dimensions, seed }) as const

type Shape = ReturnType<typeof subspace>

async function computed(shape: Shape, parameters: Parameters, cotangent: Float32Array) {
  const program = promptGradientProgram(shape, parameters, new Float32Array(0), cotangent, lanes)
  const session = await runtime.open(program.bytes, undefined)
  const found = await session.run(program.feeds)
  await session.release()
  const of = (name: string) => found[name]!.data as Float32Array
  return { rows: of('rows'), z: of('g.z'), start: of('g.start') }
}

/** A [P·H, d], read off the program itself: column k is what z = eₖ gives from rows of zeros. */
async function matrixOf(shape: Shape): Promise<readonly Float32Array[]> {
  const zeros = new Float32Array(lanes * count)
  const columns: Float32Array[] = []
  for (let k = 0; k < shape.dimensions; k++) {
    const z = Float32Array.from({ length: shape.dimensions }, (_, i) => (i === k ? 1 : 0))
    const start = { shape: [tokens, width], data: new Float32Array(count) }
    const parameters = new Map([
      ['z', { shape: [shape.dimensions], data: z }],
      ['start', start],
    ])
    columns.push((await computed(shape, parameters, zeros)).rows)
  }
  return columns
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)

describe.each([1, 2, 5, 23, count].map(d => ({ d })))('$d of 24 dimensions', ({ d }) => {
  const shape = subspace(d)

  test('the columns of the projection are orthonormal, and none of its rows is empty', async () => {
    const columns = await matrixOf(shape)
    for (const [i, a] of columns.entries())
      for (const [j, b] of columns.entries())
        expect(Math.abs(dot(a, b) - (i === j ? 1 : 0))).toBeLessThan(1e-6)
    for (let row = 0; row < count; row++)
      expect(columns.filter(column => column[row] !== 0)).toHaveLength(1)
  })

  test('rows and gradient agree with float64', async () => {
    const columns = await matrixOf(shape)
    const drawn = random(`subspace ${d}`)
    const parameters = randomParameters(drawn, shape)
    const cotangent = Float32Array.from({ length: lanes * count }, drawn.normal)
    const [z, start] = ['z', 'start'].map(name => parameters.get(name)!.data)
    const found = await computed(shape, parameters, cotangent)
    const rows = Array.from(
      start!,
      (x, row) =>
        x +
        dot(
          z!,
          columns.map(c => c[row]!),
        ),
    )
    expect(relativeError(found.rows, Float64Array.from(rows))).toBeLessThan(1e-6)
    const dy = Array.from(start!, (_, row) => cotangent[row]! + cotangent[count + row]!)
    const gradient = columns.map(column => dot(column, dy))
    expect(relativeError(found.z, Float64Array.from(gradient))).toBeLessThan(1e-5)
    expect(found.start.every(x => x === 0)).toBe(true)
  })
})

test('the seed decides the projection', async () => {
  const [a, same, other] = [subspace(5, 1), subspace(5, 1), subspace(5, 2)]
  expect(await matrixOf(a)).toEqual(await matrixOf(same))
  expect(await matrixOf(a)).not.toEqual(await matrixOf(other))
})

test.each(['chunks', 'multi-step'] as const)(
  '%s: steps change z alone, the start rows not in a bit, and lower the loss',
  async strategy => {
    const shape = { type: 'subspace', tokens: 3, width: 64, dimensions: 40, seed: 1 } as const
    const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1, clipNorm: 0 }
    const trainer = await tinyTrainer('tiny-neox', shape, { strategy, optimizer })
    const parameters = randomParameters(random('p'), shape)
    const batch = randomBatch(random('b'), { lanes: 3, tokens: 9, promptTokens: 3 })
    const steps = Array.from({ length: 6 }, () => [batch])
    const rates = steps.map(() => 0.1)
    const { state, losses } = await trainer.advance(initialState(parameters), steps, rates)
    const rows = await trainer.promptRows(state.parameters, new Float32Array(0), 1)
    await trainer.release()
    expect(state.parameters.get('start')!.data).toEqual(parameters.get('start')!.data)
    expect(state.parameters.get('z')!.data).not.toEqual(parameters.get('z')!.data)
    expect(losses[5]).toBeLessThan(losses[0]! - 0.01)
    const from = { source: 'workbench' as const, model: 'tiny', conditionNames: [], training: {} }
    const snapshot = { metadata: { ...from, shape }, parameters: state.parameters }
    const own = await withOwnRows(snapshot)
    expect(own.metadata.shape).toEqual({ type: 'direct', tokens: 3, width: 64 })
    expect(own.parameters.get('embedding')!.data).toEqual(rows.data)
    expect(await bakedRows(snapshot, [])).toEqual(rows.data)
  },
)

test('there are no more dimensions than rows hold numbers', () => {
  const asked = { type: 'subspace', tokens, init: { kind: 'zero' }, projection: 0 } as const
  expect(shapeOf({ ...asked, dimensions: 24 }, width, 0)).toEqual(subspace(24, 0))
  expect(() => shapeOf({ ...asked, dimensions: 25 }, width, 0)).toThrow(
    'prompt.dimensions is 25, but 3 tokens of width 8 hold only 24 numbers',
  )
})
