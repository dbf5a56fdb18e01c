// The answer in plain sentences: which behaviour is nearer to which model, and how sure that is.
import type {
  AnalysisOptions,
  Behaviour,
  Bound,
  Curve,
  MetricInfo,
  TokensNeeded,
} from '../contract/analysis'
import {
  neededIntervalText,
  neededText,
  ownThresholds,
  tokensText,
} from '../contract/analysis-text'
import { modelName } from './group'

/** For sorting: censored ends beyond every number. */
function order(needed: TokensNeeded): number {
  if (needed.kind === 'unknown') return Number.POSITIVE_INFINITY
  return needed.kind === 'not-reached' ? needed.tokens * 2 : needed.tokens
}

const lowEnd = (bound: Bound): number => (bound.kind === 'by' ? 0 : bound.tokens)
const highEnd = (bound: Bound): number =>
  bound.kind === 'beyond' ? Number.POSITIVE_INFINITY : bound.tokens

/** 'sure': the intervals are apart; 'open': they overlap; 'unknown': there is none. */
export function apart(near: TokensNeeded, far: TokensNeeded): 'sure' | 'open' | 'unknown' {
  if (near.kind === 'unknown' || far.kind === 'unknown') return 'unknown'
  if (near.interval === null || far.interval === null) return 'unknown'
  return highEnd(near.interval.high) < lowEnd(far.interval.low) ? 'sure' : 'open'
}

const isNone = (bound: Bound): boolean => bound.kind === 'by' && bound.tokens === 0

/** The interval reaches from no prompt to somewhere: it is not sure that there is anything to gain. */
const gainIsOpen = ({ needed }: Curve): boolean =>
  needed.kind !== 'unknown' &&
  needed.interval !== null &&
  isNone(needed.interval.low) &&
  !isNone(needed.interval.high)

const tokenWord = (n: number): string => (tokensText(n) === '1' ? 'token' : 'tokens')

/** 'needs 3.8 tokens (95 %: 3.1 – 4.9)'. */
function needs(needed: TokensNeeded): string {
  const interval = neededIntervalText(needed)
  const sure = interval === '' || interval === neededText(needed) ? '' : ` (95 %: ${interval})`
  switch (needed.kind) {
    case 'reached':
      return `needs ${tokensText(needed.tokens)} ${tokenWord(needed.tokens)}${sure}`
    case 'reached-by-first':
      return needed.tokens === 0
        ? `needs no soft prompt${sure}`
        : `needs ${needed.tokens} ${tokenWord(needed.tokens)} or less${sure}`
    case 'not-reached':
      return `is not reached by ${needed.tokens} ${tokenWord(needed.tokens)}${sure}`
    case 'unknown':
      return `is open: ${needed.reason}`
  }
}

const verdicts = {
  sure: 'The difference is larger than the noise.',
  open: 'Their intervals overlap: more seeds or more held-out documents would tell them apart.',
  unknown: 'Nothing tells how sure this is: run a second seed.',
} as const

interface Ranked {
  readonly label: string
  /** nearest first */
  readonly curves: readonly Curve[]
  readonly open: readonly Curve[]
}
type Name = (behaviour: string) => string

/**
 * Behaviours are compared within a model. Where one was trained in several ways, each way speaks for itself; where only
 * one way gives an answer, its settings do not keep it apart from the model's other behaviours.
 */
function speakerOf(curve: Curve, curves: readonly Curve[]): string {
  const isRival = (c: Curve): boolean =>
    c.behaviour === curve.behaviour && c.source === curve.source && c.model === curve.model
  if (curves.filter(isRival).length > 1) return curve.label
  const source = / · (paper|imported)$/.exec(curve.label)?.[0] ?? ''
  return modelName(curve.model) + source
}

function ranked(label: string, curves: readonly Curve[]): Ranked {
  const mine = curves.filter(curve => speakerOf(curve, curves) === label)
  return {
    label,
    curves: mine.filter(c => !gainIsOpen(c)).sort((a, b) => order(a.needed) - order(b.needed)),
    open: mine.filter(gainIsOpen),
  }
}

/** 'For chess it is open …' */
const openWords = (open: readonly Curve[], name: Name): string =>
  open.length === 0
    ? ''
    : ` For ${open.map(c => name(c.behaviour)).join(' and ')} no soft prompt is surely better than none.`

