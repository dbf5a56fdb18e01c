// The immutable values of a computation: a DAG of nodes, each output with a dtype and dims.
// A dim is a number, or a symbol such as 'B' whose size is known only when the program runs.
// Nothing here computes: graph/onnx.ts writes the DAG as an ONNX model, graph/backward.ts differentiates it.

export type DType =
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int8'
  | 'int4'
  | 'bool'
export type Dim = number | string
export type Dims = readonly Dim[]

/** An attribute of a node, tagged with the kind that ONNX stores. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string }
export type Attributes = Readonly<Record<string, Attribute>>

/** The body of a scan: everything that depends on its arguments is computed once an iteration. */
export interface Scope {
  /** 1 for a scan of the whole program, 2 for a scan inside its body … */
  readonly depth: number
}

export type Thunk = () => Value
/** Gradients of a node's outputs → one thunk an input; undefined where there is no gradient. */
export type GradientRule = (
  dy: readonly (Value | undefined)[],
  node: Node,
) => readonly (Thunk | undefined)[]

/** What a node is besides a plain operator. */
export type Extra =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'argument' }
  | { readonly kind: 'constant'; readonly data: ConstantData }
  | { readonly kind: 'weight'; readonly weight: WeightLocation }
  | { readonly kind: 'alias'; readonly rule: GradientRule }
  /** a frozen matrix that each product makes for itself, once its other factor is known (ops/per-product.ts) */
  | { readonly kind: 'per-product'; readonly make: (other: Value) => Value }
  | { readonly kind: 'scan'; readonly body: ScanBody }

export type ConstantData = Float32Array | BigInt64Array | Int32Array | Uint8Array

/** Where a frozen tensor's bytes lie; the model file only points there. */
export interface WeightLocation {
  readonly name: string
  readonly file: string
  readonly offset: number
  readonly length: number
}

export interface ScanBody {
  readonly scope: Scope
  readonly arguments: readonly Value[]
  readonly results: readonly Value[]
  readonly stateCount: number
  /** outer values that the body reads */
  readonly captured: readonly Value[]
}

export interface Node {
  readonly op: string
  readonly domain: '' | 'com.microsoft'
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Attributes
  /** innermost scan body that the node depends on; undefined: computed once a run */
  readonly scope: Scope | undefined
  readonly extra: Extra | undefined
  readonly outputs: readonly Value[]
}

export interface Value {
  readonly node: Node
  readonly index: number
  readonly dtype: DType
  readonly dims: Dims
}

export interface OutputType {
  readonly dtype: DType
  readonly dims: Dims
}

interface NodeOptions {
  readonly domain?: 'com.microsoft'
  readonly attributes?: Attributes
  readonly extra?: Extra
  readonly scope?: Scope | undefined
}

/** The deeper of two scopes: they always nest. */
export function deeper(a: Scope | undefined, b: Scope | undefined): Scope | undefined {
  if (a === undefined) return b
  if (b === undefined) return a
  return b.depth > a.depth ? b : a
}

/** A node and its outputs. */
export function makeNode(
  op: string,
  inputs: readonly (Value | undefined)[],
  types: readonly OutputType[],
  options: NodeOptions = {},
): readonly Value[] {
  let scope = options.scope
  for (const input of inputs) scope = deeper(scope, input?.node.scope)
  const outputs: Value[] = []
  const node: Node = {
    op,
    domain: options.domain ?? '',
    inputs,
    attributes: options.attributes ?? {},
    scope,
    extra: options.extra,
    outputs,
  }
  types.forEach((type, index) => {
    outputs.push({ node, index, ...type })
  })
  return outputs
}

/** A node with one output. */
export function makeValue(
  op: string,
  inputs: readonly (Value | undefined)[],
  type: OutputType,
  options: NodeOptions = {},
): Value {
  return makeNode(op, inputs, [type], options)[0]!
}

/** An input of the program, fed by name. */
export function input(name: string, dtype: DType, dims: Dims): Value {
  return makeValue('Input', [], { dtype, dims }, { extra: { kind: 'input', name } })
}

/** A small tensor stored in the model file. */
export function constant(dtype: DType, dims: readonly number[], data: ConstantData): Value {
  return makeValue('Constant', [], { dtype, dims }, { extra: { kind: 'constant', data } })
}

/** A float32 scalar or vector. */
export function floats(dims: readonly number[], values: ArrayLike<number>): Value {
  return constant('float32', dims, Float32Array.from(values))
}

/** An int64 vector, as shapes and axes are. */
export function ints(values: readonly number[]): Value {
  return constant('int64', [values.length], BigInt64Array.from(values, BigInt))
}

/** A frozen tensor that stays in its own file. */
export function weight(dtype: DType, dims: readonly number[], location: WeightLocation): Value {
  return makeValue('Weight', [], { dtype, dims }, { extra: { kind: 'weight', weight: location } })
}

/** The value that a node only renames, if it does. */
export function renamed({ extra, inputs }: Node): Value | undefined {
  const renames = extra?.kind === 'alias' || extra?.kind === 'per-product'
  return renames ? inputs[0] : undefined
}

export type Operand = Value | number

/** Numbers become scalar constants of the other operand's dtype. */
export function asValue(operand: Operand, dtype: DType): Value {
  if (typeof operand !== 'number') return operand
  if (dtype === 'int64') return constant('int64', [], BigInt64Array.of(BigInt(operand)))
  if (dtype === 'int32') return constant('int32', [], Int32Array.of(operand))
  if (dtype === 'float32') return floats([], [operand])
  return makeValue(
    'Cast',
    [floats([], [operand])],
    { dtype, dims: [] },
    { attributes: { to: { int: onnxType[dtype] } } },
  )
}

/** ONNX TensorProto.DataType */
export const onnxType: Readonly<Record<DType, number>> = {
  float32: 1,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
  int4: 22,
}
