// Rules of graph/ops/elementwise.ts. A shape that was broadcast is undone by the walk, not here.
import { add, cast, div, erf, exp, mul, neg, sigmoid, sub, tanh, where } from '../ops/elementwise'
import { times } from '../ops/linear'
import { recompute } from '../ops/shape'
import type { GradientRule, Value } from '../value'
import { binary, unary } from './rule'

export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Add: binary(dy => [() => dy, () => dy]),
  Sub: binary(dy => [() => dy, () => neg(dy)]),
  Mul: binary((dy, a, b) => [() => mul(dy, b), () => mul(dy, a)]),
  Div: binary((dy, _a, b, y) => [() => div(dy, b), () => neg(div(mul(dy, y), b))]),
  Neg: unary(dy => () => neg(dy)),
  Exp: unary((dy, _x, y) => () => mul(dy, y)),
  Log: unary((dy, x) => () => div(dy, x)),
  Sqrt: unary((dy, _x, y) => () => div(mul(0.5, dy), y)),
  Erf: unary((dy, x) => () => mul(dy, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x)))))),
  Tanh: unary((dy, _x, y) => () => mul(dy, sub(1, mul(y, y)))),
  Sigmoid: unary((dy, _x, y) => () => mul(dy, mul(y, sub(1, y)))),
  Relu: unary((dy, _x, y) => () => mul(dy, step(y))),
  Softplus: unary((dy, x) => () => mul(dy, sigmoid(x))),
  Identity: unary(dy => () => dy),
  Cast: unary((dy, x) => () => cast(dy, x.dtype)),
  Where: (dy, node) => {
    const condition = node.inputs[0]!
    return [undefined, () => where(condition, dy[0]!, 0), () => where(condition, 0, dy[0]!)]
  },
  Gelu: (dy, node) => {
    const { approximate } = node.attributes
    const tanhForm =
      approximate !== undefined && 'string' in approximate && approximate.string === 'tanh'
    const twice = tanhForm ? twiceGeluTanhSlope : twiceGeluSlope
    return [
      () => {
        const half = times(dy[0]!, 0.5)
        return mul(half, twice(recompute(node.inputs[0]!, half)))
      },
    ]
  },
}

/** 1 where y > 0, else 0 */
const step = (y: Value): Value => cast(cast(y, 'bool'), y.dtype)

/** 2·d/dx x·Φ(x) = 2·(Φ(x) + x·φ(x)) = 1 + erf u + 2/√π·u·e^(−u²), u = x/√2.
 * The factor 2/√π is inside the exponent: one pass over memory less. */
function twiceGeluSlope(x: Value): Value {
  const u = mul(x, Math.SQRT1_2)
  const bell = mul(u, exp(sub(Math.log(2 / Math.sqrt(Math.PI)), mul(u, u))))
  return add(add(erf(u), bell), 1)
}

/** 2·d/dx ½x(1 + tanh w), w = √(2/π)(x + 0.044715x³) */
function twiceGeluTanhSlope(x: Value): Value {
  const c = Math.sqrt(2 / Math.PI)
  const x2 = mul(x, x)
  const t = tanh(mul(x, add(c, mul(c * 0.044715, x2))))
  const dw = mul(x, add(c, mul(3 * c * 0.044715, x2)))
  return mul(add(1, t), add(1, mul(sub(1, t), dw)))
}
