// What the runs of a search are to its answer: the curve of the way of training that won, a control with the run that it is
// like, and what the curve does not show.
import { divergedSentences, slowerArm, sorted } from '../answer/diverged'
import type { MeasuredTrial } from '../answer/evidence'
import { edgeSentence, pilot, sameArm, sameTrial } from '../answer/pilot'
import type { Arm, Question } from '../answer/question'
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnswerStep } from '../contract/answer'
import type { Found } from './answer-trials'

/** The way of training that won; undefined: the pilot has not ended. */
function winnerOf(question: Question, trials: readonly MeasuredTrial[]): Arm | undefined {
  const arm = pilot(question, trials)
  return 'kind' in arm ? undefined : arm
}

/** What stands in for a run that diverged is a point of the same curve: the words tell its learning rate. */
const asOf = (run: AnalysedRun, { rate }: Arm): AnalysedRun => ({
  ...run,
  settings: { ...run.settings, 'optimizer.learningRate': String(rate) },
})

/** The curve of the way of training that won, with what stands beside it: its controls as well. */
export function curveRuns(found: readonly Found[], question: Question): readonly AnalysedRun[] {
  const trials = found.map(({ trial }) => trial)
  const winner = winnerOf(question, trials)
  const { again } = winner
    ? sorted(question, trials, 'trained', winner)
    : { again: [] as readonly MeasuredTrial[] }
  return found.flatMap(({ run, trial }) => {
    // the analysis puts it beside its run
    if (trial.kind === 'control') return [run]
    if (trial.arm === undefined || winner === undefined) return [run]
    if (again.includes(trial)) return [asOf(run, winner)]
    const twin = again.some(t => sameTrial(t, { ...trial, arm: slowerArm(winner) }))
    return sameArm(trial.arm, winner) && !twin ? [run] : []
  })
}

/** What the search did that its curve does not show, in sentences. */
export function notesOf(question: Question, trials: readonly MeasuredTrial[]): string[] {
  const winner = winnerOf(question, trials)
  if (winner === undefined) return []
  const edge = edgeSentence(question, trials, winner)
  return [...divergedSentences(question, trials, winner), ...(edge === '' ? [] : [edge])]
}

/** A control that is trained, and the run that it is like, unless their bits are known. */
export function pairOf(found: readonly Found[]): AnswerStep['pair'] {
  const control = found.find(({ trial }) => trial.kind === 'control')
  const like = found.find(
    ({ trial }) => control !== undefined && sameTrial(trial, { ...control.trial, kind: 'trained' }),
  )
  if (control === undefined || like === undefined) return null
  if (like.trial.steps !== control.trial.steps) return null
  if (like.run.bits?.answer?.control === control.run.id) return null
  return { run: like.run.id, control: control.run.id }
}
