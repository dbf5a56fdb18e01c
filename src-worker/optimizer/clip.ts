// The norm of all gradients together, and clipping by it (Pascanu et al. 2013; torch.nn.utils.clip_grad_norm_).
import { add, div, minimum, mul, sqrt } from '../graph/ops/elementwise'
import { sumOfSquares } from '../graph/ops/reduce'
import { floats, type Value } from '../graph/value'

/** √Σg² over all gradients */
export const globalNorm = (gradients: readonly Value[]): Value =>
  sqrt(gradients.map(sumOfSquares).reduce((a, b) => add(a, b), floats([], [0])))

/** min(1, limit/(norm + 1e-6)) */
export const clipFactor = (norm: Value, limit: number): Value =>
  minimum(div(limit, add(norm, 1e-6)), 1)

export const scaled = (gradient: Value, factor: Value): Value => mul(gradient, factor)
