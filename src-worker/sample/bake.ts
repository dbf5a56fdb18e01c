// A conditional soft prompt made unconditional: its rows at given conditions.
import type { Snapshot } from '../contract/snapshot'
import { toOnnx } from '../graph/onnx'
import { float32, type Tensor } from '../graph/tensor'
import { promptRowsProgram } from '../program/prompt-rows'
import type { Runtime } from '../session/runtime'

/** [P, H]; of a direct prompt its own rows. */
export async function bakeRows(
  runtime: Runtime,
  { metadata, parameters }: Snapshot,
  conditions: readonly number[],
): Promise<Float32Array> {
  const { shape } = metadata
  if (shape.type === 'direct') return parameters.get('embedding')?.data ?? new Float32Array(0)
  const feeds: Record<string, Tensor> = {}
  for (const [name, { shape: dims, data }] of parameters) feeds[`p.${name}`] = float32(dims, data)
  feeds.conditions = float32([1, conditions.length], Float32Array.from(conditions))
  const session = await runtime.open(toOnnx(promptRowsProgram(shape)).bytes, undefined)
  try {
    const { rows } = await session.run(feeds)
    return rows?.data as Float32Array
  } finally {
    await session.release()
  }
}
