// What an answer shows of a curve's points: shares of the criterion, or bits gained where there is no yes or no.
import type { Curve, CurvePoint } from '../contract/analysis'
import type { ElicitationState, MeasuredShare } from '../contract/elicitation'

/** A point of the criterion's curve. */
export const shareOf = (point: CurvePoint, kind: MeasuredShare['kind']): MeasuredShare => ({
  tokens: point.tokens,
  kind,
  value: point.value,
  interval: point.interval && { low: point.interval.low, high: point.interval.high },
})

/** Over the better baseline, in bits a token. */
export const gainsOf = (curve: Curve): MeasuredShare[] =>
  curve.points.flatMap(({ tokens, gain }) => {
    if (gain === null) return []
    const interval = gain.interval && { low: gain.interval.low, high: gain.interval.high }
    return [{ tokens, kind: 'trained' as const, value: gain.value, interval }]
  })

/** The state of a behaviour without a yes or no. */
export function gainState(curve: Curve): ElicitationState {
  return {
    kind: 'gain',
    bits: gainsOf(curve).reduce<MeasuredShare | null>(
      (a, b) => (a && a.value >= b.value ? a : b),
      null,
    ),
  }
}
