// How much a program holds at once, from its graph alone: values are made in the order in which they are written, and given
// back behind their last use. Weights, constants, and what is fed are not counted.
import type { Program } from './onnx'
import { inOrder } from './order'
import { type SymbolSizes, sizeOf, sum } from './shape'
import { type DType, type Node, renamed, type Scope, type Value } from './value'

const bits: Readonly<Record<DType, number>> = {
  ...{ float64: 64, int64: 64, float32: 32, int32: 32 },
  ...{ float16: 16, bfloat16: 16, int8: 8, bool: 8, int4: 4 },
}

/** Their output is their input's memory. */
const views = new Set(['Reshape', 'Identity'])
/** They write into an input of the same size that nothing reads afterwards. */
const inPlace = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Exp', 'Log', 'Sqrt', 'Erf', 'Tanh', 'Sigmoid', 'Relu'],
  ...['Softplus', 'Softmax', 'LogSoftmax'],
])

/** Most bytes at once. */
export const liveBytes = (program: Program, sizes: SymbolSizes): number =>
  mostAtOnce(undefined, Object.values(program.outputs), sizes)

function mostAtOnce(
  scope: Scope | undefined,
  results: readonly Value[],
  sizes: SymbolSizes,
): number {
  const nodes = computed(inOrder(scope, results))
  const left = readers(nodes, results)
  const held = new Map<Value, number>()
  let [live, most] = [0, 0]
  for (const node of nodes) {
    const made = node.outputs.filter(v => left.has(v))
    const bytes = made.map(v => bytesOf(v, sizes))
    const ending = lastReads(node, left).filter(v => held.has(v))
    const reuses = inPlace.has(node.op) && ending.some(v => held.get(v) === bytes[0])
    const body = node.extra?.kind === 'scan' ? node.extra.body : undefined
    const inside = body === undefined ? 0 : mostAtOnce(body.scope, body.results, sizes)
    most = Math.max(most, live + inside + (reuses ? 0 : sum(bytes)))
    made.forEach((v, i) => {
      held.set(v, bytes[i]!)
    })
    live += sum(bytes) - sum(ending.map(v => held.get(v)!))
    for (const v of ending) held.delete(v)
  }
  return most
}

const bytesOf = ({ dtype, dims }: Value, sizes: SymbolSizes): number =>
  (bits[dtype] / 8) * dims.reduce<number>((n, d) => n * sizeOf(d, sizes), 1)

/** The value in whose memory this one lies. */
function storage(value: Value): Value {
  const { node } = value
  const same = renamed(node) ?? (views.has(node.op) ? node.inputs[0] : undefined)
  return same === undefined ? value : storage(same)
}

/** The memory that a node reads. */
const reads = ({ inputs, extra }: Node): readonly Value[] => {
  const captured = extra?.kind === 'scan' ? extra.body.captured : []
  return [...inputs.filter(v => v !== undefined), ...captured].map(storage)
}

/** How many reads of each value are still to come. A result is read once more than the program itself reads it. */
function readers(nodes: readonly Node[], results: readonly Value[]): Map<Value, number> {
  const counts = new Map<Value, number>()
  for (const v of [...nodes.flatMap(reads), ...results.map(storage)])
    counts.set(v, (counts.get(v) ?? 0) + 1)
  return counts
}

/** Counts a node's reads, and gives the values that nothing reads after it. */
function lastReads(node: Node, left: Map<Value, number>): readonly Value[] {
  return reads(node).filter(v => {
    const n = left.get(v)! - 1
    left.set(v, n)
    return n === 0
  })
}

/** The nodes that compute when the program runs: what depends on weights and constants alone is made when it opens. */
function computed(nodes: readonly Node[]): readonly Node[] {
  const fixed = new Set<Node>()
  return nodes.filter(node => {
    const { inputs, extra } = node
    const given = inputs.filter(v => v !== undefined)
    const isFixed =
      extra?.kind === 'weight' ||
      extra?.kind === 'constant' ||
      (extra?.kind !== 'scan' && given.length > 0 && given.every(v => fixed.has(v.node)))
    if (isFixed) fixed.add(node)
    const isOperator = extra === undefined || extra.kind === 'scan'
    return isOperator && !isFixed && !views.has(node.op)
  })
}
