// The answer in plain sentences: which behaviour is nearer to which model, and how sure that is.
import type { AnalysisOptions, Behaviour, Curve, Guard, MetricInfo } from '../contract/analysis'
import {
  neededIntervalText,
  neededText,
  ownThresholds,
  tokensText,
  warningsOf,
} from '../contract/analysis-text'
import { type Axis, type TokensNeeded, unitWord } from '../contract/needed'
import { lastPart } from '../shared/names'
import { apart, areSame, type Ends, endsOf, gainIsOpen, isGapless, verdict } from './verdict'

const word = (n: number, axis: Axis): string => unitWord(Number(tokensText(n)), axis)

/** 'needs 3.8 tokens (95 %: 3.1 – 4.9)'. */
function needs(needed: TokensNeeded, axis: Axis): string {
  const interval = neededIntervalText(needed)
  const sure = interval === '' || interval === neededText(needed) ? '' : ` (95 %: ${interval})`
  switch (needed.kind) {
    case 'reached':
      return `needs ${tokensText(needed.tokens)} ${word(needed.tokens, axis)}${sure}`
    case 'reached-by-first':
      return needed.tokens === 0
        ? `needs no soft prompt${sure}`
        : `needs ${needed.tokens} ${word(needed.tokens, axis)} or less${sure}`
    case 'not-reached':
      return `is not reached by ${needed.tokens} ${word(needed.tokens, axis)}${sure}`
    case 'more-than':
      return `needs more than ${needed.tokens} ${word(needed.tokens, axis)}: ${needed.reason}`
    case 'unknown':
      return `is open: ${needed.reason}`
  }
}

interface Ranked {
  readonly label: string
  readonly curves: readonly Curve[]
  readonly ends: Ends
  readonly open: readonly Curve[]
}
/** What people call a behaviour, and what prompts are counted in. */
interface Name {
  (behaviour: string): string
  readonly axis: Axis
}

/**
 * Behaviours are compared within a model. Where one was trained in several ways, each way speaks for itself; where only
 * one way gives an answer, its settings do not keep it apart from the model's other behaviours.
 */
function modelLabel(curve: Curve, curves: readonly Curve[]): string {
  const isRival = (c: Curve): boolean =>
    c.behaviour === curve.behaviour && c.source === curve.source && c.model === curve.model
  if (curves.filter(isRival).length > 1) return curve.label
  const source = / · (paper|imported)$/.exec(curve.label)?.[0] ?? ''
  return lastPart(curve.model) + source
}

function ranked(label: string, curves: readonly Curve[]): Ranked {
  const mine = curves.filter(curve => modelLabel(curve, curves) === label)
  const answered = mine.filter(c => !gainIsOpen(c))
  return { label, curves: answered, ends: endsOf(answered), open: mine.filter(gainIsOpen) }
}

/** 'For chess no soft prompt is surely better than the start token alone.' */
function openWords(open: readonly Curve[], name: Name): string {
  const sentence = (curves: readonly Curve[], baseline: string): string =>
    curves.length === 0
      ? ''
      : ` For ${curves.map(c => name(c.behaviour)).join(' and ')} no soft prompt is surely better than ${baseline}.`
  return (
    sentence(
      open.filter(c => c.better !== 'start-token'),
      'none',
    ) +
    sentence(
      open.filter(c => c.better === 'start-token'),
      'the start token alone',
    )
  )
}

/** Without its interval: several that say the same may have several intervals. */
const each = (needed: TokensNeeded, axis: Axis): string =>
  needs(needed.kind === 'unknown' ? needed : { ...needed, interval: null }, axis)

/** 'chess is nearest, it needs 3.8 tokens (95 %: 3.1 – 4.9)'; of several that are not the same, each with its own. */
function endWords(ends: readonly Curve[], word: string, name: Name): string {
  const [first] = ends
  if (first === undefined) return ''
  const names = ends.map(c => name(c.behaviour)).join(' and ')
  if (ends.length === 1) return `${names} is ${word}, it ${needs(first.needed, name.axis)}`
  if (areSame(ends)) return `${names} are ${word}, each ${each(first.needed, name.axis)}`
  const own = ends.map(c => `${name(c.behaviour)} ${each(c.needed, name.axis)}`).join(', ')
  return `${names} are ${word}: ${own}`
}

/** Several behaviours of which none is nearer than another. */
function aloneWords(curves: readonly Curve[], name: Name): string {
  if (areSame(curves)) return endWords(curves, 'equally near', name)
  const own = curves.map(c => `${name(c.behaviour)} ${each(c.needed, name.axis)}`).join(', ')
  return `which is nearer is not known: ${own}`
}

/** ' Not surely farther than chess: skip 2.' What stands between the ends and might as well be one of them. */
function rivals(between: readonly Curve[], near: Curve, far: Curve, name: Name): string {
  const words = (side: string, end: Curve, close: readonly Curve[]): string =>
    close.length === 0
      ? ''
      : ` Not surely ${side} than ${name(end.behaviour)}: ${close.map(c => name(c.behaviour)).join(', ')}.`
  const isOpen = (a: Curve, b: Curve): boolean => apart(a.needed, b.needed) === 'open'
  return (
    words(
      'farther',
      near,
      between.filter(c => isOpen(near, c)),
    ) +
    words(
      'nearer',
      far,
      between.filter(c => isOpen(c, far)),
    )
  )
}

const list = (curves: readonly Curve[], name: Name): string =>
  curves.map(c => `${name(c.behaviour)} ${neededText(c.needed)}`).join(', ')

/** Each for itself: of what is read on scales of its own, none is nearer. */
const unrankedWords = (curves: readonly Curve[], name: Name): string =>
  curves.map(c => `${name(c.behaviour)} ${needs(c.needed, name.axis)}`).join('; ')

