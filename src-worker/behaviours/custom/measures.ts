// Bring your own behaviour, measured: does the prompted model write what is asked, and does it prefer it to others?

import { Fault } from '../../contract/fault'
import { continuationText } from '../../sample/continuation'
import { generate } from '../../sample/generate'
import { type BehaviourMeasures, sharesOf, unitSums } from '../../sample/measured'
import { addedUp, ordinalsOf, type UnitSums } from '../../shared/unit-sums'
import type { EvaluationPrompt } from '../../stream/source'
import type { Measuring, Subject } from '../behaviour'
import type { Answered } from './judge'
import { stopIdsOf } from './labels'
import { type CustomOutcome, outcomeOf, slack } from './outcome'
import { customScorer, customTags, readsText, ruleOf, type Score, scored } from './scorers'

/** A held-out record as far as it was measured; a completion that was cut is compared with nothing. */
interface RecordMeasured {
  readonly id: string
  /** ordinal of the held-out unit: records that share a prompt are one */
  readonly unit: number
  readonly outcome: CustomOutcome | undefined
  readonly written?: string
  readonly score?: Score
}

function customMeasured(all: readonly RecordMeasured[], tag: string): BehaviourMeasures {
  const units = new Set(all.map(({ unit }) => unit)).size
  const by = (of: (outcome: CustomOutcome) => number): UnitSums =>
    unitSums(
      units,
      all.map(({ outcome, unit }) => [unit, outcome === undefined ? Number.NaN : of(outcome)]),
    )
  const own = all.every(({ score }) => score === undefined)
    ? {}
    : {
        [tag]: addedUp(
          units,
          all.map(({ unit, score }) => ({ unit, sum: 0, count: 0, ...score })),
        ),
      }
  const shares = {
    [customTags.exact]: by(o => Number(o.exact)),
    [customTags.prefix]: by(o => o.prefix),
    [customTags.logProb]: by(o => o.logProb),
    [customTags.choice]: by(o => Number(o.choice?.total ?? Number.NaN)),
    [customTags.choicePerToken]: by(o => Number(o.choice?.perToken ?? Number.NaN)),
    [customTags.choicePerByte]: by(o => Number(o.choice?.perByte ?? Number.NaN)),
    [customTags.chance]: by(o => o.choice?.chance ?? Number.NaN),
    ...own,
  }
  const details = all.map(({ outcome, id, unit: _, ...rest }) => ({ id, ...outcome, ...rest }))
  return { scalars: sharesOf(shares), shares, details }
}

/** Prompts that are continued at once. */
const lanesAtOnce = 8

/** Greedy answers up to the first token that ends one; as long as the results of a run, and as what is expected. */
async function writtenFor(
  subject: Subject,
  prompts: readonly EvaluationPrompt[],
): Promise<Answered[]> {
  const { sampler, tokenizer, spec } = subject
  const asked = await Promise.all(prompts.map(async p => (await subject.lanes(p)).prompted))
  const most = prompts.map(({ target }) =>
    Math.max(
      spec.results.maxTokens,
      target === undefined ? 0 : target.length + slack(target.length),
    ),
  )
  const greedy = { temperature: 0, topP: 1, topK: 1, minP: 0, repetitionPenalty: 1, seed: 0 }
  const ids: number[][] = prompts.map(() => [])
  const stopIds = [...stopIdsOf(subject)]
  // the length of an answer is its own: not that of the longest beside it
  for await (const step of generate(sampler, asked, {
    ...{ ...greedy, stopIds },
    maxTokens: Math.max(...most),
  }))
    for (const { lane, token, done } of step)
      if (done !== 'end' && ids[lane]!.length < most[lane]!) ids[lane]!.push(token)
  return Promise.all(
    prompts.map(async ({ id, text, tokenIds, expected = '' }, i) => ({
      ...{ id, prompt: text, expected },
      written: await continuationText(tokenizer, tokenIds, ids[i]!),
    })),
  )
}

async function* answersTo(
  subject: Subject,
  prompts: readonly EvaluationPrompt[],
): AsyncGenerator<number, Answered[]> {
  const all: Answered[] = []
  for (let from = 0; from < prompts.length; from += lanesAtOnce) {
    all.push(...(await writtenFor(subject, prompts.slice(from, from + lanesAtOnce))))
    yield all.length / prompts.length
  }
  return all
}

async function* outcomesOf(
  subject: Subject,
  prompts: readonly EvaluationPrompt[],
): AsyncGenerator<number, (CustomOutcome | undefined)[]> {
  const answering = {
    ...{ sampler: subject.sampler, tokenizer: subject.tokenizer },
    stops: stopIdsOf(subject),
    prompted: async (prompt: EvaluationPrompt) => (await subject.lanes(prompt)).prompted,
  }
  const outcomes: (CustomOutcome | undefined)[] = []
  for (const question of prompts) {
    const { target } = question
    outcomes.push(
      target === undefined ? undefined : await outcomeOf(answering, { ...question, target }),
    )
    yield outcomes.length / prompts.length
  }
  return outcomes
}

/** Values of a generator as shares of a measure's work. */
async function* within<T>(
  work: AsyncGenerator<number, T>,
  from: number,
  to: number,
): AsyncGenerator<{ readonly doing: string; readonly fraction: number }, T> {
  let step = await work.next()
  while (step.done !== true) {
    yield { doing: 'answering held-out pairs', fraction: from + (to - from) * step.value }
    step = await work.next()
  }
  return step.value
}

/** Held-out pairs; texts have no completion. Faults: those of a scorer; bad-data (nothing to choose from). */
export async function* measureCustom(subject: Subject): Measuring {
  const scorer = customScorer(subject.spec.experiment)
  const { needsWhole, tag } = ruleOf(scorer)
  const all = await subject.evaluationPrompts()
  const answerable = all.filter(
    ({ expected, target }) => expected !== undefined && (!needsWhole || target !== undefined),
  )
  const used = answerable.slice(0, subject.spec.results.metricSamples)
  if (used.length === 0) return undefined
  if (scorer.kind === 'choice' && used.every(({ choice }) => choice === undefined))
    throw new Fault(
      'bad-data',
      `none of ${used.length} held-out records has alternatives to choose from`,
      'Name the field of the wrong answers, or take another scorer.',
    )
  const half = readsText(scorer) ? 0.5 : 1
  const outcomes = yield* within(outcomesOf(subject, used), 0, half)
  let written: Answered[] = []
  let scores: Score[] = []
  if (readsText(scorer)) {
    written = yield* within(answersTo(subject, used), half, 1)
    scores = await scored(scorer, written)
  }
  const units = ordinalsOf(used.map(({ key, id }) => key ?? id))
  const measured = used.map(({ id }, i): RecordMeasured => {
    const [answer, score] = [written[i], scores[i]]
    const own = answer && score ? { written: answer.written, score } : {}
    return { id, unit: units[i] ?? 0, outcome: outcomes[i], ...own }
  })
  const records = used.map(({ text, expected = '' }) => [text, expected])
  return { ...customMeasured(measured, tag), records }
}
