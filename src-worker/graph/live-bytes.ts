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

/** How a device runs programs. */
interface Ways {
  /** these write into an input of the same size that nothing reads afterwards */
  readonly inPlace: ReadonlySet<string>
  /** states of a loop lie there so many times besides what comes in and what comes out */
  readonly betweenSteps: number
  /** of the nodes as they are written */
  readonly order: (nodes: readonly Node[]) => readonly Node[]
}

const onHost: Ways = {
  inPlace: new Set([
    ...['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Exp', 'Log', 'Sqrt', 'Erf', 'Tanh', 'Sigmoid', 'Relu'],
    ...['Softplus', 'Softmax', 'LogSoftmax'],
  ]),
  betweenSteps: 0,
  order: nodes => nodes,
}
/** CUDA's elementwise kernels are not registered as writing in place. */
const onDevice: Ways = { inPlace: new Set(), betweenSteps: 2, order: asOpened }

/** Where values lie. */
export interface Memory<Place> {
  take(bytes: number): Place
  give(place: Place): void
}

/** Most bytes at once. */
export function liveBytes(program: Program, sizes: SymbolSizes): number {
  let [live, most] = [0, 0]
  const memory: Memory<number> = {
    take(bytes) {
      live += bytes
      most = Math.max(most, live)
      return bytes
    },
    give(bytes) {
      live -= bytes
    },
  }
  lay(undefined, Object.values(program.outputs), { memory, sizes, ways: onHost })
  return most
}

/** Lays what is fed, and then all values as a device does, in a memory. */
export function layOnDevice<Place>(
  program: Program,
  sizes: SymbolSizes,
  memory: Memory<Place>,
): void {
  const fed = program.inputs.map(v => memory.take(bytesOf(v, sizes)))
  lay(undefined, Object.values(program.outputs), { memory, sizes, ways: onDevice })
  for (const place of fed) memory.give(place)
}

interface Layout<Place> {
  readonly memory: Memory<Place>
  readonly sizes: SymbolSizes
  readonly ways: Ways
}

function lay<Place>(
  scope: Scope | undefined,
  results: readonly Value[],
  layout: Layout<Place>,
): void {
  const { memory, sizes, ways } = layout
  const nodes = computed(ways.order(inOrder(scope, results)))
  const left = readers(nodes, results)
  const held = new Map<Value, Place>()
  for (const node of nodes) {
    const made = node.outputs.filter(v => left.has(v))
    const ending = lastReads(node, left).filter(v => held.has(v))
    const same = (v: Value): boolean => bytesOf(v, sizes) === bytesOf(made[0]!, sizes)
    const reused = ways.inPlace.has(node.op) && made.length > 0 ? ending.find(same) : undefined
    for (const v of made)
      held.set(v, reused === undefined ? memory.take(bytesOf(v, sizes)) : held.get(reused)!)
    layBody(node, layout)
    for (const v of ending) {
      if (v !== reused) memory.give(held.get(v)!)
      held.delete(v)
    }
  }
  for (const place of held.values()) memory.give(place)
}

function layBody<Place>({ extra, outputs }: Node, layout: Layout<Place>): void {
  if (extra?.kind !== 'scan') return
  const { memory, sizes, ways } = layout
  const { scope, results, stateCount } = extra.body
  const between = outputs
    .slice(0, stateCount)
    .flatMap(v => Array.from({ length: ways.betweenSteps }, () => memory.take(bytesOf(v, sizes))))
  lay(scope, results, layout)
  for (const place of between) memory.give(place)
}

/** Bytes of weights, and of what is made of them alone when the program opens, as its operators read them. */
export function frozenBytes(program: Program, sizes: SymbolSizes): number {
  const nodes = inOrder(undefined, Object.values(program.outputs))
  const fixed = fixedIn(nodes)
  const read = new Set(computed(nodes, fixed).flatMap(reads))
  return sum([...read].filter(v => fixed.has(v.node)).map(v => bytesOf(v, sizes)))
}

/** onnxruntime's own order: back from the last results; of what a node reads, what was written last comes first. */
function asOpened(nodes: readonly Node[]): readonly Node[] {
  const index = new Map(nodes.map((node, i) => [node, i]))
  const before = (node: Node): number[] => {
    const { extra, inputs } = node
    const captured = extra?.kind === 'scan' ? extra.body.captured : []
    const read = [...inputs, ...captured].map(v => v && index.get(v.node))
    return [...new Set(read.filter(i => i !== undefined))].sort((a, b) => a - b)
  }
  const parents = nodes.map(before)
  const readers = new Set(parents.flat())
  const stack = nodes.flatMap((_, i) => (readers.has(i) ? [] : [{ i, ready: false }]))
  const seen = new Set<number>()
  const out: Node[] = []
  while (stack.length > 0) {
    const { i, ready } = stack.pop()!
    if (ready) out.push(nodes[i]!)
    if (seen.has(i)) continue
    seen.add(i)
    stack.push({ i, ready: true }, ...parents[i]!.map(p => ({ i: p, ready: false })))
  }
  return out
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

/** What depends on weights and constants alone: it is made when the program opens. */
function fixedIn(nodes: readonly Node[]): ReadonlySet<Node> {
  const fixed = new Set<Node>()
  for (const node of nodes) {
    const { inputs, extra } = node
    const given = inputs.filter(v => v !== undefined)
    const isFixed =
      extra?.kind === 'weight' ||
      extra?.kind === 'constant' ||
      (extra?.kind !== 'scan' && given.length > 0 && given.every(v => fixed.has(v.node)))
    if (isFixed) fixed.add(node)
  }
  return fixed
}

/** The nodes that compute when the program runs. */
function computed(nodes: readonly Node[], fixed = fixedIn(nodes)): readonly Node[] {
  return nodes.filter(node => {
    const { extra } = node
    const isOperator = extra === undefined || extra.kind === 'scan'
    return isOperator && !fixed.has(node) && !views.has(node.op)
  })
}
