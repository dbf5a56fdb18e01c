// The call that finds the answer: run folders in, the next run out. It keeps nothing: the folders are the state.
import { analysedRun } from '../analysis/runs'
import { evidenceOf, type MeasuredTrial } from '../answer/evidence'
import { nextRun, stepsDone, stepsOf } from '../answer/next-run'
import { sameTrial } from '../answer/pilot'
import type { Decision, Evidence, Next, Question } from '../answer/question'
import { stepsLeft } from '../answer/steps-left'
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnswerRequest, AnswerStep } from '../contract/answer'
import { asFault, fromData } from '../contract/fault'
import type { RunSummary } from '../contract/run'
import type { RunSpecInput } from '../contract/run-spec'
import { controlData, type Making, quietly } from './answer-control'
import { curveRuns, notesOf, pairOf } from './answer-curve'
import { type Asked, askedOf } from './answer-question'
import { type Found, isAsked, isUsable, targetOf, trialOf } from './answer-trials'
import { controlSentence, elicitedOf, verdictOf } from './answer-verdict'
import type { Context } from './context'
import type { RunIndex } from './run-index'

/** Seeds at one length, at most. */
const seeds = 5

/** The spec of the run that was decided on. */
async function specOf(
  next: Next,
  { base, control, reference }: Asked,
  { textPrompt }: AnswerRequest,
  context: Context,
  making: Making,
): Promise<RunSpecInput> {
  const { kind, tokens, arm, seed } = next.trial
  const training = { ...base.training, steps: next.steps }
  if (kind === 'text') {
    const init = { kind: 'text', text: textPrompt }
    return { ...base, training, prompt: { type: 'direct', tokens, init } } as RunSpecInput
  }
  if (kind === 'reference' && reference?.kind === 'model') {
    const { model, prompt } = reference
    return { ...base, model, training, prompt: { type: prompt } } as RunSpecInput
  }
  if (arm === undefined) return { ...base, training, prompt: { type: kind } } as RunSpecInput
  const isControl = kind === 'control' && control.kind === 'data'
  const data = isControl ? await controlData(base, control, context, making) : base.data
  // text and snapshot have more to say than their kind
  const own = 'init' in base.prompt && base.prompt.init.kind === arm.init ? base.prompt.init : null
  return {
    ...base,
    data,
    seed,
    prompt: { ...base.prompt, tokens, init: own ?? { kind: arm.init } },
    optimizer: { ...base.optimizer, learningRate: arm.rate },
    training: next.isMeasured ? training : { ...training, finalTestBatches: 0 },
    results: next.isMeasured ? base.results : { ...base.results, prompts: 0, metricSamples: 0 },
  } as RunSpecInput
}

/** The runs of one answer, read. */
async function foundRuns(asked: Asked, index: RunIndex, known: ReadonlySet<string>) {
  const own = (await index.list()).filter(run => run.sweep === asked.sweep)
  // in the order in which they were made: it numbers them
  const summaries = own.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  const found = await Promise.all(
    summaries.map(async ({ folder }) => {
      const run = await analysedRun(folder, known)
      return { run, trial: trialOf(run, asked) }
    }),
  )
  return { summaries, found: found.filter(({ run }) => isAsked(run, asked)) }
}

function questionOf(
  request: AnswerRequest,
  { base, arms, reference, text, control }: Asked,
  target: number | null,
): Question {
  const isOther = reference?.kind === 'model' && reference.model !== base.model
  return {
    target,
    within: request.within,
    steps: base.training.steps,
    arms,
    reference: isOther ? reference.model : null,
    text: text?.tokens ?? null,
    seeds,
    control: control.kind === 'data' ? control.words : null,
    longest: request.longest,
    budget: Number.POSITIVE_INFINITY,
  }
}

interface Decided {
  readonly decision: Decision
  readonly question: Question
  readonly evidence: Evidence
  /** of the run that was decided on */
  readonly spec: RunSpecInput | undefined
  /** why there is no control; empty: there is one */
  readonly noControl: string
}

