// Bring your own behaviour, measured: does the prompted model write the completion, and does it prefer it to others?

import { type BehaviourMeasures, sharesOf, type UnitSums, unitSums } from '../../sample/measured'
import type { Job } from '../../train/job'
import type { RunSampler } from '../../train/run-sampler'
import type { EvaluationPrompt } from '../behaviour'
import { stopIdsOf } from './labels'
import { type CustomOutcome, outcomeOf, type Question } from './outcome'

export const customTags = {
  exact: 'Exact match',
  prefix: 'Prefix match',
  choice: 'Multiple choice accuracy',
  choicePerToken: 'Multiple choice accuracy per token',
  choicePerByte: 'Multiple choice accuracy per byte',
  chance: 'Multiple choice chance level',
  logProb: 'Completion log-probability',
} as const

interface Answered {
  readonly prompt: Question
  readonly outcome: CustomOutcome
  /** of all pairs, done */
  readonly fraction: number
}

/** Outcomes pair by pair; the caller may stop between two. */
export async function* customOutcomes(job: Job, runSampler: RunSampler): AsyncGenerator<Answered> {
  const { metricSamples } = job.prepared.spec.results
  const all = await job.prepared.data.evaluationPrompts()
  // texts have no completion; one that was cut cannot be matched
  const questions = all.flatMap(p => (p.target === undefined ? [] : [{ ...p, target: p.target }]))
  const used = questions.slice(0, metricSamples)
  const answering = {
    ...{ sampler: runSampler.sampler, tokenizer: job.prepared.tokenizer },
    stops: stopIdsOf(job.prepared),
    prompted: async (prompt: EvaluationPrompt) => (await runSampler.lanes(prompt)).prompted,
  }
  for (const [i, prompt] of used.entries())
    yield {
      prompt,
      outcome: await outcomeOf(answering, prompt),
      fraction: (i + 1) / used.length,
    }
}

export function customMeasured(outcomes: readonly CustomOutcome[]): BehaviourMeasures {
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
