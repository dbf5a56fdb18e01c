// One value in, one value out, position by position; operands broadcast as in NumPy.
import { fail } from '../../contract/fault'
import { broadcast } from '../shape'
import { asValue, type DType, makeValue, type Operand, onnxType, type Value } from '../value'

const dtypeOf = (a: Operand, b: Operand): DType =>
  typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32'

/** A session of CUDA would not open; the CPU's is never asked for low types. */
export function sameType(op: string, x: Value, y: Value): void {
  if (x.dtype !== y.dtype) fail(`${op} of ${x.dtype} and ${y.dtype}`)
}

function binary(op: string, a: Operand, b: Operand, dtype?: DType): Value {
  const common = dtypeOf(a, b)
  const x = asValue(a, common)
  const y = asValue(b, common)
  sameType(op, x, y)
  return makeValue(op, [x, y], { dtype: dtype ?? common, dims: broadcast(x.dims, y.dims) })
}

const unary = (op: string, x: Value): Value => makeValue(op, [x], { dtype: x.dtype, dims: x.dims })

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b)
export const sub = (a: Operand, b: Operand): Value => binary('Sub', a, b)
export const mul = (a: Operand, b: Operand): Value => binary('Mul', a, b)
export const div = (a: Operand, b: Operand): Value => binary('Div', a, b)
/** no gradient */
export const minimum = (a: Operand, b: Operand): Value => binary('Min', a, b)
export const lessOrEqual = (a: Operand, b: Operand): Value => binary('LessOrEqual', a, b, 'bool')
export const less = (a: Operand, b: Operand): Value => binary('Less', a, b, 'bool')

export const neg = (x: Value): Value => unary('Neg', x)
export const exp = (x: Value): Value => unary('Exp', x)
export const log = (x: Value): Value => unary('Log', x)
export const sqrt = (x: Value): Value => unary('Sqrt', x)
export const erf = (x: Value): Value => unary('Erf', x)
export const tanh = (x: Value): Value => unary('Tanh', x)
export const sigmoid = (x: Value): Value => unary('Sigmoid', x)
export const relu = (x: Value): Value => unary('Relu', x)
/** ln(1 + eˣ) */
export const softplus = (x: Value): Value => unary('Softplus', x)
/** x, which ends one use of a name and begins another */
export const identity = (x: Value): Value => unary('Identity', x)

/** x·Φ(x), or its tanh approximation (Hendrycks & Gimpel 2016). */
export const gelu = (x: Value, approximate: 'none' | 'tanh' = 'none'): Value =>
  makeValue(
    'Gelu',
    [x],
    { dtype: x.dtype, dims: x.dims },
    { attributes: { approximate: { string: approximate } } },
  )

/** x·tanh(ln(1 + eˣ)) (Misra 2019). */
export const mish = (x: Value): Value => mul(x, tanh(softplus(x)))

/** cap·tanh(x/cap); x itself without a cap */
export const softCap = (x: Value, cap: number | undefined): Value =>
  cap === undefined ? x : mul(tanh(div(x, cap)), cap)

/** dy·dy/dx for y = softCap(x, cap): dy·(1 − (y/cap)²) */
export function throughCap(dy: Value, y: Value, cap: number | undefined): Value {
  if (cap === undefined) return dy
  const share = div(y, cap)
  return mul(dy, sub(1, mul(share, share)))
}

export function where(condition: Value, a: Operand, b: Operand): Value {
  const dtype = dtypeOf(a, b)
  const x = asValue(a, dtype)
  const y = asValue(b, dtype)
  sameType('Where', x, y)
  const dims = broadcast(condition.dims, broadcast(x.dims, y.dims))
  return makeValue('Where', [condition, x, y], { dtype, dims })
}

export function cast(x: Value, dtype: DType): Value {
  if (x.dtype === dtype) return x
  const attributes = { to: { int: onnxType[dtype] } }
  return makeValue('Cast', [x], { dtype, dims: x.dims }, { attributes })
}
