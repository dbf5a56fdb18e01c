// Steps with a clipped gradient, recomputed in float64: the model, its gradient by central differences, the clipping of
// torch.nn.utils.clip_grad_norm_ and AdamW are all written here.
import { expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { initialState } from '../../src-worker/train/state'
import { openNeox } from '../neox64'
import { referencePath } from '../reference-path'
import { optimizer, random, randomBatch, randomParameters, tinyTrainer } from './setting'

const tokens = 1
const shape: PromptShape = { type: 'direct', tokens, width: 64 }
const neox = openNeox(referencePath('models', 'tiny-neox'))
const batches = Array.from({ length: 2 }, (_, i) =>
  randomBatch(random(`clip ${i}`), { lanes: 1, tokens: 5 + i, promptTokens: tokens }),
)

/** Σ nll of both micro-batches / Σ of their labels. */
function loss(prompt: Float64Array): number {
  let [sum, labels] = [0, 0]
  for (const { slots, rows, labels: wanted } of batches) {
    const inputs = [...slots].map(id =>
      id < 0 ? prompt.slice((-id - 1) * 64, -id * 64) : neox.embedding(id),
    )
    const next = neox.logProbs(inputs)
    rows.forEach((row, r) => {
      sum -= next[row]?.[wanted[r] ?? 0] ?? Number.NaN
    })
    labels += rows.length
  }
  return sum / labels
}

/** (f(x + h) − f(x − h)) / 2h, number by number */
function gradient(prompt: Float64Array): Float64Array {
  const h = 1e-4
  return prompt.map((x, i) => {
    const at = (value: number): number => loss(prompt.map((y, k) => (k === i ? value : y)))
    return (at(x + h) - at(x - h)) / (2 * h)
  })
}

interface Step64 {
  readonly loss: number
  readonly norm: number
  readonly prompt: Float64Array
  /** of Adam: these hold how long the gradient was, which a step alone forgets */
  readonly m: Float64Array
  readonly v: Float64Array
}

const known = new Map<number, Step64[]>()
/** Each limit is worked out once. */
function expectedOf(limit: number): Step64[] {
  const steps = known.get(limit) ?? trained(first, rates, limit)
  known.set(limit, steps)
  return steps
}

/** AdamW (Loshchilov & Hutter 2019) on the gradient scaled by min(1, limit / (norm + 1e-6)). */
function trained(start: Float64Array, rates: readonly number[], limit: number): Step64[] {
  const { beta1, beta2, eps, weightDecay } = optimizer
  let [p, m, v] = [start, start.map(() => 0), start.map(() => 0)]
  return rates.map((rate, k) => {
    const raw = gradient(p)
    const norm = Math.sqrt(raw.reduce((sum, x) => sum + x * x, 0))
    const g = raw.map(x => x * (limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1))
    const before = loss(p)
    m = m.map((x, i) => beta1 * x + (1 - beta1) * (g[i] ?? 0))
    v = v.map((x, i) => beta2 * x + (1 - beta2) * (g[i] ?? 0) ** 2)
    p = p.map((x, i) => {
      const [mHat, vHat] = [
        (m[i] ?? 0) / (1 - beta1 ** (k + 1)),
        (v[i] ?? 0) / (1 - beta2 ** (k + 1)),
      ]
      return x - rate * (mHat / (Math.sqrt(vHat) + eps) + weightDecay * x)
    })
    return { loss: before, norm, prompt: p, m, v }
  })
}

/** |a − b| / |a − from| */
function apart(a: Float64Array, b: Float64Array, from: Float64Array): number {
  const distance = (to: Float64Array) => Math.hypot(...a.map((x, i) => x - (to[i] ?? 0)))
  return distance(b) / distance(from)
}
const isSmall = (x: unknown): boolean => typeof x === 'number' && x < 1e-3

const start = randomParameters(random('clip'), shape)
const first = Float64Array.from(start.get('embedding')?.data ?? [])
const rates = [1e-2, 2e-2]
const norm = Math.sqrt(gradient(first).reduce((sum, x) => sum + x * x, 0))

test.each([
  ['no limit', 0],
  // Adam forgets the length of a first step: from the second on it counts which steps were clipped, and how much
  ['a limit that some steps pass', norm * 0.8],
  ['a limit that all steps pass', norm / 50],
])('%s', async (_, clipNorm) => {
  const expected = expectedOf(clipNorm)
  for (const steps of ['one by one', 'together'] as const) {
    const trainer = await tinyTrainer('tiny-neox', shape, { optimizer: { ...optimizer, clipNorm } })
    let state = initialState(start)
    const found: { losses: number[]; gradNorms: number[] }[] = []
    const parts = steps === 'together' ? [rates] : rates.map(rate => [rate])
    for (const part of parts) {
      const stretch = await trainer.advance(
        state,
        part.map(() => batches),
        part,
      )
      state = stretch.state
      found.push({ losses: [...stretch.losses], gradNorms: [...stretch.gradNorms] })
    }
    await trainer.release()
    found
      .flatMap(({ losses }) => losses)
      .forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k]?.loss ?? Number.NaN, 4)
      })
    found
      .flatMap(({ gradNorms }) => gradNorms)
      .forEach((value, k) => {
        expect(value / (expected[k]?.norm ?? Number.NaN)).toBeCloseTo(1, 4)
      })
    const last = expected.at(-1)
    const found64 = { prompt: state.parameters, m: state.m, v: state.v }
    for (const part of ['prompt', 'm', 'v'] as const) {
      const own = Float64Array.from(found64[part].get('embedding')?.data ?? [])
      expect(own.length).toBe(64)
      const from = part === 'prompt' ? first : first.map(() => 0)
      expect([part, apart(last?.[part] ?? from, own, from)]).toEqual([
        part,
        expect.toSatisfy(isSmall),
      ])
    }
  }
})

test('clipping changes these steps: what is compared above tells them apart', () => {
  const [free, some, all] = [0, norm * 0.8, norm / 50].map(
    limit => expectedOf(limit).at(-1)?.m ?? first,
  ) as [Float64Array, Float64Array, Float64Array]
  const zero = first.map(() => 0)
  expect(apart(free, some, zero)).toBeGreaterThan(0.05)
  expect(apart(some, all, zero)).toBeGreaterThan(0.05)
})
