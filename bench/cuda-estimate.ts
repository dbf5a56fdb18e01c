// A floor for the time of a step on an H100 from its counts: products at the rate that they reach, the rest by the bytes
// that they move, and every launch by itself. Counted, not timed: for comparing two ways of computing the same.
import type { Detail } from '../tests/cuda/jobs'

/** Operations a second that products reach, not what the sheet says. */
const rates: Readonly<Record<string, number>> = {
  f32: 50e12,
  tf32: 350e12,
  bf16: 600e12,
  f16: 600e12,
}
const bandwidth = 2.6e12
const launchSeconds = 3.5e-6

export interface Estimate {
  readonly products: number
  readonly bytes: number
  /** ms */
  readonly launchMs: number
  readonly bytesMs: number
  readonly productMs: number
  readonly totalMs: number
}

/** Bytes of memory that a thread of a kernel moves, by the kernel's mangled name. */
function bytesAThread(name: string): number {
  const elements = 4 // of the elementwise kernels
  // kernels that only move numbers are named by a type of their size: Is, two bytes
  const half = /BFloat16|__half|(Gather|Concat)KernelIs|ConcatDimIs/
  if (name.includes('OP_Cast')) return elements * 6
  const width = half.test(name) ? 2 : 4
  // Ib(1|0): an operand that is one number, or a vector along an axis, is not read again
  if (/_BinaryElementWise(SimpleILb1ELb1|I)/.test(name)) return elements * 3 * width
  if (name.includes('_BinaryElementWise')) return elements * 2 * width
  if (name.includes('TenaryElementWise')) return elements * 3 * width
  if (name.includes('softmax_warp')) return 18 * width
  if (name.includes('reduce_matrix_columns')) return 4 * width
  if (name.includes('LayerNorm')) return 64 * width
  if (/Split|Rotary/.test(name)) return 2 * width
  return elements * 2 * width
}

export function estimate(details: readonly Detail[], tf32: boolean): Estimate {
  const kernels = details.filter(({ key }) => key.startsWith('kernel|'))
  const products = details.filter(({ key }) => key.startsWith('product|'))
  const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0)
  const typeOf = (key: string): string => key.slice(key.lastIndexOf('|') + 1)
  const rateOf = (key: string): number =>
    rates[tf32 && typeOf(key) === 'f32' ? 'tf32' : typeOf(key)] ?? rates.f32!
  // what a product begins with is copied to its result
  const copies = details.filter(({ key }) => key.startsWith('copy|on device'))
  const moved = kernels.map(({ key, amount }) => amount * bytesAThread(key))
  const bytes = sum([...moved, ...copies.map(({ amount }) => 2 * amount)])
  const launched = sum([...kernels, ...products, ...copies].map(d => d.times))
  const launchMs = 1000 * launchSeconds * launched
  const bytesMs = (1000 * bytes) / bandwidth
  const productMs = 1000 * sum(products.map(({ key, amount }) => amount / rateOf(key)))
  // the queue of launches fills while large kernels run: whichever is longer
  const totalMs = Math.max(launchMs, bytesMs + productMs)
  return { products: sum(products.map(d => d.times)), bytes, launchMs, bytesMs, productMs, totalMs }
}
