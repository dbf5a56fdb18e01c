// Bring your own behaviour, measured: does the prompted model write the completion, and does it prefer it to others?

import { generate, type Sequence } from '../../sample/generate'
import { type BehaviourMeasures, sharesOf, type UnitSums, unitSums } from '../../sample/measured'
import { scoreContinuations } from '../../sample/score'
import type { Job } from '../../train/job'
import type { RunSampler } from '../../train/run-sampler'
import type { EvaluationPrompt } from '../behaviour'

export const customTags = {
  exact: 'Exact match',
  prefix: 'Prefix match',
  choice: 'Multiple choice accuracy',
  logProb: 'Completion log-probability',
} as const

export interface CustomOutcome {
  readonly id: string
  /** the greedy continuation begins with the whole completion, and (exact) ends there */
  readonly exact: boolean
  /** share of the completion's tokens before the first wrong one */
  readonly prefix: number
  /** nats */
  readonly logProb: number
  /** the completion is the most probable of the alternatives; null: none were given */
  readonly chosen: boolean | null
}

type Pair = EvaluationPrompt & { readonly expected: string }

/** What the model writes by itself, one token more than wanted, so that going on is seen. */
async function greedyTokens(
  job: Job,
  { sampler }: RunSampler,
  sequence: Sequence,
  wanted: number,
): Promise<number[]> {
  const { tokenizer, model } = job.prepared
  const end = tokenizer.eosTokenId
  const stopIds = [...model.config.eosTokenIds, ...(end === undefined ? [] : [end])]
  const greedy = { temperature: 0, topP: 1, topK: 1, minP: 0, repetitionPenalty: 1, seed: 0 }
  const written: number[] = []
  const options = { ...greedy, stopIds, maxTokens: wanted + 1 }
  for await (const [step] of generate(sampler, [sequence], options))
    if (step !== undefined && step.done !== 'end') written.push(step.token)
  return written
}

async function outcomeOf(job: Job, runSampler: RunSampler, prompt: Pair): Promise<CustomOutcome> {
  const { prompted } = await runSampler.lanes(prompt)
  const texts = [prompt.expected, ...(prompt.alternatives ?? [])]
  const tokens = await Promise.all(texts.map(text => continuationIds(job, prompt, text)))
  const target = tokens[0] ?? []
  const [own, ...others] = await scoreContinuations(runSampler.sampler, prompted, tokens)
  const written = await greedyTokens(job, runSampler, prompted, target.length)
  const wrong = target.findIndex((token, i) => written[i] !== token)
  const right = wrong < 0 ? target.length : wrong
  return {
    id: prompt.id,
    exact: right === target.length && written.length === target.length,
    prefix: target.length === 0 ? 1 : right / target.length,
    logProb: own?.logProb ?? Number.NaN,
    chosen: others.length === 0 ? null : others.every(o => o.logProb < (own?.logProb ?? 0)),
  }
}

/** Tokens of a text after the prompt, as the tokenizer writes both together. */
async function continuationIds(
  job: Job,
  prompt: EvaluationPrompt,
  text: string,
): Promise<number[]> {
  const { tokenizer } = job.prepared
  const joined = await tokenizer.encode(prompt.text + text)
  const { tokenIds } = prompt
  if (tokenIds.every((id, i) => joined[i] === id)) return joined.slice(tokenIds.length)
  return tokenizer.encode(text, { special: false })
}

interface Answered {
  readonly prompt: Pair
  readonly outcome: CustomOutcome
  /** of all pairs, done */
  readonly fraction: number
}

/** Outcomes pair by pair; the caller may stop between two. */
export async function* customOutcomes(job: Job, runSampler: RunSampler): AsyncGenerator<Answered> {
  const { metricSamples } = job.prepared.spec.results
  const all = await job.prepared.data.evaluationPrompts()
  const pairs = all.flatMap(p => (p.expected === undefined ? [] : [{ ...p, expected: p.expected }]))
  const used = pairs.slice(0, metricSamples)
  for (const [i, prompt] of used.entries())
    yield {
      prompt,
      outcome: await outcomeOf(job, runSampler, prompt),
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
    [customTags.choice]: by(o => (o.chosen === null ? Number.NaN : Number(o.chosen))),
  }
  return { scalars: sharesOf(shares), shares, details: outcomes }
}
