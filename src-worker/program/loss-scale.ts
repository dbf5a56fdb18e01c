// Gradients through float16 products. Their entries are as small as one label's share of the mean loss, and float16 ends
// at 6e-8. So the gradient at the hidden rows, the last place before the first such product, is scaled to a given
// largest entry, and the parameters' gradients are scaled back in float32. The scale follows from the step alone, so a
// run resumes bit for bit and no step is ever left out; where a product still overflows, the same step is computed
// again with a smaller loss scale.
import { backward } from '../graph/backward'
import { greatestLast } from '../graph/ops/choose'
import { add, div, mul, sqrt } from '../graph/ops/elementwise'
import { reshape } from '../graph/ops/shape'
import { input, type Value } from '../graph/value'
import type { GemmType } from '../model/source'

/**
 * Largest entries of the gradient at the hidden rows, to be tried in turn. The error of the demo models' gradients is
 * 0.2 % from 2⁻¹² to 2⁹, all of it roundings; beyond lies infinity, and 2⁻¹⁶, where the mean loss of 4000 labels would
 * lie by itself, has 3 %.
 */
export const lossScales: readonly number[] = [1, 2 ** -6, 2 ** -12]

/** The input of a program that takes its loss scale from outside. */
export const lossScaleInputs = (gemm: GemmType, leading: readonly 'K'[]): readonly Value[] =>
  gemm === 'float16' ? [input('lossScale', 'float32', leading)] : []

/** Gradients of the loss; `hidden`: what it is computed from   lossScale: [] */
export function scaledBackward(
  loss: Value,
  hidden: Value,
  parameters: readonly Value[],
  lossScale: Value,
): readonly Value[] {
  const dy = backward(loss, [hidden])[0]!
  const ofRows = greatestLast(mul(dy, dy))
  const largest = reshape(sqrt(greatestLast(reshape(ofRows, [1, ofRows.dims[0]!]))), [])
  // not a division by zero where no label counts
  const scale = div(lossScale, add(largest, 1e-30))
  return backward(hidden, parameters, mul(dy, scale)).map(g => div(g, scale))
}
