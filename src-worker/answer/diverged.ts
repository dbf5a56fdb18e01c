// What a training that diverged says: nothing of the behaviour, unless it reached the target all the same. It is tried again
// once, at a smaller learning rate.
import { slowerRate } from '../analysis/suggest'
import { lengthWord, lengthWords } from '../contract/needed'
import { sameArm } from './pilot'
import type { Arm, Next, Question, Trial } from './question'

export const slowerArm = (arm: Arm): Arm => ({ ...arm, rate: slowerRate(arm.rate) })

/** Neither that the target is reached nor that it is not. */
export const saysNothing = ({ target }: Pick<Question, 'target'>, trial: Trial): boolean =>
  trial.isDiverged === true && !(target !== null && trial.cost <= target)

type Of = Pick<Question, 'target' | 'steps'>

const full = ({ steps }: Of, trials: readonly Trial[], kind: Trial['kind'], arm: Arm): Trial[] =>
  trials.filter(t => t.kind === kind && sameArm(t.arm, arm) && t.steps >= steps)

/** The full run that stands in for one that diverged, whatever it reached. */
const againOf = (question: Of, trials: readonly Trial[], lost: Trial, arm: Arm) =>
  full(question, trials, lost.kind, slowerArm(arm)).find(
    t => t.tokens === lost.tokens && t.seed === lost.seed,
  )

export interface Sorted {
  /** what says something */
  readonly usable: readonly Trial[]
  /** of these, those that stand in for one that diverged */
  readonly again: readonly Trial[]
  /** diverged, and not tried again yet */
  readonly open: readonly Trial[]
  /** diverged twice */
  readonly lost: readonly Trial[]
}

/** The full runs of one kind and one way of training, by what they say. */
export function sorted(
  question: Of,
  trials: readonly Trial[],
  kind: 'trained' | 'control',
  arm: Arm,
): Sorted {
  const own = full(question, trials, kind, arm)
  const fine = own.filter(t => !saysNothing(question, t))
  const diverged = own.filter(t => saysNothing(question, t))
  const twins = diverged.map(t => againOf(question, trials, t, arm))
  const again = twins.flatMap(t => (t !== undefined && !saysNothing(question, t) ? [t] : []))
  return {
    usable: [...fine, ...again],
    again,
    open: diverged.filter((_, i) => twins[i] === undefined),
    lost: twins.flatMap(t => (t !== undefined && saysNothing(question, t) ? [t] : [])),
  }
}

/** The same run once more, at a smaller learning rate. */
function slowerRun({ steps }: Of, trial: Trial, arm: Arm): Next {
  const slower = slowerArm(arm)
  const what = trial.kind === 'control' ? 'the control' : lengthWord(trial.tokens)
  return {
    kind: 'run',
    trial: { kind: trial.kind, tokens: trial.tokens, arm: slower, seed: trial.seed },
    steps: Math.max(steps, trial.steps),
    isMeasured: true,
    reason: `${what} diverged at learning rate ${arm.rate}, which says nothing of the behaviour: once more at ${slower.rate}`,
  }
}

/** The run that takes the place of one that diverged; undefined: none did, or it was tried again. */
export function retryRun(
  question: Of,
  trials: readonly Trial[],
  kind: 'trained' | 'control',
  arm: Arm,
): Next | undefined {
  const [open] = sorted(question, trials, kind, arm).open
  return open && slowerRun(question, open, arm)
}

const lengths = (trials: readonly Trial[]): string => {
  const all = [...new Set(trials.map(({ tokens }) => tokens))].sort((a, b) => a - b)
  return lengthWords(all)
}

/** What became of the lengths that diverged, in sentences. */
export function divergedSentences(question: Of, trials: readonly Trial[], arm: Arm): string[] {
  const { again, lost } = sorted(question, trials, 'trained', arm)
  const slower = slowerArm(arm).rate
  return [
    ...(again.length === 0
      ? []
      : [
          `Diverged at learning rate ${arm.rate}, and trained again at ${slower}: ${lengths(again)}.`,
        ]),
    ...(lost.length === 0
      ? []
      : [
          `Diverged at learning rate ${arm.rate}, and again at ${slower}, which says nothing of the behaviour: ${lengths(lost)}.`,
        ]),
  ]
}
