// The answer in plain sentences: which behaviour is nearer to which model, and how sure that is.
import type { Behaviour, Bound, Curve, TokensNeeded } from '../contract/analysis'
import { neededIntervalText, neededText, tokensText } from '../contract/analysis-text'

const known = (curve: Curve): boolean => curve.needed.kind !== 'unknown' && curve.points.length > 0

/** For sorting: censored ends beyond every number. */
function order(needed: TokensNeeded): number {
  if (needed.kind === 'unknown') return Number.POSITIVE_INFINITY
  return needed.kind === 'not-reached' ? needed.tokens * 2 : needed.tokens
}

const lowEnd = (bound: Bound): number =>
  bound.kind === 'at' ? bound.tokens : bound.kind === 'by' ? 0 : bound.tokens
const highEnd = (bound: Bound): number =>
  bound.kind === 'at' ? bound.tokens : bound.kind === 'by' ? bound.tokens : Number.POSITIVE_INFINITY

/** 'sure': the intervals are apart; 'open': they overlap; 'unknown': there is none. */
export function apart(near: TokensNeeded, far: TokensNeeded): 'sure' | 'open' | 'unknown' {
  if (near.kind === 'unknown' || far.kind === 'unknown') return 'unknown'
  if (near.interval === null || far.interval === null) return 'unknown'
  return highEnd(near.interval.high) < lowEnd(far.interval.low) ? 'sure' : 'open'
}

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

/** Nearest and farthest behaviour of one way of training one model. */
function ofModel(label: string, curves: readonly Curve[], name: (id: string) => string): string {
  const sorted = [...curves].sort((a, b) => order(a.needed) - order(b.needed))
  const near = sorted[0]
  const far = sorted.at(-1)
  if (near === undefined || far === undefined) return ''
  if (near === far) return `${label}: ${name(near.behaviour)} ${needs(near.needed)}.`
  const verdict = verdicts[apart(near.needed, far.needed)]
  if (order(near.needed) === order(far.needed))
    return `${label}: ${name(near.behaviour)} and ${name(far.behaviour)} are equally near: each ${needs(near.needed)}.`
  const between = sorted.slice(1, -1).map(c => `${name(c.behaviour)} ${neededText(c.needed)}`)
  const middle = between.length === 0 ? '' : ` Between them: ${between.join(', ')}.`
  return (
    `${label}: ${name(near.behaviour)} is nearest: it ${needs(near.needed)}. ` +
    `${name(far.behaviour)} is farthest: it ${needs(far.needed)}.${middle} ${verdict}`
  )
}

/** Own runs first; the paper's only when there is nothing else. */
export function answerOf(curves: readonly Curve[], behaviours: readonly Behaviour[]): string[] {
  const name = (id: string): string => behaviours.find(b => b.id === id)?.label ?? id
  const usable = curves.filter(known)
  const ours = usable.filter(curve => curve.source !== 'published')
  const used = ours.length > 0 ? ours : usable
  const labels = [...new Set(used.map(curve => curve.label))]
  const sentences = labels
    .map(label => ({ label, of: used.filter(curve => curve.label === label) }))
    .sort((a, b) => b.of.length - a.of.length)
    .map(({ label, of }) => ofModel(label, of, name))
  if (sentences.length === 0)
    return ['No curve has a trained soft prompt yet: run a sweep such as 0, 1, 4, 16 tokens.']
  const doubtful = used.filter(c => c.points.some(p => p.guards.some(g => g.weight === 'doubt')))
  const caution =
    doubtful.length === 0
      ? []
      : [
          `${doubtful.length} of ${used.length} curves have points that may not have converged; they are drawn hollow.`,
        ]
  return [...sentences, ...caution]
}
