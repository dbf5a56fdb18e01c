// Arithmetic of dims: numbers stay numbers, symbols become longer symbols.
import { fail } from '../contract/fault'
import type { Dim, Dims, Value } from './value'

/** A dim by its index, negative from the end. */
export function dim(x: Value, index: number): Dim {
  const i = index < 0 ? x.dims.length + index : index
  return x.dims[i] ?? fail(`no dim ${index} in ${show(x.dims)}`)
}

/** A dim that must be a number. */
export function size(x: Value, index: number): number {
  const d = dim(x, index)
  return typeof d === 'number' ? d : fail(`dim ${index} of ${show(x.dims)} is not a number`)
}

export const show = (dims: Dims): string => `[${dims.join(', ')}]`

export const sameDims = (a: Dims, b: Dims): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i])

/** Product: numbers multiplied, symbols joined in order. */
export function product(dims: Dims): Dim {
  let number = 1
  const symbols: string[] = []
  for (const d of dims) {
    if (typeof d === 'number') number *= d
    else symbols.push(d)
  }
  if (symbols.length === 0) return number
  return number === 1 ? symbols.join('*') : `${number}*${symbols.join('*')}`
}

export function total(dims: Dims): Dim {
  const numbers = dims.every(d => typeof d === 'number')
  return numbers ? sum(dims as readonly number[]) : dims.join('+')
}

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)

/** The dims that two operands broadcast to. */
export function broadcast(a: Dims, b: Dims): Dims {
  const rank = Math.max(a.length, b.length)
  const out: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) fail(`cannot broadcast ${show(a)} with ${show(b)}`)
    out.push(x === 1 ? y : x)
  }
  return out
}
