// Curves of other shapes and other noise, written while a pilot that cut to a third was being tried. The early end at a narrow range
// and the pilot's rounds of today came after they had been seen, so they are no untouched test. Measured by bench/answer.ts.
import type { World } from './worlds'

/** 1 at its best, 3 at its worst. */
const logistic = (n: number, middle: number, slope: number): number =>
  1 + 2 / (1 + (n / middle) ** slope)

export const fresh: readonly World[] = [
  { name: 'steep', truth: n => logistic(n, 24, 5), target: 2, noise: 0.1, none: 3 },
  { name: 'shallow', truth: n => logistic(n, 10, 0.7), target: 2, noise: 0.04, none: 3 },
  {
    ...{ name: 'hinge', target: 1.8, noise: 0.05, none: 3.3 },
    truth: n => Math.max(1, 3 - (2 * Math.log(n)) / Math.log(16)),
  },
  {
    ...{ name: 'late hinge', target: 2, noise: 0.05, none: 3.1 },
    truth: n => Math.min(3, Math.max(1, 3 - (n - 20) / 20)),
  },
  {
    ...{ name: 'two steps', target: 1.5, noise: 0.1, none: 3.2 },
    truth: n => (n < 3 ? 3 : n < 30 ? 2.4 : 1.2),
  },
  { name: 'logarithm', truth: n => 3 - 0.4 * Math.log(n), target: 1.7, noise: 0.03, none: 3.4 },
  { name: 'exponential', truth: n => 1 + 2 * Math.exp(-n / 10), target: 1.5, noise: 0.2, none: 3 },
  { name: 'early', truth: n => 1 + 3 * Math.exp(-n), target: 1.3, noise: 0.02, none: 4 },
  {
    ...{ name: 'noise grows', target: 1.9, none: 3.1 },
    ...{ truth: n => logistic(n, 12, 1.5), noise: n => 0.01 * Math.sqrt(n) },
  },
  {
    ...{ name: 'noise shrinks', target: 1.9, none: 3.1 },
    ...{ truth: n => logistic(n, 12, 1.5), noise: n => 0.1 / Math.sqrt(n) },
  },
]
