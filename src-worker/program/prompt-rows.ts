// The program that only makes prompt rows, for whoever places them himself (sampling, export, analysis).
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
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
