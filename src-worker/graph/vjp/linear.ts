// Rules of graph/ops/linear.ts: the gradient of a product is a product with other transposes.
import { matmul } from '../ops/linear'
import type { GradientRule, Node } from '../value'
import { binary } from './rule'

const flag = (node: Node, name: string): boolean => {
  const attribute = node.attributes[name]
  return attribute !== undefined && 'int' in attribute && attribute.int === 1
}

const product: GradientRule = (dys, node) => {
  const dy = dys[0]!
  const [a, b] = [node.inputs[0]!, node.inputs[1]!]
  const [transA, transB] = [flag(node, 'transA'), flag(node, 'transB')]
  const factor = node.attributes.alpha
  const alpha = factor !== undefined && 'float' in factor ? factor.float : 1
  return [
    transA
      ? () => matmul(b, dy, { transA: transB, transB: true, alpha })
      : () => matmul(dy, b, { transB: !transB, alpha }),
    transB
      ? () => matmul(dy, a, { transA: true, transB: transA, alpha })
      : () => matmul(a, dy, { transA: !transA, alpha }),
  ]
}

export const linearRules: Readonly<Record<string, GradientRule>> = {
  MatMul: binary((dy, a, b) => [
    () => matmul(dy, b, { transB: true }),
    () => matmul(a, dy, { transA: true }),
  ]),
  FusedMatMul: product,
  Gemm: (dys, node) => {
    const dy = dys[0]!
    const [x, w] = [node.inputs[0]!, node.inputs[1]!]
    return [() => matmul(dy, w), () => matmul(dy, x, { transA: true }), () => dy]
  },
}
