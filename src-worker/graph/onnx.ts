// A DAG of values → the bytes of an ONNX model (opset 21). Names are numbers in order of writing,
// so equal graphs give equal bytes. Frozen weights stay in their own files.
import { relative, sep } from 'node:path'
import { fail } from '../contract/fault'
import { type Message, message } from '../shared/protobuf'
import { type Initializers, initializers, tensor } from './initializers'
import { inOrder } from './order'
import { type Attribute, type Node, onnxType, renamed, type Scope, type Value } from './value'

const opset = 21
const irVersion = 10

export interface Program {
  readonly inputs: readonly Value[]
  /** name → value, in order */
  readonly outputs: Readonly<Record<string, Value>>
}

export interface OnnxModel {
  readonly bytes: Uint8Array
  /** operator → how many nodes, bodies of scans included */
  readonly opCounts: Readonly<Record<string, number>>
}

interface Writer {
  readonly names: Map<Value, string>
  readonly written: Set<Node>
  /** external weights by their names: they lie at the top, wherever they are read */
  readonly weights: Map<string, string>
  readonly top: Initializers
  /** names of constants are numbers too */
  readonly fresh: () => string
  readonly counts: Record<string, number>
  readonly weightsFolder: string
}

/**
 * The model of a program.
 * @param weightsFolder folder to which the locations of the frozen weights are relative
 */
export function toOnnx(program: Program, weightsFolder = ''): OnnxModel {
  let constants = 0
  const fresh = (): string => `c${constants++}`
  const writer: Writer = {
    names: new Map(),
    written: new Set(),
    weights: new Map(),
    top: initializers(fresh),
    fresh,
    counts: {},
    weightsFolder,
  }
  for (const v of program.inputs) writer.names.set(v, inputName(v))
  const outputs = Object.entries(program.outputs)
  const results = outputs.map(([name, v]) => ({
    name,
    v,
    direct: claim(writer, undefined, v, name),
  }))
  const nodes = writeNodes(
    writer,
    writer.top,
    undefined,
    outputs.map(([, v]) => v),
  )
  for (const r of results) if (!r.direct) nodes.push(copyNode(writer, writer.top, r.v, r.name))
  const graph = message()
  for (const node of nodes) graph.message(1, node)
  graph.text(2, 'program')
  for (const initializer of writer.top.messages) graph.message(5, initializer)
  for (const v of program.inputs) graph.message(11, valueInfo(inputName(v), v))
  for (const [name, v] of outputs) graph.message(12, valueInfo(name, v))
  const model = message()
    .int(1, irVersion)
    .text(2, 'soft-prompt-workbench')
    .message(7, graph)
    .message(8, message().text(1, '').int(2, opset))
    .message(8, message().text(1, 'com.microsoft').int(2, 1))
  return { bytes: model.done(), opCounts: writer.counts }
}

const inputName = (v: Value): string =>
  v.node.extra?.kind === 'input' ? v.node.extra.name : fail('a program input is not an input')

/** The value that a chain of aliases stands for. */
function target(value: Value): Value {
  let v = value
  for (let next = renamed(v.node); next !== undefined; next = renamed(v.node)) v = next
  return v.node.extra?.kind === 'per-product' ? fail('a matrix is read outside a product') : v
}

/** The name of what an operator of a graph reads. */
function readName(writer: Writer, graph: Initializers, value: Value): string {
  const v = target(value)
  const { extra } = v.node
  return extra?.kind === 'constant' ? graph.nameOf(v, extra.data) : nameOf(writer, v)
}

function nameOf(writer: Writer, value: Value): string {
  const v = target(value)
  const known = writer.names.get(v)
  if (known !== undefined) return known
  const name = `v${writer.names.size}`
  writer.names.set(v, name)
  return name
}

/** Messages of the nodes of one scope that the given values need. */
function writeNodes(
  writer: Writer,
  graph: Initializers,
  scope: Scope | undefined,
  roots: readonly Value[],
): Message[] {
  return inOrder(scope, roots, writer.written).flatMap(node => {
    const message = writeNode(writer, graph, node)
    return message === undefined ? [] : [message]
  })
}

