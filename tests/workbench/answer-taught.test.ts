// A control that reaches the target: the search and the analysis say the same of it.
import { expect, test } from 'vitest'
import { conclusion, endsOf } from '../../src-worker/answer/conclusion'
import type { MeasuredTrial } from '../../src-worker/answer/evidence'
import { evidenceOf } from '../../src-worker/answer/evidence'
import { pointsOf } from '../../src-worker/answer/points'
import type { Question } from '../../src-worker/answer/question'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { curveRuns } from '../../src-worker/workbench/answer-curve'
import type { Asked } from '../../src-worker/workbench/answer-question'
import { controlSentence, elicitedOf } from '../../src-worker/workbench/answer-verdict'
import { answered, baseline, curve } from '../analysis/answered'

const arm = { rate: 0.001, init: 'vocabulary' }
const question: Question = {
  ...{ target: -0.5, within: 1.5, steps: 100, arms: [arm], seeds: 3, reference: null, text: null },
  ...{ control: 'completions shuffled among prompts', longest: 64, budget: 1e9 },
}
const share = { kind: 'share', measure: 'Exact match', better: 'higher', chance: 0, target: 0.5 }
const asked = {
  base: { model: 'demo' },
  measure: { tag: 'Exact match', criterion: share, target: 0.5, sign: -1 },
} as unknown as Asked
const request = { target: null } as never

function trialOf(run: AnalysedRun): MeasuredTrial {
  const kind = run.baseline === undefined ? 'trained' : (run.baseline as 'none' | 'control')
  const cost = -(run.metrics['Exact match'] ?? Number.NaN)
  return {
    ...{ kind, tokens: run.tokens, arm: kind === 'none' ? undefined : arm, cost },
    ...{ seed: (run.seed ?? 0) + 1, steps: 100, pilotLoss: 1, isFalling: false },
    heldOut: run.heldOut['Exact match'],
  }
}

function said(lengths: Readonly<Record<number, readonly number[]>>, ofControl: number) {
  const control = answered({ tokens: 4, id: 'control', baseline: 'control' }, ofControl)
  const found = [baseline('none', 0), ...curve(lengths), control].map(run => ({
    run,
    trial: trialOf(run),
  }))
  const trials = found.map(({ trial }) => trial)
  const ends = endsOf(pointsOf(question, trials, arm))
  const decision = conclusion(question, evidenceOf(question, trials), ends, [])
  const runs = curveRuns(found, question)
  const model = runs[0]?.model
  const of = { ...asked, base: { model } } as unknown as Asked
  const elicited = elicitedOf(runs, of, request, undefined)
  const sentence = controlSentence(trials, { question, noControl: '', decision }, asked)
  return { because: decision.because, elicited, sentence }
}

test('it reaches the target as the prompts do: taught, and no "elicited" beside it', () => {
  const { because, elicited, sentence } = said({ 1: [2, 3], 4: [60, 62] }, 60)
  expect(because).toBe('taught')
  expect(elicited?.state).toMatchObject({
    kind: 'undecided',
    reason: expect.stringMatching(/reaches the target as well: the prompt itself taught it$/),
  })
  expect(sentence).toMatch(/as well .*: the prompt itself taught it\.$/)
})

test('it reaches what no prompt does: not elicited in both, with a remark', () => {
  const { because, elicited, sentence } = said({ 1: [2, 3], 4: [10, 12] }, 60)
  expect(because).toBe('no')
  expect(elicited?.state.kind).toBe('not-elicited')
  expect(elicited?.control?.value).toBeCloseTo(60 / 64)
  expect(sentence).toMatch(/it reaches 0\.938 \(target 0\.5\), whatever the prompts reach\.$/)
})

test('it does not reach it: elicited', () => {
  const { because, elicited } = said({ 1: [2, 3], 4: [60, 62] }, 3)
  expect(because).toBe('narrow')
  expect(elicited?.state.kind).toBe('elicited')
  expect(elicited?.control).toBeNull()
})
