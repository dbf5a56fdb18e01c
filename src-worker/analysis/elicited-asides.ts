// What stands beside an answer: other measures at its length, a real completion, and what it is in bits.
import { findBehaviour } from '../behaviours/registry'
import type { Criterion } from '../contract/behaviour'
import type { Elicitation, ElicitationState } from '../contract/elicitation'
import { bitsOf } from './elicited-bits'
import { mean } from './numbers'
import type { PreparedCurve } from './prepare'

/** The length that a state speaks of. */
const placeOf = (state: ElicitationState): number | undefined =>
  state.kind === 'undecided' ? undefined : (state.kind === 'gain' ? state.bits : state.at)?.tokens

/** What stands beside the share there: other measures that the behaviour names, and a real completion. */
export function asidesOf(
  { curve, criterion }: { readonly curve: PreparedCurve; readonly criterion: Criterion },
  state: ElicitationState,
): Pick<Elicitation, 'beside' | 'example' | 'bits'> {
  const at = placeOf(state)
  const runs = curve.trained.find(({ tokens }) => tokens === at)?.runs ?? []
  const { measures = [] } = findBehaviour(runs[0]?.experiment ?? '') ?? {}
  const beside = measures.flatMap(({ tag, beside: isNamed }): Elicitation['beside'] => {
    if (!isNamed || tag === criterion.measure) return []
    const values = runs.flatMap(run => run.metrics[tag] ?? [])
    if (values.length > 0) return [{ measure: tag, value: mean(values), why: '' }]
    const why = runs.flatMap(run => run.unmeasured?.[tag] ?? [])[0]
    return why === undefined ? [] : [{ measure: tag, value: null, why }]
  })
  const example = runs.find(run => run.example !== undefined)?.example ?? null
  return { beside, example, bits: bitsOf(curve.trained, at, curve.group.source) }
}
