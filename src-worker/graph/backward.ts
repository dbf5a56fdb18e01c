// Reverse-mode differentiation: from one scalar (or any value and its cotangent) to the gradients of some values.
// Only nodes on a path from those values are visited, so a frozen weight never gets a gradient.
import { fail } from '../contract/fault'
import { add } from './ops/elementwise'
import { sum } from './ops/reduce'
import { reshape, zerosLike } from './ops/shape'
import { sameDims, show } from './shape'
import { floats, type GradientRule, type Node, type Value } from './value'
import { rules } from './vjp/rules'

/**
 * Gradients of Σ y·dy with respect to each of `wrt`, in their dims.
 * @param dy cotangent of y; 1 when y is the scalar loss
 */
export function backward(y: Value, wrt: readonly Value[], dy?: Value): readonly Value[] {
  const order = pathNodes(y, wrt)
  const onPath = new Set(order)
  const targets = new Set(wrt)
  const gradients = new Map<Value, Value>([[y, dy ?? floats([], [1])]])
  for (const node of [...order].reverse()) {
    const dys = node.outputs.map(v => gradients.get(v))
    if (dys.every(g => g === undefined)) continue
    const thunks = ruleOf(node)(dys, node)
    node.inputs.forEach((input, i) => {
      if (input === undefined) return
      if (!targets.has(input) && !onPath.has(input.node)) return
      const thunk = thunks[i]
      if (thunk === undefined) return
      const gradient = sumTo(thunk(), input)
      const old = gradients.get(input)
      gradients.set(input, old === undefined ? gradient : add(old, gradient))
    })
  }
  return wrt.map(v => gradients.get(v) ?? zerosLike(v))
}

function ruleOf(node: Node): GradientRule {
  if (node.extra?.kind === 'alias') return node.extra.rule
  return rules[node.op] ?? fail(`no gradient rule for ${node.op}`)
}

/** The inputs through which a gradient can flow. */
function differentiable({ extra, inputs }: Node): readonly (Value | undefined)[] {
  if (extra?.kind === 'per-product') return []
  return extra?.kind === 'alias' ? inputs.slice(1) : inputs
}

/** Nodes between `wrt` and y, inputs before outputs. */
function pathNodes(y: Value, wrt: readonly Value[]): readonly Node[] {
  const targets = new Set(wrt)
  const reaches = new Map<Node, boolean>()
  const order: Node[] = []
  const stack: { node: Node; expanded: boolean }[] = [{ node: y.node, expanded: false }]
  while (stack.length > 0) {
    const { node, expanded } = stack.pop()!
    if (reaches.has(node)) continue
    const inputs = differentiable(node).filter(v => v !== undefined)
    if (!expanded) {
      stack.push({ node, expanded: true })
      for (const v of inputs) if (!targets.has(v)) stack.push({ node: v.node, expanded: false })
      continue
    }
    const onPath = inputs.some(v => targets.has(v) || reaches.get(v.node) === true)
    reaches.set(node, onPath)
    if (onPath) order.push(node)
  }
  return order
}

/** Undo broadcasting: sum a gradient over the axes along which its input was repeated. */
function sumTo(gradient: Value, input: Value): Value {
  const { dims } = input
  if (sameDims(gradient.dims, dims)) return gradient
  const extra = gradient.dims.length - dims.length
  if (extra < 0) fail(`gradient ${show(gradient.dims)} for ${show(dims)}`)
  const axes = gradient.dims.flatMap((d, i) => {
    if (i < extra) return [i]
    return dims[i - extra] === 1 && d !== 1 ? [i] : []
  })
  const summed = axes.length === 0 ? gradient : sum(gradient, axes)
  return sameDims(summed.dims, dims) ? summed : reshape(summed, dims)
}
