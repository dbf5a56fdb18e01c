// Worlds with a known truth that were written after the bracket was made of running means (30 November 2026); nothing was
// changed on seeing them. See worlds.ts.
import type { Rng } from '../../src-worker/stream/rng'
import { answered, answers } from './fresh-worlds'
import { dense, documents, seeds, uneven, type World } from './worlds'

export const last: readonly World[] = [
  {
    name: 'smooth: an arctangent of log tokens, uneven seeds',
    truth: n => 2 - 0.6 * Math.atan(Math.log(n / 7)),
    level: 1.9,
    tokens: [1, 2, 4, 8, 16, 32],
    sample: uneven([1, 2, 4, 2, 3, 1], () => 0.13),
  },
  {
    name: 'smooth: a fall by the third root, many lengths, three seeds',
    truth: n => 1 + 1.2 * n ** -0.33,
    level: 1.6,
    tokens: dense,
    sample: seeds(3, 0.12),
  },
  {
    name: 'stepped: one step right at a length, two seeds, much noise',
    truth: n => (n < 16 ? 2.12 : 1.88),
    level: 2,
    tokens: [1, 4, 8, 16, 32, 64],
    sample: seeds(2, 0.12),
  },
  {
    name: 'stepped: all lengths on one landing a little above the level',
    truth: n => (n < 200 ? 2.03 : 1),
    level: 2,
    tokens: [1, 4, 16, 64],
    sample: seeds(3, 0.1),
  },
  {
    name: 'bent: a hinge at 9 tokens, the longer lengths on the level',
    truth: n => Math.max(2, 2.9 - 0.4095 * Math.log(n)),
    level: 2,
    tokens: [1, 3, 9, 27, 81],
    sample: seeds(3, 0.15),
  },
  {
    name: 'noise of short prompts four times that of long ones, uneven seeds',
    truth: n => 1.7 + 0.8 / Math.sqrt(n),
    level: 2,
    tokens: [1, 2, 4, 8, 16, 32],
    sample: uneven([3, 2, 2, 3, 2, 2], n => (n < 6 ? 0.2 : 0.05)),
  },
  {
    name: 'two seeds at the ends of the bracket, one elsewhere, as a search leaves it',
    truth: n => 1 + 2 / (1 + (n / 10) ** 1.3),
    level: 1.95,
    tokens: [1, 4, 8, 11, 16],
    sample: uneven([1, 1, 3, 3, 1], () => 0.12),
  },
  {
    name: 'one seed on 200 documents, the level on a landing',
    truth: n => (n < 3 ? 2.3 : n < 20 ? 2.001 : 1.9),
    level: 2,
    tokens: [1, 2, 4, 8, 16, 32],
    sample: documents(200, 0.5),
  },
  {
    name: 'three seeds on 30 documents, as much noise from either',
    truth: n => 2.5 - 0.15 * Math.log(n),
    level: 2.2,
    tokens: [1, 3, 6, 12, 24, 48],
    sample: documents(30, 0.35, 3, 0.1),
  },
  {
    name: 'a share of 32 yes or no with the target on a landing, two seeds',
    truth: n => (n < 4 ? -0.1 : n < 30 ? -0.5 : -0.8),
    level: -0.5,
    tokens: [1, 4, 8, 16, 32],
    sample: answers(32, 2, 0.04),
  },
  {
    name: 'a share of 12 yes or no that no seed repeats, three seeds',
    truth: n => -0.85 / (1 + (n / 6) ** -1.4),
    level: -0.5,
    tokens: [1, 2, 4, 8, 16, 32],
    sample: answers(12, 3, 0.05, 0),
  },
  {
    name: 'a share of 10 yes or no that all seeds repeat, two seeds',
    truth: n => -0.9 / (1 + (n / 12) ** -1.2),
    level: -0.5,
    tokens: [1, 4, 16, 64],
    sample: answers(10, 2, 0.02, 1),
  },
]

/** Of a gamma distribution (Marsaglia & Tsang 2000). */
function gamma(shape: number, random: Rng): number {
  if (shape < 1) return gamma(shape + 1, random) * random.uniform() ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const z = random.normal()
    const v = (1 + z / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(random.uniform()) < z * z * 0.5 + d - d * v + d * Math.log(v))
      return d * v
  }
}

/** A share of yes or no on n units, of which each seed has its own: beta-distributed, with variance r·p(1−p). */
const dispersed =
  (n: number, counts: readonly number[], r: number): World['sample'] =>
  (random, costs) =>
    costs.map((cost, i) => ({
      ...{ kind: 'trained' as const, isShare: true },
      seeds: Array.from({ length: counts[i] ?? 1 }, () => {
        const [a, b] = [gamma(-cost * (1 / r - 1), random), gamma((1 + cost) * (1 / r - 1), random)]
        return answered(Array.from({ length: n }, () => random.uniform() < a / (a + b)))
      }),
    }))

