// AdamW against torch's formula in float64, schedules as tables.
import { expect, test } from 'vitest'
import { float32 } from '../../src-worker/graph/tensor'
import { corrections } from '../../src-worker/optimizer/adamw'
import { learningRates } from '../../src-worker/optimizer/schedule'
import { plain } from '../../src-worker/program/built'
import { updateDims, updateProgram } from '../../src-worker/program/update'
import { ortRuntime } from '../../src-worker/session/ort'
import { rng } from '../../src-worker/stream/rng'

const adam = { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 }

/** torch.optim.AdamW, one number. */
function torchStep(p: number, m: number, v: number, g: number, lr: number, t: number) {
  const decayed = p * (1 - lr * adam.weightDecay)
  const m1 = m + (1 - adam.beta1) * (g - m)
  const v1 = adam.beta2 * v + (1 - adam.beta2) * g * g
  const denominator = Math.sqrt(v1) / Math.sqrt(1 - adam.beta2 ** t) + adam.eps
  return { p: decayed - ((lr / (1 - adam.beta1 ** t)) * m1) / denominator, m: m1, v: v1 }
}

test.each([
  { tokens: 2, width: 3, name: 'small' },
  { tokens: 1500, width: 700, name: 'large, in slices' },
])('AdamW as torch computes it: $name', async ({ tokens, width }) => {
  const program = plain(updateProgram({ type: 'direct', tokens, width }, { adam, clipNorm: 0 }))
  const session = await ortRuntime({ threads: 1 }).open(program.bytes, undefined)
  const n = tokens * width
  const random = rng(1, 'adam')
  const draw = () => Float32Array.from({ length: n }, () => random.normal())
  let p = draw()
  let m = new Float32Array(n)
  let v = new Float32Array(n)
  const expected = Array.from(p, x => ({ p: x, m: 0, v: 0 }))
  const dims = updateDims([tokens, width])
  for (let t = 1; t <= 3; t++) {
    const g = draw()
    const [c1, c2] = corrections(adam, t)
    const scalar = (x: number) => float32([], Float32Array.of(x))
    const result = await session.run({
      'p.embedding': float32(dims, p),
      'm.embedding': float32(dims, m),
      'v.embedding': float32(dims, v),
      'g.embedding': float32(dims, g),
      rate: scalar(0.01),
      correction1: scalar(c1),
      correction2: scalar(c2),
    })
    const next = (part: string) => result[`${part}.embedding'`]!.data as Float32Array<ArrayBuffer>
    p = next('p')
    m = next('m')
    v = next('v')
    for (let i = 0; i < n; i++)
      expected[i] = torchStep(expected[i]!.p, expected[i]!.m, expected[i]!.v, g[i]!, 0.01, t)
  }
  let worst = 0
  for (let i = 0; i < n; i++) worst = Math.max(worst, Math.abs(p[i]! - expected[i]!.p))
  expect(worst).toBeLessThan(2e-6)
  await session.release()
})

const rate = { learningRate: 0.1, schedule: 'constant' as const, warmupSteps: 0 }
test.each([
  ['constant', rate, 0, 3, 10, [0.1, 0.1, 0.1]],
  ['warm-up', { ...rate, warmupSteps: 4 }, 0, 6, 10, [0.025, 0.05, 0.075, 0.1, 0.1, 0.1]],
  [
    'cosine',
    { ...rate, schedule: 'cosine' as const },
    0,
    5,
    4,
    [0.1, 0.0853553, 0.05, 0.0146447, 0],
  ],
  ['the middle of a run', { ...rate, schedule: 'cosine' as const }, 2, 1, 4, [0.05]],
])('schedule: %s', (_, options, done, count, total, expected) => {
  const found = learningRates(options, done, count, total)
  expect(found.length).toBe(expected.length)
  for (const [i, x] of expected.entries()) expect(found[i]).toBeCloseTo(x, 6)
})
