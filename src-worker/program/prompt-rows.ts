// The program that only makes prompt rows, for callers that place them themselves (sampling, export, analysis).
import type { Parameters, PromptShape } from '../contract/snapshot'
import { backward } from '../graph/backward'
import { type Program, toOnnx } from '../graph/onnx'
import { mul } from '../graph/ops/elementwise'
import { sum } from '../graph/ops/reduce'
import { float32 } from '../graph/tensor'
import { input } from '../graph/value'
import { conditionCount, promptRows } from '../prompt/rows'
import { parameterShapes } from '../prompt/state-dict'

/** Inputs: p.*, and conditions [B, D] unless there are none. Output rows: [P, H] or [B, P, H] */
export function promptRowsProgram(shape: PromptShape): Program {
  const parameters = new Map(
    [...parameterShapes(shape)].map(([n, dims]) => [n, input(`p.${n}`, 'float32', dims)]),
  )
  const count = conditionCount(shape)
  const conditions = input('conditions', 'float32', ['B', count])
  const rows = promptRows(shape, name => parameters.get(name)!, conditions)
  const inputs = count === 0 ? [] : [conditions]
  return { inputs: [...parameters.values(), ...inputs], outputs: { rows } }
}

/**
 * Rows, and the gradients of Σ rows·cotangent: for checking a generator by itself.
 * conditions: [B, D]   cotangent: [B, P, H]. Outputs rows, g.* as p.*, and g:conditions.
 */
export function promptGradientProgram(
  shape: PromptShape,
  parameters: Parameters,
  conditions: Float32Array,
  cotangent: Float32Array,
  lanes: number,
) {
  const count = conditionCount(shape)
  const given = input('conditions', 'float32', ['B', count])
  const dy = input('cotangent', 'float32', ['B', shape.tokens, shape.width])
  const inputs = [...parameters].map(([n, p]) => [n, input(`p.${n}`, 'float32', p.shape)] as const)
  const byName = new Map(inputs)
  const rows = promptRows(shape, name => byName.get(name)!, given)
  const wrt = [...byName.values(), ...(count > 0 ? [given] : [])]
  const gradients = backward(sum(mul(rows, dy)), wrt)
  const named = inputs.map(([n], i) => [`g.${n}`, gradients[i]!] as const)
  const outputs = { rows, ...Object.fromEntries(named) }
  const program = {
    inputs: [...wrt, dy],
    outputs: count > 0 ? { ...outputs, 'g:conditions': gradients[inputs.length]! } : outputs,
  }
  const values = [...parameters].map(([n, p]) => [`p.${n}`, float32(p.shape, p.data)] as const)
  const feeds = {
    ...Object.fromEntries(values),
    cotangent: float32([lanes, shape.tokens, shape.width], cotangent),
    ...(count > 0 && { conditions: float32([lanes, count], conditions) }),
  }
  return { ...toOnnx(program), feeds }
}