/** A share of yes or no on n units. A seed has part w of its share by luck: so many have all of that part, the others none. */
const lucky =
  (n: number, counts: readonly number[], w: number): World['sample'] =>
  (random, costs) => {
    const difficulty = Array.from({ length: n }, () => random.uniform())
    return costs.map((cost, i) => ({
      ...{ kind: 'trained' as const, isShare: true },
      seeds: Array.from({ length: counts[i] ?? 1 }, () => {
        const share = (1 - w) * -cost + w * Number(random.uniform() < -cost)
        return answered(
          difficulty.map(d => (random.uniform() < 0.5 ? d : random.uniform()) < share),
        )
      }),
    }))
  }

/** Written after the noise of seeds was put in proportion to √(p(1−p)) of a share; nothing was changed on seeing them. */
export const luckyShares: readonly World[] = [
  {
    name: 'a share of 48 yes or no that differs with the seed by a tenth, two seeds',
    truth: n => -0.94 / (1 + (n / 10) ** -1.2),
    level: -0.5,
    tokens: [1, 2, 4, 8, 16, 32, 64],
    sample: dispersed(48, [2, 2, 2, 2, 2, 2, 2], 0.1),
  },
  {
    name: 'a share of 40 yes or no that differs by a tenth, as a search leaves it',
    truth: n => -0.96 / (1 + (n / 30) ** -2),
    level: -0.5,
    tokens: [4, 16, 32, 45, 64],
    sample: dispersed(40, [1, 1, 2, 2, 1], 0.1),
  },
  {
    name: 'a share of 60 yes or no in two steps that differs by a fifth, three seeds',
    truth: n => (n < 3 ? -0.05 : n < 12 ? -0.35 : -0.75),
    level: -0.5,
    tokens: [1, 4, 16, 64],
    sample: dispersed(60, [3, 3, 3, 3], 0.2),
  },
  {
    name: 'a share of 40 yes or no that never comes to the target, two and one seeds',
    truth: n => -0.02 - 0.05 * Math.log2(n),
    level: -0.5,
    tokens: [1, 4, 16, 64],
    sample: dispersed(40, [2, 1, 2, 2], 0.05),
  },
  {
    name: 'a share of 40 yes or no, a quarter of its seeds’ spread is luck, two seeds',
    truth: n => -0.95 / (1 + (n / 11) ** -1.3),
    level: -0.5,
    tokens: [1, 2, 4, 8, 16, 32, 64],
    sample: lucky(40, [2, 2, 2, 2, 2, 2, 2], 0.25),
  },
  {
    name: 'a share of 40 yes or no, half luck, one seed at the ends and two between',
    truth: n => -0.97 / (1 + (n / 9) ** -1.6),
    level: -0.5,
    tokens: [1, 4, 8, 16, 64],
    least: 0.88,
    sample: lucky(40, [1, 2, 2, 2, 1], 0.5),
  },
  {
    name: 'a share of 64 yes or no in one step, half luck, three seeds',
    truth: n => (n < 10 ? -0.25 : -0.7),
    level: -0.5,
    tokens: [1, 2, 4, 8, 16, 32],
    sample: lucky(64, [3, 3, 3, 3, 3, 3], 0.5),
  },
  {
    name: 'a share of 32 yes or no, seeds that train or do not, three seeds',
    truth: n => -0.9 / (1 + (n / 6) ** -1),
    level: -0.5,
    tokens: [1, 4, 16, 64],
    least: 0.88,
    sample: lucky(32, [3, 3, 3, 3], 0.9),
  },
  {
    name: 'a share of 100 yes or no, as much noise at every length, two seeds',
    truth: n => -0.15 - 0.7 / (1 + (n / 8) ** -1.2),
    level: -0.5,
    tokens: [1, 3, 9, 27],
    sample: answers(100, 2, 0.1),
  },
]

/** Noise in proportion to length or its root, with several seeds at fewer than four lengths: what a search leaves. Written to measure it. */
export const fewGrowing: readonly World[] = [
  {
    name: 'a slow fall, noise in proportion to length, two seeds at two lengths',
    truth: n => 2.6 - 0.1 * Math.log2(n),
    level: 2.15,
    tokens: [1, 4, 16, 64],
    least: 0.9,
    sample: uneven([1, 2, 2, 1], n => 0.004 * n),
  },
  {
    name: 'logistic, noise in proportion to length, two and three seeds at short ones',
    truth: n => 1 + 2 / (1 + (n / 9) ** 0.8),
    level: 1.5,
    tokens: [1, 4, 16, 64],
    least: 0.9,
    sample: uneven([2, 3, 1, 1], n => 0.006 * n),
  },
  {
    name: 'never, by little, noise in proportion to √n, two seeds at three lengths',
    truth: n => 2.03 + 1 / n,
    level: 2,
    tokens: [1, 4, 16, 64],
    sample: uneven([2, 2, 2, 1], n => 0.01 * Math.sqrt(n)),
  },
]
