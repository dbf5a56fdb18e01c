// The only switch on the kind of soft prompt.
import type { PromptShape } from '../contract/snapshot'
import type { Value } from '../graph/value'
import { direct, type Lookup, linear, mlp } from './generator'
import { resnet, sharedResnet } from './resnet'
import { subspace } from './subspace'

/** How many numbers condition the prompt. */
export const conditionCount = (shape: PromptShape): number =>
  'conditions' in shape ? shape.conditions : 0

/** Rows of a soft prompt: [P, H] when shared by the lanes, else [B, P, H]. conditions: [B, C] */
export function promptRows(shape: PromptShape, parameter: Lookup, conditions: Value): Value {
  switch (shape.type) {
    case 'direct':
      return direct(shape, parameter, conditions)
    case 'subspace':
      return subspace(shape, parameter, conditions)
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
