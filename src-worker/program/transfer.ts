// The state to the device and back, and nothing else: what a run call costs beside its steps, to be timed.
import type { PromptShape } from '../contract/snapshot'
import type { Program } from '../graph/onnx'
import { mul } from '../graph/ops/elementwise'
import { input } from '../graph/value'
import { parameterShapes } from '../prompt/state-dict'
import { outputName } from './update'

/** Inputs: p.*, m.*, v.* and `one`, a number that onnxruntime cannot know. Outputs: p.*', m.*', v.*' as they came */
export function transferProgram(shape: PromptShape): Program {
  const one = input('one', 'float32', [])
  const state = ['p', 'm', 'v'].flatMap(part =>
    [...parameterShapes(shape)].map(([name, dims]) => {
      const key = `${part}.${name}`
      return { key, value: input(key, 'float32', dims) }
    }),
  )
  return {
    inputs: [...state.map(({ value }) => value), one],
    outputs: Object.fromEntries(state.map(({ key, value }) => [outputName(key), mul(value, one)])),
  }
}
