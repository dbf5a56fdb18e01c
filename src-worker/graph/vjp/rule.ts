// How a rule is written: dy, the inputs and the output in, one thunk an input out.
import type { GradientRule, Thunk, Value } from '../value'

export const unary =
  (rule: (dy: Value, x: Value, y: Value) => Thunk): GradientRule =>
  (dy, node) => [rule(dy[0]!, node.inputs[0]!, node.outputs[0]!)]

export const binary =
  (rule: (dy: Value, a: Value, b: Value, y: Value) => readonly [Thunk, Thunk]): GradientRule =>
  (dy, node) =>
    rule(dy[0]!, node.inputs[0]!, node.inputs[1]!, node.outputs[0]!)
