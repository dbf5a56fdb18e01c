// Worlds with a known truth that came after the method: see worlds.ts.
import type { SampledRun } from '../../src-worker/analysis/seed-noise'
import { dense, documents, seeds, uneven, type World } from './worlds'

/** One seed's answers to the same units, as costs: −1 is right. */
export const answered = (right: readonly boolean[]): SampledRun => {
  const sums = right.map(is => -Number(is))
  const value = sums.reduce((a, b) => a + b, 0) / sums.length
  const counts = sums.map(() => 1)
  return { value, heldOut: { unit: 'document', set: 'same', sums, counts } }
}

/** A share of yes or no on n units, as a cost; of each unit a part of its luck is the same for all lengths and seeds. */
export const answers =
  (n: number, count: number, seedNoise: number, common = 0.6): World['sample'] =>
  (random, costs) => {
    const luck = Array.from({ length: n }, () => random.uniform())
    return costs.map(cost => ({
      ...{ kind: 'trained' as const, isShare: true },
      seeds: Array.from({ length: count }, () => {
        const share = Math.min(1, Math.max(0, -cost + seedNoise * random.normal()))
        return answered(luck.map(u => (random.uniform() < common ? u : random.uniform()) < share))
      }),
    }))
  }

/** Written when the method had long been fixed, by another than who chose it: nothing was changed on seeing them. */
export const fresh: readonly World[] = [
  {
    name: 'three smooth slopes, odd lengths',
    truth: n => 1.4 + 1.1 * Math.exp(-(Math.log(n) ** 2) / 6) + 0.4 / Math.sqrt(n),
    level: 1.93,
    tokens: [1, 3, 5, 10, 24, 50],
    sample: uneven([2, 3, 5, 2, 3, 4], () => 0.12),
  },
  {
    name: 'a step right behind a length, noise grows with length',
    truth: n => (n < 8.2 ? 2.4 : 1.6),
    level: 2,
    tokens: [2, 8, 9, 32, 128],
    sample: uneven([3, 2, 2, 4, 3], n => 0.05 + 0.03 * Math.log2(n)),
  },
  {
    name: 'bent: flat just above the level to 12 tokens, then falling',
    truth: n => (n < 12 ? 2.06 - 0.005 * n : 2 - 0.25 * Math.log(n / 12)),
    level: 1.95,
    tokens: [1, 2, 5, 12, 20, 45],
    sample: uneven([4, 1, 3, 2, 5, 1], () => 0.09),
  },
  {
    name: 'logistic, noise in proportion to √n, many lengths',
    truth: n => 1 + 1.5 / (1 + (n / 11) ** 1.2),
    level: 1.75,
    tokens: dense,
    sample: uneven([3, 3, 2, 2, 4, 2, 3, 2, 2, 3, 2], n => 0.03 * Math.sqrt(n)),
  },
  {
    name: 'stairs, the level beyond the lengths measured',
    truth: n => 3 - 0.35 * Math.floor(Math.log2(n) / 1.7),
    level: 2.1,
    tokens: [1, 2, 3, 5, 7, 11, 17, 26],
    sample: uneven([2, 3, 2, 3, 2, 3, 2, 3], n => 0.1 + 0.01 * n),
  },
  {
    name: 'bent: a long tail that hardly falls, two seeds on 100 documents',
    truth: n => 1.9 + 0.9 * Math.exp(-n / 3) - 0.01 * Math.log2(n),
    level: 1.87,
    tokens: [1, 4, 8, 12, 24, 64],
    sample: documents(100, 0.4, 2, 0.05),
  },
]

/** Noise in proportion to length or to its root. Pooled over all lengths it held 83 to 91 %: the trend of seed-trend.ts came of them. */
export const growing: readonly World[] = [
  {
    name: 'slow fall, noise in proportion to length, two seeds',
    truth: n => 2.6 - 0.1 * Math.log2(n),
    level: 2.05,
    tokens: [1, 4, 16, 64],
    sample: uneven([2, 2, 2, 2], n => 0.004 * n),
  },
  {
    name: 'slow fall, noise in proportion to length, three seeds',
    truth: n => 2.6 - 0.1 * Math.log2(n),
    level: 2.05,
    tokens: [1, 4, 16, 64],
    sample: uneven([3, 3, 3, 3], n => 0.004 * n),
  },
  {
    name: 'a plateau right below the level, noise in proportion to √n',
    truth: n => (n < 6 ? 3 : 1.99),
    level: 2,
    tokens: [1, 2, 4, 8, 16, 32, 64],
    sample: uneven([2, 3, 2, 3, 2, 3, 2], n => 0.02 * Math.sqrt(n)),
  },
  {
    name: 'never, by little, noise in proportion to length, two seeds',
    truth: n => 2.02 + 1 / n,
    level: 2,
    tokens: [1, 4, 16, 64],
    sample: uneven([2, 2, 2, 2], n => 0.004 * n),
  },
]

