// The gradient program: loss and gradients of one micro-batch, nothing updated. For comparing devices and references.
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
import { input } from '../graph/value'
import type { LanguageModel } from '../model/language-model'
import { conditionCount } from '../prompt/rows'
import { parameterShapes } from '../prompt/state-dict'
import { commonInputs, type FieldName, fieldInputs } from './fields'
import { type ForwardOptions, rotaryWidth } from './forward'
import { microBatch } from './micro-batch'

/** Inputs: fields, common inputs, p.*. Outputs: loss, and g.* as p.* */
export function gradientProgram(
  model: LanguageModel,
  shape: PromptShape,
  options: ForwardOptions,
): Program {
  const common = commonInputs(rotaryWidth(model), options.queryBlocks)
  const fields = fieldInputs(shape.tokens, conditionCount(shape), [])
  const shapes = [...parameterShapes(shape)]
  const parameters = shapes.map(([name, dims]) => input(`p.${name}`, 'float32', dims))
  const parts = {
    model,
    shape,
    common,
    options,
    fieldNames: Object.keys(fields) as FieldName[],
    parameterNames: shapes.map(([name]) => name),
  }
  const { loss, gradients } = microBatch(parts, parameters, Object.values(fields))
  const named = shapes.map(([name], i) => [`g.${name}`, gradients[i]!] as const)
  return {
    inputs: [...parameters, ...Object.values(fields), ...Object.values(common)],
    outputs: { loss, ...Object.fromEntries(named) },
  }
}
