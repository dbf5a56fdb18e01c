// The norm of all gradients together, and clipping by it (Pascanu et al. 2013; torch.nn.utils.clip_grad_norm_).
import { add, div, minimum, mul, sqrt } from '../graph/ops/elementwise'
import { sum } from '../graph/ops/reduce'
import { floats, type Value } from '../graph/value'

/** √Σg² over all gradients */
export function globalNorm(gradients: readonly Value[]): Value {
  const squares = gradients.map(g => sum(mul(g, g)))
  return sqrt(squares.reduce((a, b) => add(a, b), floats([], [0])))
}

/** g·min(1, limit/(norm + 1e-6)) */
export function clip(gradients: readonly Value[], norm: Value, limit: number): readonly Value[] {
  const factor = minimum(div(limit, add(norm, 1e-6)), 1)
  return gradients.map(g => mul(g, factor))
}
