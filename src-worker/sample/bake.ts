// A conditional soft prompt made unconditional: its rows at given conditions, without its model.

import { Fault } from '../contract/fault'
import type { Snapshot } from '../contract/snapshot'
import { toOnnx } from '../graph/onnx'
import { float32, type Tensor, type Tensors } from '../graph/tensor'
import { promptRowsProgram } from '../program/prompt-rows'
import { conditionCount } from '../prompt/rows'
import { openRuntime } from '../session/provider'
import { counted } from '../shared/counted'

/** Feeds of the program that makes prompt rows: parameters, and conditions [B, C] where it has any. */
export function rowsFeeds(
  { metadata, parameters }: Snapshot,
  conditions: readonly (readonly number[])[],
): Tensors {
  const feeds: Record<string, Tensor> = {}
  for (const [name, { shape: dims, data }] of parameters) feeds[`p.${name}`] = float32(dims, data)
  const count = conditionCount(metadata.shape)
  if (count > 0)
    feeds.conditions = float32([conditions.length, count], Float32Array.from(conditions.flat()))
  return feeds
}

/** Faults: shape, when there are more or fewer conditions than the prompt is made from. */
export function checkConditions({ metadata }: Snapshot, conditions: readonly number[]): void {
  const { shape, conditionNames } = metadata
  const needed = conditionCount(shape)
  if (conditions.length === needed) return
  const what = counted(needed, 'condition')
  const named = conditionNames.length > 0 ? ` (${conditionNames.join(', ')})` : ''
  throw new Fault(
    'shape',
    `this soft prompt is made from ${what}${named}, ${conditions.length} were given`,
    needed === 0 ? 'Give none.' : `Give ${needed}, for instance ${Array(needed).fill(0)}.`,
  )
}

/** A subspace prompt as a direct one of the same rows, which every program can read; any other as it is. */
export async function withOwnRows(snapshot: Snapshot): Promise<Snapshot> {
  const { metadata } = snapshot
  const { type, tokens, width } = metadata.shape
  if (type !== 'subspace') return snapshot
  const rows = { shape: [tokens, width], data: await bakedRows(snapshot, []) }
  return {
    metadata: { ...metadata, shape: { type: 'direct', tokens, width } },
    parameters: new Map([['embedding', rows]]),
  }
}

/** [P, H]; of a direct prompt its own rows. Faults: shape, when the number of conditions is wrong. */
export async function bakedRows(
  snapshot: Snapshot,
  conditions: readonly number[],
): Promise<Float32Array> {
  const { shape } = snapshot.metadata
  checkConditions(snapshot, conditions)
  if (shape.type === 'direct')
    return snapshot.parameters.get('embedding')?.data ?? new Float32Array(0)
  const { runtime } = await openRuntime('cpu')
  const session = await runtime.open(toOnnx(promptRowsProgram(shape)).bytes, undefined)
  try {
    const { rows } = await session.run(rowsFeeds(snapshot, [conditions]))
    return rows?.data as Float32Array
  } finally {
    await session.release()
  }
}
