// Worlds with a known truth that were written after the bracket was made of running means (30 November 2026); nothing was
// changed on seeing them. See worlds.ts.
import { answers } from './fresh-worlds'
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