function writeNode(writer: Writer, graph: Initializers, node: Node): Message | undefined {
  const { extra } = node
  const first = node.outputs[0]!
  if (extra === undefined || extra.kind === 'scan') return operator(writer, graph, node)
  if (extra.kind === 'weight') writeWeight(writer, first)
  if (extra.kind === 'input' && !writer.names.has(first))
    fail(`input ${extra.name} is not listed among the program's inputs`)
  return undefined
}

function operator(writer: Writer, graph: Initializers, node: Node): Message {
  writer.counts[node.op] = (writer.counts[node.op] ?? 0) + 1
  const out = message()
  for (const v of node.inputs) out.text(1, v === undefined ? '' : readName(writer, graph, v))
  const names = node.outputs.map(v => nameOf(writer, v))
  for (const name of names) out.text(2, name)
  out.text(3, `${node.op}_${names[0]}`).text(4, node.op)
  for (const [name, value] of Object.entries(node.attributes))
    out.message(5, attribute(name, value))
  if (node.extra?.kind === 'scan') {
    const body = message().text(1, 'body').message(6, bodyGraph(writer, node)).int(20, 5)
    out.message(5, body)
  }
  if (node.domain !== '') out.text(7, node.domain)
  return out
}

function bodyGraph(writer: Writer, node: Node): Message {
  if (node.extra?.kind !== 'scan') return fail('not a scan')
  const { body } = node.extra
  for (const v of body.arguments) nameOf(writer, v)
  const results = body.results.map((v, i) => {
    const name = `${nameOf(writer, node.outputs[i]!)}_next`
    return { name, v, direct: claim(writer, body.scope, v, name) }
  })
  const own = initializers(writer.fresh)
  const nodes = writeNodes(writer, own, body.scope, body.results)
  const graph = message()
  for (const n of nodes) graph.message(1, n)
  for (const r of results) if (!r.direct) graph.message(1, copyNode(writer, own, r.v, r.name))
  graph.text(2, `body${body.scope.depth}`)
  for (const initializer of own.messages) graph.message(5, initializer)
  for (const v of body.arguments) graph.message(11, valueInfo(nameOf(writer, v), v))
  for (const r of results) graph.message(12, valueInfo(r.name, r.v))
  return graph
}

/**
 * Lets an operator of this scope write under the name of a result; false when the value is no such operator's
 * or has a name already: then it is copied.
 */
function claim(writer: Writer, scope: Scope | undefined, value: Value, name: string): boolean {
  const v = target(value)
  const { extra } = v.node
  const operates = extra === undefined || extra.kind === 'scan'
  if (!operates || v.node.scope !== scope || writer.names.has(v)) return false
  writer.names.set(v, name)
  return true
}

const copyNode = (writer: Writer, graph: Initializers, v: Value, name: string): Message =>
  message()
    .text(1, readName(writer, graph, v))
    .text(2, name)
    .text(3, `Identity_${name}`)
    .text(4, 'Identity')

function attribute(name: string, value: Attribute): Message {
  const out = message().text(1, name)
  if ('float' in value) return out.float(2, value.float).int(20, 1)
  if ('int' in value) return out.int(3, value.int).int(20, 2)
  if ('string' in value) return out.text(4, value.string).int(20, 3)
  return out.packedInts(8, value.ints).int(20, 7)
}

function valueInfo(name: string, v: Value): Message {
  const shape = message()
  for (const d of v.dims)
    shape.message(1, typeof d === 'number' ? message().int(1, d) : message().text(2, d))
  const tensor = message().int(1, onnxType[v.dtype]).message(2, shape)
  return message().text(1, name).message(2, message().message(1, tensor))
}

function writeWeight(writer: Writer, v: Value): void {
  if (v.node.extra?.kind !== 'weight') return
  const { weight } = v.node.extra
  const known = writer.weights.get(weight.name)
  if (known !== undefined) {
    writer.names.set(v, known)
    return
  }
  writer.weights.set(weight.name, weight.name)
  writer.names.set(v, weight.name)
  const location = relative(writer.weightsFolder, weight.file).split(sep).join('/')
  const entry = (key: string, value: string): Message => message().text(1, key).text(2, value)
  writer.top.messages.push(
    tensor(weight.name, v)
      .message(13, entry('location', location))
      .message(13, entry('offset', String(weight.offset)))
      .message(13, entry('length', String(weight.length)))
      .int(14, 1),
  )
}
