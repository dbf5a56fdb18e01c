// The only switch on the kind of soft prompt.
import type { PromptShape } from '../contract/snapshot'
import type { Value } from '../graph/value'
import { direct, type Lookup, linear, mlp } from './generator'
import { resnet, sharedResnet } from './resnet'

/** How many numbers condition the prompt. */
export const conditionCount = (shape: PromptShape): number =>
  shape.type === 'direct' ? 0 : shape.conditions

/** Rows of a soft prompt: [P, H] when shared by the lanes, else [B, P, H]. conditions: [B, C] */
export function promptRows(shape: PromptShape, parameter: Lookup, conditions: Value): Value {
  switch (shape.type) {
    case 'direct':
      return direct(shape, parameter, conditions)
    case 'linear':
      return linear(shape, parameter, conditions)
    case 'mlp':
      return mlp(shape, parameter, conditions)
    case 'resnet':
    case 'shared-resnet':
      return (shape.type === 'resnet' ? resnet : sharedResnet)(
        shape as Parameters<typeof resnet>[0],
        parameter,
        conditions,
      )
  }
}
