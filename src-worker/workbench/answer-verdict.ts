// The answer in sentences: the verdict first, then what the control reached.
import { analyse } from '../analysis/analyse'
import { saysNothing } from '../answer/diverged'
import type { Decision, Ended, Question, Trial } from '../answer/question'
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnswerRequest } from '../contract/answer'
import { type Elicitation, elicitationText } from '../contract/elicitation'
import { tags } from '../contract/metrics'
import { capitalised } from '../shared/names'
import type { Asked } from './answer-question'

const number = (value: number): string => String(Number(value.toPrecision(3)))

interface Controlled {
  readonly question: Question
  readonly noControl: string
  readonly decision: Decision
}

/** What training on data that say nothing reached; why there is no control; empty before there is anything to control. */
export function controlSentence(
  trials: readonly Trial[],
  { question, noControl, decision }: Controlled,
  { measure }: Asked,
): string {
  if (noControl !== '') return `No control for this behaviour: ${noControl}.`
  const controls = trials.filter(t => t.kind === 'control')
  if (controls.length === 0 || question.target === null) return ''
  const control = controls.find(t => !saysNothing(question, t))
  if (control === undefined)
    return `Control: trained on ${question.control} it diverged at learning rate ${controls.map(t => t.arm?.rate).join(' and ')}: whether the prompt itself taught it is not known.`
  const reached = number(measure.sign * control.cost)
  const target = number(measure.sign * question.target)
  const isTaught = decision.kind === 'ended' && decision.because === 'taught'
  if (control.cost <= question.target && !isTaught)
    return `Control: trained on ${question.control} it reaches ${reached} (target ${target}), whatever the prompts reach.`
  return control.cost <= question.target
    ? `Control: trained on ${question.control} it reaches ${reached} as well (target ${target}): the prompt itself taught it.`
    : `Control: trained on ${question.control} it reaches ${reached}, short of the target ${target}: the prompt did not teach it by itself.`
}

/** The analysis of the curve, by the behaviour's own criterion. null: nothing is measured, or nats were asked for. */
export function elicitedOf(
  runs: readonly AnalysedRun[],
  { base, measure, reference }: Asked,
  { target }: AnswerRequest,
  named: AnalysedRun | undefined,
): Elicitation | null {
  const isNats = measure.criterion.kind === 'gain' && target !== null
  if (isNats || runs.length === 0) return null
  const isOther = (run: AnalysedRun): boolean =>
    reference?.kind === 'model' && (run.model !== base.model || reference.model === base.model)
  const bare = (run: AnalysedRun): boolean =>
    run.baseline === 'none' || run.baseline === 'start-token'
  const references = runs.filter(run => run === named || (isOther(run) && bare(run)))
  const { elicited } = analyse(runs, {
    metric: runs.some(run => run.metrics[tags.finalTestLoss] !== undefined)
      ? tags.finalTestLoss
      : measure.tag,
    includePublished: false,
    references: references.map(run => run.id),
    target: measure.criterion.kind === 'gain' ? null : target,
  })
  return elicited.find(({ model }) => model === base.model) ?? null
}

/** The first is the verdict, `notes` of the search the last. A control that reaches the target comes before all that the prompts reach. */
export function verdictOf(
  { because, reason }: Ended,
  elicited: Elicitation | null,
  control: string,
  notes: readonly string[],
): string[] {
  const said = elicited === null ? [] : [elicitationText(elicited)]
  const ending = `${capitalised(reason)}.`
  const rest = [...(control === '' ? [] : [control]), ...notes]
  return because === 'taught' ? [ending, ...said, ...rest] : [...said, ending, ...rest]
}
