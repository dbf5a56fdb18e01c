// A conditional soft prompt made unconditional: its rows at given conditions.
import type { Snapshot } from '../contract/snapshot'
import { toOnnx } from '../graph/onnx'
import { float32, type Tensor, type Tensors } from '../graph/tensor'
import { promptRowsProgram } from '../program/prompt-rows'
import { conditionCount } from '../prompt/rows'
import type { Runtime } from '../session/runtime'

/** Feeds of the program that makes prompt rows: parameters, and conditions [B, C]. */
export function rowsFeeds(
  { metadata, parameters }: Snapshot,
  conditions: readonly (readonly number[])[],
): Tensors {
  const feeds: Record<string, Tensor> = {}
  for (const [name, { shape: dims, data }] of parameters) feeds[`p.${name}`] = float32(dims, data)
  const dims = [conditions.length, conditionCount(metadata.shape)]
  feeds.conditions = float32(dims, Float32Array.from(conditions.flat()))
  return feeds
}

/** [P, H]; of a direct prompt its own rows. */
export async function bakeRows(
  runtime: Runtime,
  snapshot: Snapshot,
  conditions: readonly number[],
): Promise<Float32Array> {
  const { shape } = snapshot.metadata
  if (shape.type === 'direct')
    return snapshot.parameters.get('embedding')?.data ?? new Float32Array(0)
  const session = await runtime.open(toOnnx(promptRowsProgram(shape)).bytes, undefined)
  try {
    const { rows } = await session.run(rowsFeeds(snapshot, [conditions]))
    return rows?.data as Float32Array
  } finally {
    await session.release()
  }
}