/** Nearest and farthest behaviour of one way of training one model, where they may be compared. */
function ofModel({ label, curves, ends, open }: Ranked, isRanked: boolean, name: Name): string {
  const rest = openWords(open, name)
  const [only, second] = curves
  if (only === undefined) return `${label}:${rest}`
  if (second === undefined)
    return `${label}: ${name(only.behaviour)} ${needs(only.needed, name.axis)}.${rest}`
  if (!isRanked) return `${label}: ${unrankedWords(curves, name)}.${rest}`
  const { nears, fars, between, alone } = ends
  const [near, far] = [nears[0], fars.at(-1)]
  if (near === undefined || far === undefined) return `${label}: ${aloneWords(alone, name)}.${rest}`
  const two = curves.length === 2
  const middle = between.length === 0 ? '' : ` Between them: ${list(between, name)}.`
  const apartFrom = alone.length === 0 ? '' : ` Not to be placed: ${list(alone, name)}.`
  return (
    `${label}: ${endWords(nears, two ? 'nearer' : 'nearest', name)}; ` +
    `${endWords(fars, two ? 'farther' : 'farthest', name)}.${middle}${apartFrom} ` +
    `${verdict(nears, fars)}${rivals(between, near, far, name)}${rest}`
  )
}

/** The behaviour that stands alone at an end for more than half of the models, in words; else nothing. */
function mostly(end: string, all: readonly (readonly Curve[])[], name: Name): string[] {
  const counts = new Map<string, number>()
  for (const [only, ...others] of all)
    if (only !== undefined && others.length === 0)
      counts.set(only.behaviour, (counts.get(only.behaviour) ?? 0) + 1)
  const [top] = [...counts].sort(([, a], [, b]) => b - a)
  if (top === undefined || top[1] * 2 <= all.length) return []
  return [`${end} is ${name(top[0])}, for ${top[1]} of ${all.length} models`]
}

/** One sentence over several models: who is nearest and farthest for most of them. */
function headline(all: readonly Ranked[], name: Name): string[] {
  const several = all.filter(r => r.curves.length > 1)
  if (several.length < 2) return []
  const of = (end: 'nears' | 'fars') => several.map(({ ends }) => ends[end])
  const words = [...mostly('Nearest', of('nears'), name), ...mostly('Farthest', of('fars'), name)]
  return words.length === 0 ? [] : [`${words.join('. ')}.`]
}

/** Whether behaviours may be held against each other: a share of a curve's own gap is a scale of its own. */
export const isComparable = ({ threshold, thresholds }: AnalysisOptions): boolean =>
  [threshold, ...Object.values(thresholds)].every(t => t.kind === 'absolute')

interface Asked {
  readonly options: AnalysisOptions
  readonly behaviours: readonly Behaviour[]
  readonly metric: MetricInfo
}

function warningSentences(used: readonly Curve[], asked: Asked): string[] {
  const has = (kinds: (kind: Guard['kind']) => boolean): Curve[] =>
    used.filter(c => c.points.some(p => warningsOf(p).some(g => kinds(g.kind))))
  const unheld = has(kind => kind === 'not-held-out')
  const mixed = has(kind => kind === 'other-data')
  const warned = has(kind => kind !== 'not-held-out' && kind !== 'other-data')
  const found: string[] = []
  if (unheld.length > 0)
    found.push(
      `${unheld.length} of ${used.length} curves have runs that were or may have been tested on what they trained on: their numbers include what was learned by heart.`,
    )
  if (mixed.length > 0)
    found.push(
      `${mixed.length} of ${used.length} curves have points whose data or model changed between the runs: they cannot be compared.`,
    )
  if (warned.length > 0)
    found.push(
      `${warned.length} of ${used.length} curves have points that may not have converged; they are drawn hollow.`,
    )
  const own = ownThresholds(asked)
  if (!isComparable(asked.options) && new Set(used.map(c => c.behaviour)).size > 1)
    found.push(
      'Each behaviour is read as a share of its own gap, so these numbers do not say which behaviour is nearer.',
    )
  if (own.length > 0)
    found.push(
      `Not all behaviours are read at the same threshold (${own.join('; ')}): which of them is nearer depends on that choice.`,
    )
  return found
}

/** Own runs first; the paper's only when there is nothing else. */
export function answerOf(
  curves: readonly Curve[],
  behaviours: readonly Behaviour[],
  options: AnalysisOptions,
  metric: MetricInfo,
): string[] {
  const label = (id: string): string => behaviours.find(b => b.id === id)?.label ?? id
  const name: Name = Object.assign(label, { axis: options.axis })
  const usable = curves.filter(
    c => c.points.length > 0 && (c.needed.kind !== 'unknown' || isGapless(c)),
  )
  const ours = usable.filter(curve => curve.source !== 'published')
  const used = ours.length > 0 ? ours : usable
  const all = [...new Set(used.map(curve => modelLabel(curve, used)))]
    .map(model => ranked(model, used))
    .sort((a, b) => b.curves.length - a.curves.length)
  const open = curves.filter(c => c.points.length > 0)
  if (all.length === 0 && open.length > 0)
    return open.map(c => `${c.label}: ${name(c.behaviour)} ${needs(c.needed, name.axis)}.`)
  if (all.length === 0)
    return ['No curve has a trained soft prompt yet: run a sweep such as 0, 1, 4, 16 tokens.']
  return [
    ...(isComparable(options) ? headline(all, name) : []),
    ...all.map(r => ofModel(r, isComparable(options), name)),
    ...warningSentences(used, { options, behaviours, metric }),
  ]
}
