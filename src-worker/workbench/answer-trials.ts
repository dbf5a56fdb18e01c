// Run folders as the trials of an answer, and the level that they are held against.
import { diverged, stillFalling, tooShort } from '../analysis/loss-guards'
import { isShare } from '../analysis/metric'
import { mean } from '../analysis/numbers'
import type { MeasuredTrial } from '../answer/evidence'
import type { AnalysedRun } from '../contract/analysed-run'
import { tags } from '../contract/metrics'
import type { RunSpec } from '../contract/run-spec'
import { isControlData } from '../shared/control-data'
import type { Asked } from './answer-question'

const specOf = (run: AnalysedRun): RunSpec => run.spec as unknown as RunSpec

/** The words of a run that only tests a text; undefined: it is none. */
function textOf({ prompt, training }: RunSpec): string | undefined {
  if (training.steps > 0 || !('init' in prompt)) return undefined
  return prompt.init.kind === 'text' ? prompt.init.text : undefined
}

/** A text or a reference of another request, whose training is the same, says nothing of this one. */
export function isAsked(run: AnalysedRun, { base, reference, text }: Asked): boolean {
  const { model } = specOf(run)
  const words = textOf(specOf(run))
  if (words !== undefined) return words === text?.words
  return model === base.model || (reference?.kind === 'model' && model === reference.model)
}

/** What part of the search a run is. */
function kindOf(run: AnalysedRun, { base }: Asked): MeasuredTrial['kind'] {
  const { data, model } = specOf(run)
  if (model !== base.model) return 'reference'
  if (run.baseline === 'none' || run.baseline === 'start-token') return run.baseline
  if (textOf(specOf(run)) !== undefined) return 'text'
  return isControlData(data.path) ? 'control' : 'trained'
}

/** Steps of a run that has not ended are one too few: it is not tested yet. What diverged goes no further. */
function stepsOf({ state, steps, hasDiverged, spec }: AnalysedRun): number {
  const { training } = spec as unknown as RunSpec
  if (hasDiverged === true) return training.steps
  return state === 'done' ? steps : Math.min(steps, training.steps - 1)
}

/**
 * On the validation half, behind the last step: chosen by it, tested by the other half. A run without a validation half has
 * its training loss alone, of data not seen before in a first pass: over the last quarter.
 */
function validationLoss({ state, metrics, trainLoss }: AnalysedRun): number {
  if (state === 'failed') return Number.POSITIVE_INFINITY
  const tested = metrics[tags.testLoss]
  if (tested !== undefined) return tested
  const tail = trainLoss.values.slice(Math.floor(trainLoss.values.length * 0.75))
  const values = tail.map(x => x ?? Number.POSITIVE_INFINITY)
  return values.length === 0 ? Number.POSITIVE_INFINITY : mean(values)
}

export function trialOf(run: AnalysedRun, asked: Asked): MeasuredTrial {
  const { optimizer, prompt } = specOf(run)
  const { tag, sign } = asked.measure
  const heldOut = run.heldOut[tag]
  const kind = kindOf(run, asked)
  const init = 'init' in prompt ? prompt.init.kind : ''
  const isTrained = kind === 'trained' || kind === 'control'
  return {
    kind,
    tokens: run.tokens,
    arm: isTrained ? { rate: optimizer.learningRate, init } : undefined,
    seed: run.seed ?? 1,
    steps: stepsOf(run),
    pilotLoss: validationLoss(run),
    cost: sign * (run.metrics[tag] ?? Number.NaN),
    isShare: isShare(tag),
    isDiverged: isTrained && diverged(run) !== undefined,
    isFalling: (tooShort(run) ?? stillFalling(run)) !== undefined,
    heldOut: heldOut && { ...heldOut, sums: heldOut.sums.map(x => sign * x) },
  }
}

/** A run, and what it is to the answer. */
export interface Found {
  readonly run: AnalysedRun
  readonly trial: MeasuredTrial
}

/** Whether a trial counts: a baseline, a reference or a control that is not measured to its end does not, unless it diverged. */
export const isUsable = ({ run, trial }: Found): boolean =>
  trial.kind === 'trained' ||
  (trial.kind === 'control' && run.hasDiverged === true) ||
  (run.state === 'done' && !Number.isNaN(trial.cost))

/** What the trivial answer scores; 0 where it is not measured yet. */
function chanceOf(found: readonly Found[], { measure }: Asked): number {
  const { criterion } = measure
  if (!('chance' in criterion)) return 0
  const { chance } = criterion
  if (typeof chance === 'number') return chance
  const values = found.flatMap(({ run }) => run.metrics[chance] ?? [])
  return values.length === 0 ? 0 : mean(values)
}

/** The target as a cost. null: no yes or no; NaN: its reference is not measured yet. */
export function targetOf(
  found: readonly Found[],
  asked: Asked,
  named: AnalysedRun | undefined,
): number | null {
  const { criterion, target, tag, sign } = asked.measure
  if (target === null || criterion.kind === 'gain') return target
  const costs = (kinds: readonly MeasuredTrial['kind'][]): number[] =>
    found.flatMap(({ trial }) => (kinds.includes(trial.kind) ? [trial.cost] : []))
  const chance = chanceOf(found, asked)
  if (criterion.kind === 'share') return -Math.max(target, chance)
  // the model itself may be what it is read against
  const isItself = asked.reference?.kind === 'model' && asked.reference.model === asked.base.model
  const references =
    named !== undefined
      ? [sign * (named.metrics[tag] ?? Number.NaN)]
      : costs(isItself ? ['none', 'start-token'] : ['reference'])
  const best = Math.min(...references)
  if (!Number.isFinite(best)) return Number.NaN
  if (criterion.kind === 'share-of-reference') return -Math.max(target * -best, chance)
  const [none = Number.NaN] = costs(['none'])
  return none - target * (none - best)
}
