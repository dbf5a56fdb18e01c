// The evaluation program: −log p of every labelled row of one micro-batch, no backward pass.
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
import { linearNll } from '../graph/ops/loss'
import { input } from '../graph/value'
import type { LanguageModel } from '../model/language-model'
import { promptRows } from '../prompt/rows'
import { parameterShapes } from '../prompt/state-dict'
import { commonInputs, type Fields, fieldInputs, listed } from './fields'
import { choiceOf, type ForwardOptions, labelledRows } from './forward'

/** Inputs: the fields of program/fields.ts, the common inputs, parameters p.*. Output nll: [C, r] */
export function evaluateProgram(
  model: LanguageModel,
  shape: PromptShape,
  options: ForwardOptions,
): Program {
  const { tokens } = shape
  const common = commonInputs(model, options)
  const used = fieldInputs(choiceOf(shape, false), [])
  const fields = used as Fields
  const parameters = new Map(
    tokens === 0
      ? []
      : [...parameterShapes(shape)].map(([n, dims]) => [n, input(`p.${n}`, 'float32', dims)]),
  )
  const prompt =
    tokens === 0 ? undefined : promptRows(shape, n => parameters.get(n)!, fields.conditions)
  const hidden = labelledRows(model, fields, common, prompt, options)
  const inputs = Object.entries(used).flatMap(([name, v]) => (name === 'weights' ? [] : [v]))
  return {
    inputs: [...parameters.values(), ...inputs, ...listed(common)],
    outputs: { nll: linearNll(hidden, model.head, fields.labels) },
  }
}
