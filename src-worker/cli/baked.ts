// Rows of a snapshot at given conditions, without its model: only the generator runs.
import { Fault } from '../contract/fault'
import type { Snapshot } from '../contract/snapshot'
import { bakeRows } from '../sample/bake'
import { openRuntime } from '../session/provider'

/** [P, H]. Faults: shape, when the number of conditions is wrong. */
export async function bakedRows(
  snapshot: Snapshot,
  conditions: readonly number[],
): Promise<Float32Array> {
  const { shape, conditionNames } = snapshot.metadata
  const needed = shape.type === 'direct' ? 0 : shape.conditions
  if (conditions.length !== needed)
    throw new Fault(
      'shape',
      `this soft prompt is made from ${needed} conditions (${conditionNames.join(', ') || 'unnamed'}), ${conditions.length} were given`,
      `Give --conditions ${needed === 0 ? 'no value' : Array(needed).fill('0').join(',')}.`,
    )
  const { runtime } = await openRuntime('cpu')
  return bakeRows(runtime, snapshot, conditions)
}
