// What the trivial answer scores, and whether a trained prompt surely scores more. Measured on the same held-out units, so
// that the luck of the units cancels: refusing every board is right of each unsolvable one.
import type { HeldOut } from '../contract/analysed-run'
import type { Criterion } from '../contract/behaviour'
import { ends95, keptDraws } from './kept-draws'
import { mean } from './numbers'
import type { PreparedCurve, PreparedPoint } from './prepare'
import type { SampledPoint } from './seed-noise'

interface Of {
  readonly curve: PreparedCurve
  readonly criterion: Criterion
}

const draws = 2000

/** Of a gap, no part is closed by chance: its target says all. */
const given = (criterion: Criterion): number | string | undefined =>
  criterion.kind === 'share' || criterion.kind === 'share-of-reference'
    ? criterion.chance
    : undefined

/** The score of the trivial answer; undefined: there is none, or no run of the curve has its measure. */
export function chanceOf({ curve, criterion }: Of): number | undefined {
  const chance = given(criterion)
  if (typeof chance !== 'string') return chance
  const points = [...curve.trained, curve.none, curve.startToken].filter(p => p !== undefined)
  const values = points.flatMap(p => p.runs.flatMap(run => run.metrics[chance] ?? []))
  return values.length === 0 ? undefined : mean(values)
}

/** 'chance', or the measure that stands for it with its value. */
export function chanceWords(of: Of): string {
  const chance = given(of.criterion)
  const value = chanceOf(of)
  if (typeof chance !== 'string' || value === undefined) return 'chance'
  return `chance (${chance}: ${Number(value.toFixed(2))})`
}

function differenceOf(own: HeldOut | undefined, other: HeldOut | undefined): HeldOut | undefined {
  if (own === undefined || other === undefined || own.sums.length !== other.sums.length)
    return undefined
  return { ...own, sums: own.sums.map((sum, i) => sum - (other.sums[i] ?? 0)) }
}

/** The curve's points as what they score more than chance. */
function aboveChance({ curve, criterion }: Of, tag: string): SampledPoint[] {
  return curve.trained.map(({ runs }) => ({
    kind: 'trained',
    seeds: runs.map(({ metrics, heldOut }) => ({
      value: (metrics[criterion.measure] ?? Number.NaN) - (metrics[tag] ?? Number.NaN),
      heldOut: differenceOf(heldOut[criterion.measure], heldOut[tag]),
    })),
  }))
}

/** Whether a trained point scores more than the trivial answer with 95 % confidence. Deterministic. */
export function isAboveChance(of: Of, point: PreparedPoint): boolean {
  const chance = given(of.criterion)
  if (chance === undefined) return true
  const { draws: own } = point
  if (typeof chance === 'number')
    // as a cost, whose high end is the low end of the share
    return own !== null && -ends95(own.values)[1] > chance
  const noise = keptDraws(aboveChance(of, chance), draws, `chance ${of.curve.group.id}`)
  const above = noise[of.curve.trained.indexOf(point)]
  return above != null && ends95(above.values)[0] > 0
}
