// Where more tokens stop helping: the shortest length that no longer one surely beats (the 95 % interval of every
// difference to a longer prompt includes 0 or harm), unless one seems to gain much and noise hides it.
import type { Saturation } from '../contract/analysis'
import { unknownNoise } from '../contract/analysis-text'
import { fall95 } from './kept-draws'
import type { PreparedPoint } from './prepare'

interface Gain {
  readonly gain: number
  readonly low: number
  readonly high: number
}

/** What the longer prompt gains; null when the noise is unknown. */
function gainOf(shorter: PreparedPoint, longer: PreparedPoint): Gain | null {
  const a = shorter.draws?.values
  const b = longer.draws?.values
  if (a === undefined || b === undefined) return null
  const [low, high] = fall95(a, b)
  return { gain: shorter.cost - longer.cost, low, high }
}

/** Shares of a curve's whole fall, and of its cost, that a gain must exceed to matter. */
const [materialShare, materialCost] = [0.05, 0.01]

function material(points: readonly PreparedPoint[]): number {
  const costs = points.map(({ cost }) => cost)
  const [highest, lowest] = [Math.max(...costs), Math.min(...costs)]
  return Math.max(materialShare * (highest - lowest), materialCost * Math.abs(highest))
}

/** @param show a gain in the unit asked for */
export function saturationOf(
  points: readonly PreparedPoint[],
  show: (gain: number) => number,
): Saturation {
  const last = points.at(-1)
  if (last === undefined || points.length < 2)
    return { kind: 'unknown', reason: 'fewer than two lengths' }
  const text = (x: number): string => show(x).toPrecision(2)
  for (const [i, point] of points.entries()) {
    const longer = points.slice(i + 1)
    if (longer.length > 0 && [point, ...longer].some(({ draws }) => !draws?.values))
      return { kind: 'unknown', reason: unknownNoise(Math.max(...points.map(p => p.costs.length))) }
    if (point === last) break
    // one that surely helps is enough: each gain sorts all draws
    if (longer.some(other => (gainOf(point, other)?.low ?? 0) > 0)) continue
    const steps = longer.map(other => gainOf(point, other))
    const best = steps.reduce((a, b) => ((b?.gain ?? 0) > (a?.gain ?? 0) ? b : a), steps[0] ?? null)
    const reason = `no longer prompt is surely better; the best of them gains ${text(best?.gain ?? 0)} (95 %: ${text(best?.low ?? 0)} to ${text(best?.high ?? 0)})`
    // not to be sure of a large gain is not to know of none
    if ((best?.gain ?? 0) > material(points))
      return { kind: 'unknown', reason: `too noisy: ${reason}` }
    return { kind: 'saturated', tokens: point.tokens, reason }
  }
  const before = points.at(-2)
  const step = before === undefined ? null : gainOf(before, last)
  const reason = `the longest, ${last.tokens}, still gains ${text(step?.gain ?? 0)} over ${before?.tokens} (95 %: ${text(step?.low ?? 0)} to ${text(step?.high ?? 0)})`
  return { kind: 'still-improving', tokens: last.tokens, reason }
}

/** A last step below this share of a curve's fall moves a level of its gap by less than a thousandth of it. */
const levelShare = 0.001

/** Why the best of a curve is not known yet; undefined when more tokens do not surely help. */
export function stillFalls(
  saturation: Saturation,
  points: readonly PreparedPoint[],
): string | undefined {
  const last = points.at(-1)
  const before = points.at(-2)
  const first = points[0]
  if (last === undefined || before === undefined || first === undefined) return undefined
  const reason = `the curve still falls at ${last.tokens}, the most that was tried`
  // surely, but by so little that no level moves: from 0.0002 nats to none, of a fall of 19
  if (saturation.kind === 'still-improving')
    return before.cost - last.cost > levelShare * (first.cost - last.cost) ? reason : undefined
  const isFalling = before.cost - last.cost > materialShare * (first.cost - last.cost)
  return saturation.kind === 'unknown' && isFalling ? reason : undefined
}
