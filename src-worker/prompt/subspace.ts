// A soft prompt in a random subspace: rows = start + A·z, where only the d numbers of z are trained
// (Li et al. 2018, intrinsic dimension). Each column of A has ±1/√n at n places, and no place is in two columns. So its
// columns are orthonormal, and it takes P·H numbers and not d·P·H (Li et al. 2025, Uni-LoRA, project in the same way).
import { add, mul } from '../graph/ops/elementwise'
import { stopGradient } from '../graph/ops/gradient'
import { gather, reshape, slice } from '../graph/ops/shape'
import { withGradient } from '../graph/ops/with-gradient'
import { floats, ints, type Value } from '../graph/value'
import { rng } from '../stream/rng'
import type { Generator, ShapeOf } from './generator'
import { startName } from './state-dict'

/** A as two lists over its N = P·H rows, in an order in which the columns take turns. */
export interface Projection {
  /** the row of A that stands at a place of that order; its nonzero column is place mod d */
  readonly rowAt: Uint32Array
  /** that row's nonzero number */
  readonly numberAt: Float32Array
}

/** The projection of a shape: equal seeds and sizes give equal numbers. */
export function projectionOf({
  tokens,
  width,
  dimensions: d,
  seed,
}: ShapeOf<'subspace'>): Projection {
  const count = tokens * width
  const random = rng(seed, 'projection')
  const rowAt = Uint32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const row = rowAt[i]!
    rowAt[i] = rowAt[j]!
    rowAt[j] = row
  }
  const placesOf = (column: number): number => Math.ceil((count - column) / d)
  const numberAt = Float32Array.from({ length: count }, (_, place) => {
    const sign = random.below(2) === 0 ? 1 : -1
    return sign / Math.sqrt(placesOf(place % d))
  })
  return { rowAt, numberAt }
}

/**
 * Bytes of the projection in a program: its numbers, and the two orders of `permuted` in 64 bits. Once in the program as it is
 * handed over, once in the session.
 */
export const projectionBytes = ({ tokens, width }: ShapeOf<'subspace'>): number =>
  2 * tokens * width * (4 + 8 + 8)

/** x[order], whose gradient is gathered too: added at scattered places, its last bits could change from run to run. */
function permuted(x: Value, order: Uint32Array): Value {
  const inverse = new Uint32Array(order.length)
  order.forEach((from, to) => {
    inverse[from] = to
  })
  const y = gather(x, ints(Array.from(order)))
  return withGradient(y, [x], dy => [() => gather(dy, ints(Array.from(inverse)))])
}

/** rows = start + A·z; no gradient reaches the start rows.   z: [d]   start: [P, H] → [P, H] */
export const subspace: Generator<ShapeOf<'subspace'>> = (shape, parameter) => {
  const { tokens, width, dimensions: d } = shape
  const count = tokens * width
  const { rowAt, numberAt } = projectionOf(shape)
  const turns = Math.ceil(count / d)
  const ones = floats([turns, 1], new Float32Array(turns).fill(1))
  const repeated = reshape(mul(ones, reshape(parameter('z'), [1, d])), [turns * d])
  const inOrder = mul(slice(repeated, 0, 0, count), floats([count], numberAt))
  const placeOf = new Uint32Array(count)
  rowAt.forEach((row, place) => {
    placeOf[row] = place
  })
  const start = stopGradient(parameter(startName))
  return add(start, reshape(permuted(inOrder, placeOf), [tokens, width]))
}