/** Written on 30 November 2026, after the trend of noise (seed-trend.ts); nothing was changed on seeing them. */
export const latest: readonly World[] = [
  {
    name: 'smooth: the inverse of a logarithm, few seeds',
    truth: n => 1.2 + 1.4 / Math.log(n + 1.8),
    level: 1.85,
    tokens: [1, 3, 6, 12, 24, 48],
    sample: uneven([2, 2, 3, 2, 2, 3], () => 0.11),
  },
  {
    name: 'stepped: three stairs, the level in the middle of the second',
    truth: n => (n < 5 ? 2.8 : n < 18 ? 2.2 : n < 40 ? 1.8 : 1.7),
    level: 2,
    tokens: [1, 4, 8, 16, 32, 64],
    sample: uneven([3, 3, 3, 3, 3, 3], () => 0.14),
  },
  {
    name: 'bent: a cosine down to 20 tokens, then flat right below the level',
    truth: n => (n < 20 ? 2.1 + 0.6 * Math.cos((Math.PI * Math.log(n)) / Math.log(20)) : 1.5),
    level: 1.53,
    tokens: [1, 2, 5, 10, 20, 40, 80],
    sample: uneven([2, 3, 2, 4, 2, 3, 2], () => 0.1),
  },
  {
    name: 'noisy: a fall by the fifth root, two seeds on 50 documents, noise as large as the fall',
    truth: n => 1.6 + 0.5 * n ** -0.2,
    level: 1.88,
    tokens: [1, 2, 4, 9, 18, 36],
    sample: documents(50, 0.5, 2, 0.12),
  },
]

/** Written the same day, after moment selection and the wider prior of the trend; nothing was changed on seeing them. */
export const newest: readonly World[] = [
  {
    name: 'smooth: two powers, two seeds, much noise',
    truth: n => 1 + 0.7 * n ** -0.3 + 0.5 / n,
    level: 1.42,
    tokens: [1, 2, 5, 11, 23, 47],
    sample: seeds(2, 0.1),
  },
  {
    name: 'stepped: a landing half an error above the level, then below, two seeds',
    truth: n => (n < 3 ? 2.5 : n < 20 ? 2.035 : 1.8),
    level: 2,
    tokens: [1, 2, 4, 8, 16, 32, 64],
    sample: seeds(2, 0.1),
  },
  {
    name: 'bent: a hinge on log tokens, flat right below the level, three seeds',
    truth: n => Math.max(1.97, 2.8 - 0.35 * Math.log(n)),
    level: 1.985,
    tokens: [1, 3, 8, 14, 30, 60],
    sample: seeds(3, 0.08),
  },
  {
    name: 'noise that shrinks by the root of length, two seeds',
    truth: n => 1.5 + 0.9 / (1 + n / 6),
    level: 1.85,
    tokens: [1, 4, 8, 16, 32],
    sample: uneven([2, 2, 2, 2, 2], n => 0.3 / Math.sqrt(n)),
  },
  {
    name: 'stairs, noise grows by length to the 0.75, two and three seeds',
    truth: n => (n < 6 ? 2.4 : n < 50 ? 2.1 : 1.95),
    level: 2,
    tokens: [1, 4, 16, 64, 128],
    sample: uneven([2, 3, 2, 3, 2], n => 0.006 * n ** 0.75),
  },
  {
    name: 'a share of 24 yes or no, two seeds',
    truth: n => -0.9 / (1 + (n / 9) ** -1.1),
    level: -0.5,
    tokens: [1, 2, 4, 8, 16, 32],
    sample: answers(24, 2, 0.03),
  },
  {
    name: 'a share of 6 yes or no, three seeds',
    truth: n => (n < 7 ? -0.08 : -0.86),
    level: -0.5,
    tokens: [1, 4, 16, 64],
    sample: answers(6, 3, 0.02),
  },
]
