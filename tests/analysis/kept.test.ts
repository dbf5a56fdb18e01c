// What an analysis keeps from one question to the next changes no answer: asked in the other order, all are the same.
import { expect, test } from 'vitest'
import { concludeAnalysis, prepareAnalysis } from '../../src-worker/analysis/analyse'
import type { AnalysisOptionsInput } from '../../src-worker/contract/analysis'
import { sweep } from './fixtures'

const draws = 200
const of = (model: string, losses: Readonly<Record<number, number>>, noise: number) =>
  sweep({ over: { model }, none: 4, startToken: 3.9, losses, noise, seeds: 3 })
const runs = [
  ...of('org/near', { 1: 3, 4: 2.2, 16: 2, 64: 1.99 }, 0.02),
  // of one length its own gap says nothing, the best of its behaviour does
  ...sweep({ over: { experiment: 'repetition' }, none: 4, losses: { 4: 2.5 }, seeds: 3 }),
  ...of('org/far', { 1: 3.8, 4: 3.1, 16: 2.4, 64: 2.3 }, 0.3),
]

const thresholds: readonly AnalysisOptionsInput[] = (['curve', 'behaviour'] as const).flatMap(
  by => [
    { threshold: { kind: 'share', share: 0.9, of: by } },
    { threshold: { kind: 'share', share: 0.5, of: by } },
  ],
)
const values: readonly AnalysisOptionsInput[] = [
  { threshold: { kind: 'absolute', value: 2.5, unit: 'nats' } },
  { threshold: { kind: 'absolute', value: 2.5, unit: 'bits' } },
]
const units = ['nats', 'bits', 'perplexity'] as const
const questions = [...thresholds, ...values].flatMap(one =>
  units.map(unit => ({ ...one, unit, draws })),
)

/** One answer a question, of curves that were not read before, in this order. */
function answers(order: readonly AnalysisOptionsInput[]): Map<unknown, string> {
  const prepared = prepareAnalysis(runs, { draws, includePublished: false })
  return new Map(order.map(one => [one, JSON.stringify(concludeAnalysis(prepared, one))]))
}

test('the order of the questions changes no answer', () => {
  const forth = answers(questions)
  const back = answers([...questions].reverse())
  for (const question of questions) expect(back.get(question)).toBe(forth.get(question))
  expect(new Set(forth.values()).size).toBe(questions.length)
})
