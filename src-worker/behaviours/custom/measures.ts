// Bring your own behaviour, measured: does the prompted model write the completion, and does it prefer it to others?

import { type BehaviourMeasures, sharesOf, type UnitSums, unitSums } from '../../sample/measured'
import type { EvaluationPrompt } from '../../stream/source'
import type { Measuring, Subject } from '../behaviour'
import { stopIdsOf } from './labels'
import { type CustomOutcome, outcomeOf } from './outcome'

export const customTags = {
  exact: 'Exact match',
  prefix: 'Prefix match',
  choice: 'Multiple choice accuracy',
  choicePerToken: 'Multiple choice accuracy per token',
  choicePerByte: 'Multiple choice accuracy per byte',
  chance: 'Multiple choice chance level',
  logProb: 'Completion log-probability',
} as const

function customMeasured(outcomes: readonly CustomOutcome[]): BehaviourMeasures {
  const by = (of: (outcome: CustomOutcome) => number): UnitSums =>
    unitSums(
      outcomes.length,
      outcomes.map((outcome, pair) => [pair, of(outcome)]),
    )
  const shares = {
    [customTags.exact]: by(o => Number(o.exact)),
    [customTags.prefix]: by(o => o.prefix),
    [customTags.logProb]: by(o => o.logProb),
    [customTags.choice]: by(o => Number(o.choice?.total ?? Number.NaN)),
    [customTags.choicePerToken]: by(o => Number(o.choice?.perToken ?? Number.NaN)),
    [customTags.choicePerByte]: by(o => Number(o.choice?.perByte ?? Number.NaN)),
    [customTags.chance]: by(o => o.choice?.chance ?? Number.NaN),
  }
  return { scalars: sharesOf(shares), shares, details: outcomes }
}

/** Held-out pairs, one after the other. */
export async function* measureCustom(subject: Subject): Measuring {
  const { metricSamples } = subject.spec.results
  const all = await subject.evaluationPrompts()
  // texts have no completion; one that was cut cannot be matched
  const questions = all.flatMap(p => (p.target === undefined ? [] : [{ ...p, target: p.target }]))
  const used = questions.slice(0, metricSamples)
  if (used.length === 0) return undefined
  const answering = {
    ...{ sampler: subject.sampler, tokenizer: subject.tokenizer },
    stops: stopIdsOf(subject),
    prompted: async (prompt: EvaluationPrompt) => (await subject.lanes(prompt)).prompted,
  }
  const outcomes: CustomOutcome[] = []
  for (const question of used) {
    outcomes.push(await outcomeOf(answering, question))
    yield { doing: 'answering held-out pairs', fraction: outcomes.length / used.length }
  }
  const records = used.map(({ text, expected = '' }) => [text, expected])
  return { ...customMeasured(outcomes), records }
}
