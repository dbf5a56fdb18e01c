// The gradient program: loss and gradients of one micro-batch, nothing updated.
// On the CPU training is this program once a micro-batch and the update program once a step: every micro-batch has
// sizes of its own, gradients are summed in place, and weights lie at the top of the graph, where ORT prepacks them.
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
import { add } from '../graph/ops/elementwise'
import { input } from '../graph/value'
import type { LanguageModel } from '../model/language-model'
import { parameterShapes } from '../prompt/state-dict'
import { commonInputs, type FieldName, fieldInputs, listed } from './fields'
import { choiceOf, type ForwardOptions } from './forward'
import { lossScaleInputs } from './loss-scale'
import { microBatch } from './micro-batch'

export interface GradientOptions extends ForwardOptions {
  /** add to the gradients s.* that come in, instead of giving this micro-batch's alone */
  readonly accumulate: boolean
  /** the slots of field `prefix` stand before the others, without a backward pass */
  readonly prefixed: boolean
}

/** Inputs: fields, common inputs, p.* (and s.*, and lossScale for float16). Outputs: loss, and g.* as p.* */
export function gradientProgram(
  model: LanguageModel,
  shape: PromptShape,
  options: GradientOptions,
): Program {
  const common = commonInputs(model, options)
  const fields = fieldInputs(choiceOf(shape, options.prefixed), [])
  const shapes = [...parameterShapes(shape)]
  const inputs = (prefix: string) =>
    shapes.map(([name, dims]) => input(`${prefix}.${name}`, 'float32', dims))
  const parameters = inputs('p')
  const sums = options.accumulate ? inputs('s') : []
  const parts = {
    model,
    shape,
    common,
    options,
    fieldNames: Object.keys(fields) as FieldName[],
    parameterNames: shapes.map(([name]) => name),
  }
  const lossScale = lossScaleInputs(model.gemm, [])
  const { loss, gradients } = microBatch(parts, parameters, Object.values(fields), lossScale[0])
  const named = shapes.map(([name], i) => {
    const gradient = gradients[i]!
    return [`g.${name}`, options.accumulate ? add(sums[i]!, gradient) : gradient] as const
  })
  return {
    inputs: [...parameters, ...sums, ...Object.values(fields), ...lossScale, ...listed(common)],
    outputs: { loss, ...Object.fromEntries(named) },
  }
}
