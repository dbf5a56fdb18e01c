// Operations whose gradient is given instead of derived.
import { backward } from '../backward'
import type { Value } from '../value'
import { add, mul, sigmoid, sub } from './elementwise'
import { barrier, recompute } from './shape'
import { withGradient } from './with-gradient'

/** x as a constant: no gradient passes. */
export const stopGradient = (x: Value): Value => withGradient(x, [], () => [])

/** u·silu(g), silu(g) = g·σ(g) (Shazeer 2020). Only g and u are kept for the backward pass. */
export function swiglu(g: Value, u: Value): Value {
  const y = mul(u, mul(g, sigmoid(g)))
  return withGradient(y, [g, u], dy => {
    const again = recompute(g, dy)
    const s = sigmoid(again)
    return [
      () => mul(mul(dy, u), mul(s, add(1, mul(again, sub(1, s))))),
      () => mul(dy, mul(again, s)),
    ]
  })
}

/**
 * f(x), whose inside is computed again in the backward pass instead of being kept (Chen et al. 2016).
 * f(x) must have x's shape; the barrier on the incoming gradient keeps ORT from merging the two computations.
 */
export function recomputed(f: (x: Value) => Value, x: Value): Value {
  return withGradient(f(x), [x], dy => [
    () => {
      const again = barrier(x, dy)
      return backward(f(again), [again], dy)[0]!
    },
  ])
}