/** Nearest and farthest behaviour of one way of training one model. */
function ofModel({ label, curves, open }: Ranked, name: Name): string {
  const near = curves[0]
  const far = curves.at(-1)
  const rest = openWords(open, name)
  if (near === undefined || far === undefined) return `${label}:${rest}`
  if (near === far) return `${label}: ${name(near.behaviour)} ${needs(near.needed)}.${rest}`
  if (order(near.needed) === order(far.needed)) {
    const names = curves.map(c => name(c.behaviour)).join(' and ')
    return `${label}: ${names} are equally near: each ${needs(near.needed)}.${rest}`
  }
  const two = curves.length === 2
  const between = curves.slice(1, -1).map(c => `${name(c.behaviour)} ${neededText(c.needed)}`)
  const middle = between.length === 0 ? '' : ` Between them: ${between.join(', ')}.`
  return (
    `${label}: ${name(near.behaviour)} is ${two ? 'nearer' : 'nearest'}, it ${needs(near.needed)}; ` +
    `${name(far.behaviour)} is ${two ? 'farther' : 'farthest'}, it ${needs(far.needed)}.${middle} ` +
    `${verdicts[apart(near.needed, far.needed)]}${rest}`
  )
}

/** The behaviour that stands at an end for more than half of the models, in words; else nothing. */
function mostly(end: string, behaviours: readonly string[], name: Name): string[] {
  const counts = new Map<string, number>()
  for (const b of behaviours) counts.set(b, (counts.get(b) ?? 0) + 1)
  const [top] = [...counts].sort(([, a], [, b]) => b - a)
  if (top === undefined || top[1] * 2 <= behaviours.length) return []
  return [`${end} is ${name(top[0])}, for ${top[1]} of ${behaviours.length} models`]
}

/** One sentence over several models: who is nearest and farthest for most of them. */
function headline(all: readonly Ranked[], name: Name): string[] {
  const several = all.filter(r => r.curves.length > 1)
  if (several.length < 2) return []
  const near = several.flatMap(r => r.curves[0]?.behaviour ?? [])
  const far = several.flatMap(r => r.curves.at(-1)?.behaviour ?? [])
  const words = [...mostly('Nearest', near, name), ...mostly('Farthest', far, name)]
  return words.length === 0 ? [] : [`${words.join('. ')}.`]
}

interface Asked {
  readonly options: AnalysisOptions
  readonly behaviours: readonly Behaviour[]
  readonly metric: MetricInfo
}

function cautions(used: readonly Curve[], asked: Asked, name: Name): string[] {
  const { threshold, thresholds } = asked.options
  const isShare = (c: Curve) => (thresholds[c.behaviour] ?? threshold).kind === 'share'
  const doubtful = used.filter(c => c.points.some(p => p.guards.some(g => g.weight === 'doubt')))
  const rising = used.filter(
    c => c.saturation.kind === 'still-improving' && c.needed.kind === 'reached' && isShare(c),
  )
  const found: string[] = []
  if (doubtful.length > 0)
    found.push(
      `${doubtful.length} of ${used.length} curves have points that may not have converged; they are drawn hollow.`,
    )
  const own = ownThresholds(asked)
  if (own.length > 0)
    found.push(
      `Not all behaviours are read at the same threshold (${own.join('; ')}): which of them is nearer depends on that choice.`,
    )
  if (rising.length > 0) {
    const names = [...new Set(rising.map(c => name(c.behaviour)))]
    const which =
      names.length > 3 ? `${rising.length} of ${used.length} curves` : names.join(' and ')
    found.push(
      `On ${which} the longest prompt is still surely better than a shorter one: with longer prompts the best seen, and with it the tokens needed, may grow.`,
    )
  }
  return found
}

/** Own runs first; the paper's only when there is nothing else. */
export function answerOf(
  curves: readonly Curve[],
  behaviours: readonly Behaviour[],
  options: AnalysisOptions,
  metric: MetricInfo,
): string[] {
  const name: Name = id => behaviours.find(b => b.id === id)?.label ?? id
  const usable = curves.filter(c => c.needed.kind !== 'unknown' && c.points.length > 0)
  const ours = usable.filter(curve => curve.source !== 'published')
  const used = ours.length > 0 ? ours : usable
  const all = [...new Set(used.map(curve => speakerOf(curve, used)))]
    .map(label => ranked(label, used))
    .sort((a, b) => b.curves.length - a.curves.length)
  if (all.length === 0)
    return ['No curve has a trained soft prompt yet: run a sweep such as 0, 1, 4, 16 tokens.']
  return [
    ...headline(all, name),
    ...all.map(r => ofModel(r, name)),
    ...cautions(used, { options, behaviours, metric }, name),
  ]
}
