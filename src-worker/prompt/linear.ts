// One linear layer from the conditions to all rows.
import { gemm } from '../graph/ops/linear'
import { reshape } from '../graph/ops/shape'
import { dim } from '../graph/shape'
import type { Generator, ShapeOf } from './generator'

/** rows = reshape(W·c + b).   W: [P·H, C] */
export const linear: Generator<ShapeOf<'linear'>> = ({ tokens, width }, parameter, conditions) => {
  const rows = gemm(conditions, parameter('linear.weight'), parameter('linear.bias'))
  return reshape(rows, [dim(conditions, 0), tokens, width])
}