/** Data without anything to shuffle are no fault: the answer goes on without a control, and says so. */
async function decided(
  whole: Question,
  trials: readonly MeasuredTrial[],
  asked: Asked,
  specFor: (next: Next) => Promise<RunSpecInput>,
): Promise<Decided> {
  const { control } = asked
  const at = async (question: Question, noControl: string): Promise<Decided> => {
    const evidence = evidenceOf(question, trials)
    const decision = nextRun(question, evidence)
    const spec = decision.kind === 'run' ? await specFor(decision) : undefined
    return { decision, question, evidence, spec, noControl }
  }
  try {
    return await at(whole, control.kind === 'none' ? control.because : '')
  } catch (error) {
    const fault = asFault(error)
    if (fault.code !== 'bad-data' || whole.control === null) throw error
    return at({ ...whole, control: null }, fault.message)
  }
}

/** The decision as what is to be started; a run that failed is tried again, its cause may be fixed. Fault: it diverged. */
function nextStep(
  { decision, spec }: Decided,
  found: readonly Found[],
  summaries: readonly RunSummary[],
): AnswerStep['next'] {
  if (decision.kind === 'ended') return decision
  const same = found.find(({ trial }) => sameTrial(trial, decision.trial))
  const state = summaries.find(({ id }) => id === same?.run.id)?.state
  if (state?.kind === 'failed' && state.fault.code === 'diverged') throw fromData(state.fault)
  const { steps, reason } = decision
  return { kind: 'run', spec: spec ?? {}, resume: same?.run.id ?? null, steps, reason }
}

/** A budget that is spent ends it, whatever would be next. */
function withinBudget(
  { decision, ...rest }: Decided,
  seconds: number,
  { budgetSeconds }: AnswerRequest,
): Decided {
  if (decision.kind === 'ended' || budgetSeconds === null || seconds < budgetSeconds)
    return { decision, ...rest }
  const reason = `${Math.round(seconds)} of ${budgetSeconds} seconds are spent; next would be: ${decision.reason}`
  return { ...rest, decision: { kind: 'ended', because: 'budget', reason } }
}

/** Seconds of training, about, from those so far. */
function secondsLeft(
  { decision, question, evidence }: Decided,
  seconds: number,
  { budgetSeconds }: AnswerRequest,
): number | null {
  const { trials } = evidence
  const steps = stepsDone(trials)
  if (decision.kind === 'ended' || steps === 0) return null
  // at least the next run
  const left =
    (seconds / steps) * Math.max(stepsLeft(question, evidence), stepsOf(trials, decision))
  return budgetSeconds === null ? left : Math.min(left, budgetSeconds - seconds)
}

/** The call that decides, over the run folders of one home. */
export function openAnswers(context: Context, index: RunIndex, known: ReadonlySet<string>) {
  const namedRun = async ({ reference }: Asked): Promise<AnalysedRun | undefined> => {
    if (reference?.kind !== 'run') return undefined
    const { folder } = await index.refresh(reference.id)
    return analysedRun(folder, known)
  }
  return async (request: AnswerRequest, making: Making = quietly): Promise<AnswerStep> => {
    const asked = await askedOf(request, context, index)
    const { summaries, found } = await foundRuns(asked, index, known)
    const named = await namedRun(asked)
    const usable = found.filter(isUsable)
    const trials = usable.map(({ trial }) => trial)
    const target = targetOf(usable, asked, named)
    const whole = questionOf(request, asked, target)
    const seconds = summaries.reduce((sum, run) => sum + run.trainingSeconds, 0)
    const made = await decided(whole, trials, asked, next =>
      specOf(next, asked, request, context, making),
    )
    const now = withinBudget(made, seconds, request)
    const runs = [...curveRuns(usable, now.question), ...(named === undefined ? [] : [named])]
    const control = controlSentence(trials, now, asked)
    const elicited = elicitedOf(runs, asked, request, named)
    return {
      sweep: asked.sweep,
      measure: asked.measure.tag,
      target: target === null || Number.isNaN(target) ? null : asked.measure.sign * target,
      runs: summaries.map(run => run.id),
      curve: runs.map(run => run.id),
      seconds,
      secondsLeft: secondsLeft(now, seconds, request),
      steps: trials.reduce((sum, t) => sum + t.steps, 0),
      next: nextStep(now, found, summaries),
      elicited,
      pair: pairOf(usable),
      control,
      verdict:
        now.decision.kind === 'ended'
          ? verdictOf(now.decision, elicited, control, notesOf(now.question, trials))
          : [],
    }
  }
}
