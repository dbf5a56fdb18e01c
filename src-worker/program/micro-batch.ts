// One micro-batch, forward and backward: the part that training, gradient checks and accumulation share.
import type { PromptShape } from '../contract/snapshot'
import { backward } from '../graph/backward'
import { linearCrossEntropy } from '../graph/ops/loss'
import type { Value } from '../graph/value'
import type { LanguageModel } from '../model/language-model'
import { promptRows } from '../prompt/rows'
import type { Common, FieldName, Fields } from './fields'
import { type ForwardOptions, labelledRows } from './forward'
import { scaledBackward } from './loss-scale'

export interface MicroBatchParts {
  readonly model: LanguageModel
  readonly shape: PromptShape
  readonly common: Common
  readonly options: ForwardOptions
  readonly fieldNames: readonly FieldName[]
  readonly parameterNames: readonly string[]
}

/** Loss and gradients of one micro-batch. lossScale: for float16 products only */
export function microBatch(
  parts: MicroBatchParts,
  parameters: readonly Value[],
  slices: readonly Value[],
  lossScale: Value | undefined,
) {
  const { model, shape, common, options } = parts
  const fields = Object.fromEntries(parts.fieldNames.map((name, i) => [name, slices[i]!])) as Fields
  const byName = new Map(parts.parameterNames.map((name, i) => [name, parameters[i]!]))
  const prompt = promptRows(shape, name => byName.get(name)!, fields.conditions)
  const hidden = labelledRows(model, fields, common, prompt, options)
  const { loss } = linearCrossEntropy(hidden, model.head, fields.labels, fields.weights)
  const gradients =
    lossScale === undefined
      ? backward(loss, parameters)
      : scaledBackward(loss, hidden, parameters, lossScale)
  return { loss, gradients }
}
