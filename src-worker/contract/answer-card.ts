// The answer of one behaviour of one model as a card: what window and report both print first, part by part.
import type { Analysis, Curve, Guard, Suggestion } from './analysis'
import {
  bitsText,
  bracketText,
  controlText,
  type Elicitation,
  elicitationText,
  failedText,
  isOpenRange,
  type MeasuredShare,
  placeOf,
  valueText,
} from './elicitation'
import { lengthWord, lengthWords, unitWord } from './needed'

/** In the order in which cards stand: those with an answer first. */
const verdicts = [
  ...(['Elicited', 'Not elicited', 'There without a prompt'] as const),
  ...(['A gain, in bits', 'No gain seen', 'No gain measured yet', 'Undecided'] as const),
] as const

export interface AnswerCard {
  /** "workbench-demo-locked, chess" */
  readonly about: string
  readonly verdict: (typeof verdicts)[number]
  /** "needs more than 1, at most 4 tokens"; why there is no number */
  readonly tokens: string
  /** "preliminary, 5 of 10 runs", "converged", "uncertain: …" */
  readonly state: string
  readonly standing: 'preliminary' | 'converged' | 'uncertain'
  /** the whole of it in one sentence, with shares, intervals and baselines */
  readonly sentence: string
  /** found or paid for, in bits; why there is no verdict */
  readonly bits: string
  /** the run that a control would be trained for, which a verdict in bits needs; null: none is needed, or can be had */
  readonly uncontrolled: string | null
  /** a run that failed for good, or diverged; null: none did */
  readonly failed: string | null
  /** the next run to start; null: none is suggested */
  readonly next: Suggestion | null
  /** tokens of the prompt whose text stands beside the answer; null: none is trained */
  readonly shown: number | null
}

const words = {
  elicited: 'Elicited',
  'not-elicited': 'Not elicited',
  'there-already': 'There without a prompt',
  undecided: 'Undecided',
} as const

/** A behaviour without a target has gained something only where noise does not explain it. */
function verdictOf({ state }: Elicitation): AnswerCard['verdict'] {
  if (state.kind !== 'gain') return words[state.kind]
  if (state.bits === null) return 'No gain measured yet'
  const { value, interval } = state.bits
  return (interval?.low ?? value) > 0 ? 'A gain, in bits' : 'No gain seen'
}

function tokensOf({ state, axis }: Elicitation): string {
  switch (state.kind) {
    case 'elicited':
      return `reached with ${lengthWord(state.at.tokens, axis)}; ${bracketText(state.needed, axis)}`
    case 'not-elicited':
      return `more than ${lengthWord(state.longest, axis)}, if at all`
    case 'there-already':
      return 'no token is needed'
    case 'undecided':
      return state.reason
    case 'gain':
      return state.bits === null
        ? 'no gain over a baseline is measured yet'
        : `${valueText(state.bits)} bits a token gained ${placeOf(state.bits, axis)}`
  }
}

function shownOf({ state }: Elicitation): number | null {
  const at: Readonly<Record<string, MeasuredShare | null>> = {
    ...(state.kind === 'elicited' || state.kind === 'not-elicited' ? { at: state.at } : {}),
    ...(state.kind === 'gain' ? { at: state.bits } : {}),
  }
  return at.at?.kind === 'trained' ? at.at.tokens : null
}

/** Whether training had ended is not known: nothing converged that is so. */
const isOpen = (kind: Guard['kind']): boolean => kind === 'too-short' || kind === 'still-falling'

const allDone = (all: number): string =>
  all === 1 ? 'its only run is done' : `all ${all} runs are done`

/** The first warning of a curve, and how many more there are; empty: there is none. */
function warningText(curve: Curve | undefined): string {
  const guards = curve?.points.flatMap(point => point.guards) ?? []
  const [first, ...more] = guards.filter(({ level, kind }) => level === 'warning' || isOpen(kind))
  if (first === undefined) return ''
  return more.length === 0 ? first.reason : `${first.reason}, and ${more.length} more`
}

/** Why the answer of runs that are all over is not to be relied on; empty: it is. */
function uncertaintyOf(elicitation: Elicitation, curve: Curve | undefined): string {
  const { runs, state, missed, axis } = elicitation
  const short = lengthWords(missed, axis)
  const isUnplaced = state.kind === 'elicited' && isOpenRange(state.needed)
  const found = [
    failedText(elicitation, 'button'),
    controlText(elicitation),
    short &&
      `${short} surely ended worse than a shorter prompt, so training missed its optimum there`,
    warningText(curve),
    state.kind === 'undecided' ? `${allDone(runs.all)}, and it is undecided` : '',
    isUnplaced ? `${allDone(runs.all)}, and how many ${unitWord(2, axis)} it needs is open` : '',
  ]
  return found.find(reason => reason !== '') ?? ''
}

/** Warnings come before "converged"; runs that are missing before both. */
function standingOf(
  elicitation: Elicitation,
  curve: Curve | undefined,
): Pick<AnswerCard, 'state' | 'standing'> {
  const { runs, diverged, axis } = elicitation
  const { done, over, all } = runs
  const lost = lengthWords(diverged, axis)
  if (lost === '' && over < all)
    return { standing: 'preliminary', state: `preliminary, ${done} of ${all} runs are done` }
  const why =
    lost === ''
      ? uncertaintyOf(elicitation, curve)
      : `training diverged with ${lost}, which says nothing of the behaviour`
  return why === ''
    ? { standing: 'converged', state: `converged, ${allDone(all)}` }
    : { standing: 'uncertain', state: `uncertain: ${why}` }
}

/** Measured without a control, or not at all. */
function uncontrolledOf({ bits }: Elicitation): string | null {
  if (bits.kind === 'unread') return bits.run
  const isMissing = bits.kind === 'read' && bits.answer.verdict.kind === 'no-control'
  return isMissing && bits.noControl === '' ? bits.answer.run : null
}

type Way = Pick<Curve, 'behaviour' | 'model' | 'source' | 'label'>

/** Curve and answer of one way of training; where one of the two knows a single way, it is that. */
export function ofSameWay<T extends Way>(of: Way, all: readonly T[]): T | undefined {
  const { behaviour, model, source, label } = of
  const ways = all.filter(
    w => w.behaviour === behaviour && w.model === model && w.source === source,
  )
  return ways.find(w => w.label === label) ?? (ways.length === 1 ? ways[0] : undefined)
}

/** Cards of all behaviours and models that are asked about, those with an answer first. */
export function answerCards(analysis: Pick<Analysis, 'elicited' | 'curves'>): AnswerCard[] {
  const cards = analysis.elicited.map(elicitation => {
    const curve = ofSameWay(elicitation, analysis.curves)
    return {
      about: `${elicitation.label}, ${elicitation.behaviourLabel}`,
      verdict: verdictOf(elicitation),
      tokens: tokensOf(elicitation),
      ...standingOf(elicitation, curve),
      sentence: elicitationText(elicitation, 'button'),
      bits: bitsText(elicitation, 'button'),
      uncontrolled: uncontrolledOf(elicitation),
      failed: elicitation.runs.failures[0]?.run ?? elicitation.runs.diverged[0] ?? null,
      next: curve?.suggestions[0] ?? null,
      shown: shownOf(elicitation),
    }
  })
  return cards.sort((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict))
}
