// A model folder's tensors as values: external weights that point into the safetensors files.
import { dirname, join, parse, relative, sep } from 'node:path'
import { Fault } from '../contract/fault'
import type { BlockEntry, ModelFolder, TensorEntry } from '../contract/model'
import { cast } from '../graph/ops/elementwise'
import { castPerProduct, dequantised, derived } from '../graph/ops/per-product'
import { show } from '../graph/shape'
import { type DType, type Value, weight } from '../graph/value'

/** dtype of the matrix products */
export type GemmType = 'float32' | 'bfloat16' | 'float16'

/**
 * dtype of the rows between products, of norms and of biases: float32's range is bfloat16's, but not float16's. Prompts,
 * losses, sums of gradients and the optimizer are float32 always.
 */
export const rowType = (gemm: GemmType): 'float32' | 'bfloat16' =>
  gemm === 'bfloat16' ? 'bfloat16' : 'float32'

export interface WeightSource {
  /** a matrix of a product, in the products' dtype. @param axis the one that the product sums over */
  matrix(name: string, dims: readonly number[], axis?: 0 | 1): Value
  /** a bias, the scale of a norm or a table of rows, in the rows' dtype */
  vector(name: string, dims: readonly number[]): Value
  /** rows from ≤ r < to of a tensor of these dims: a weight of their own on the same bytes */
  matrixRows(name: string, dims: readonly number[], from: number, to: number): Value
  vectorRows(name: string, dims: readonly number[], from: number, to: number): Value
  /** norms are folded into the layers behind them (layers/folded.ts) */
  readonly folds?: boolean
  /** folder that the model file's locations are relative to */
  readonly folder: string
}

const dtypes: Partial<Record<TensorEntry['dtype'], DType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
}

/** @throws Fault 'bad-weights' when a tensor is missing or has another shape than the config says */
export function weightSource(model: ModelFolder, gemm: GemmType, folds = false): WeightSource {
  const known = new Map<string, Value>()
  const load = (name: string, dims: readonly number[], from?: number, to?: number): Value => {
    const key = from === undefined ? name : `${name}[${from}:${to}]`
    const found = known.get(key)
    if (found !== undefined) return found
    const value = toValue(model, name, dims, key, from, to)
    known.set(key, value)
    return value
  }
  const matrix = (name: string, dims: readonly number[], from?: number, to?: number): Value => {
    const blocks = model.quantised?.matrices.get(name)
    if (blocks === undefined) {
      const stored = load(name, dims, from, to)
      // rows of the head are gathered as well
      const apart = model.lean === true && name !== model.config.head
      return apart ? castPerProduct(stored, gemm) : cast(stored, gemm)
    }
    const type = { dtype: gemm, dims: [(to ?? dims[0]!) - (from ?? 0), dims[1]!] }
    return derived(fromBlocks(name, blocks, from, to), type, whole => cast(whole, gemm))
  }
  return {
    matrix: (name, dims) => matrix(name, dims),
    vector: (name, dims) => cast(load(name, dims), rowType(gemm)),
    matrixRows: matrix,
    vectorRows: (name, dims, from, to) => cast(load(name, dims, from, to), rowType(gemm)),
    // γ may leave float16's range
    folds: folds && gemm !== 'float16',
    folder: commonFolder([...model.tensors.values()].map(t => t.file)),
  }
}

/** Rows of a matrix that is kept in blocks; rows begin at whole bytes (an odd width is never kept in 4 bits). */
function fromBlocks(name: string, entry: BlockEntry, from = 0, to = entry.shape[0]): Value {
  const { integers, scales, bits, shape, axis, block } = entry
  const part = ({ file, offset, length }: TensorEntry, of: string) => {
    const row = length / shape[0]
    const rows = { offset: offset + from * row, length: (to - from) * row }
    return { name: `${name}[${from}:${to}].${of}`, file, ...rows }
  }
  const [count, width] = [to - from, shape[1]]
  const blocks = axis === 1 ? [count, Math.ceil(width / block)] : [Math.ceil(count / block), width]
  return dequantised({
    integers: weight(bits === 8 ? 'int8' : 'int4', [count, width], part(integers, 'integers')),
    scales: weight('float32', blocks, part(scales, 'scales')),
    axis,
    size: block,
  })
}

function toValue(
  model: ModelFolder,
  name: string,
  dims: readonly number[],
  key: string,
  from = 0,
  to = dims[0]!,
): Value {
  const fix = 'Download the model folder again.'
  const entry = model.tensors.get(name)
  if (entry === undefined)
    throw new Fault(
      'bad-weights',
      `${name} ${show(dims)} is not among the weights of ${model.path}`,
      fix,
    )
  if (entry.shape.join() !== dims.join())
    throw new Fault(
      'bad-weights',
      `${name} is ${show(entry.shape)} in ${entry.file}, ${show(dims)} by config.json`,
      fix,
    )
  const dtype = dtypes[entry.dtype]
  if (dtype === undefined)
    throw new Fault(
      'bad-weights',
      `${name} is stored as ${entry.dtype}`,
      'Convert the weights to float32.',
    )
  const { file, offset, length } = entry
  const row = length / dims[0]!
  const part = { name: key, file, offset: offset + from * row, length: (to - from) * row }
  return weight(dtype, [to - from, ...dims.slice(1)], part)
}

/** A source without a model: what a family asks for, by name. The values are of no use. */
export function recordingSource(): {
  readonly source: WeightSource
  readonly asked: Map<string, readonly number[]>
  /** of them, those that products read: the axis that is summed over */
  readonly matrices: Map<string, 0 | 1>
} {
  const asked = new Map<string, readonly number[]>()
  const matrices = new Map<string, 0 | 1>()
  const value = (name: string, dims: readonly number[], from = 0, to = dims[0]!): Value => {
    asked.set(name, dims)
    return weight('float32', [to - from, ...dims.slice(1)], {
      name,
      file: '',
      offset: 0,
      length: 0,
    })
  }
  const source: WeightSource = {
    matrix: (name, dims, axis = 1) => {
      matrices.set(name, axis)
      return value(name, dims)
    },
    matrixRows: (name, ...rows) => {
      matrices.set(name, 1)
      return value(name, ...rows)
    },
    vector: value,
    vectorRows: value,
    folder: '',
  }
  return { source, asked, matrices }
}

/** The deepest folder that holds all files. */
export function commonFolder(files: readonly string[]): string {
  const [first, ...rest] = files.map(dirname)
  if (first === undefined) return ''
  let folder = first
  for (const other of rest) {
    while (folder !== parse(folder).root && relative(folder, other).split(sep)[0] === '..')
      folder = join(folder, '..')
  }
  return folder
}
