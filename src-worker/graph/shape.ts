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

/** The parts first to last of a dim that is cut into `count` parts of about one size: S#0/4, S#1-3/4. */
export const partOf = (whole: Dim, count: number, first: number, last = first): Dim =>
  `${whole}#${first}${last === first ? '' : `-${last}`}/${count}`

/** What symbols stand for. */
export type SymbolSizes = Readonly<Record<string, number>>

/** The size of a dim, by its symbols: those of product, total and partOf are computed. */
export function sizeOf(d: Dim, sizes: SymbolSizes): number {
  if (typeof d === 'number') return d
  const known = sizes[d] ?? (/^\d+$/.test(d) ? Number(d) : undefined)
  if (known !== undefined) return known
  if (d.includes('+')) return sum(d.split('+').map(each => sizeOf(each, sizes)))
  if (d.includes('*')) return d.split('*').reduce((n, each) => n * sizeOf(each, sizes), 1)
  const part = /^(.+)#(\d+)(?:-(\d+))?\/(\d+)$/.exec(d)
  if (part === null) return fail(`the dim ${d} has no size`)
  const [whole, first, last, count] = part.slice(1) as [string, string, string | undefined, string]
  return (sizeOf(whole, sizes) * (Number(last ?? first) - Number(first) + 1)) / Number(count)
}

export const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)

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
