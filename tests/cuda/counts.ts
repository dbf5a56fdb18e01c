// The table of the counting CUDA (counting/counts.h): what was launched, multiplied, copied and held.
import { readFileSync } from 'node:fs'

export interface Count {
  readonly times: number
  readonly amount: number
}
export type Counts = ReadonlyMap<string, Count>

const keyBytes = 1008
const recordBytes = keyBytes + 16

/** The table now; empty before the libraries were loaded. */
export function readCounts(path = process.env.COUNTING_CUDA_TABLE ?? ''): Counts {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return new Map()
  }
  const counts = new Map<string, Count>()
  for (let at = 0; at < bytes.length; at += recordBytes) {
    if (bytes[at] === 0) continue
    const key = bytes.toString('latin1', at, bytes.indexOf(0, at))
    const number = (from: number): number => Number(bytes.readBigInt64LE(at + keyBytes + from))
    counts.set(key, { times: number(0), amount: number(8) })
  }
  return counts
}

const none: Count = { times: 0, amount: 0 }

/** a − b, entries that are zero left out */
export function minus(a: Counts, b: Counts): Counts {
  const out = new Map<string, Count>()
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [x, y] = [a.get(key) ?? none, b.get(key) ?? none]
    const [times, amount] = [x.times - y.times, x.amount - y.amount]
    if (times !== 0 || amount !== 0) out.set(key, { times, amount })
  }
  return out
}

export const over = (counts: Counts, n: number): Counts =>
  new Map(
    [...counts].map(([k, { times, amount }]) => [k, { times: times / n, amount: amount / n }]),
  )

/** Entries whose keys begin so, summed. */
export function sumOf(counts: Counts, beginning: string): Count {
  let [times, amount] = [0, 0]
  for (const [key, count] of counts)
    if (key.startsWith(beginning)) [times, amount] = [times + count.times, amount + count.amount]
  return { times, amount }
}

export const keysOf = (counts: Counts, beginning: string): readonly string[] =>
  [...counts.keys()].filter(key => key.startsWith(beginning))

/** What a step costs, in the columns of the table. */
export interface Summary {
  readonly launches: number
  readonly products: number
  /** launches that only change the type of numbers */
  readonly casts: number
  readonly gigaflops: number
  /** copies that hold the caller up, and waits */
  readonly toHost: number
  readonly waits: number
  readonly toDevice: number
  readonly toDeviceBytes: number
}

export function summary(counts: Counts): Summary {
  const casts = [...counts].filter(([key]) => key.startsWith('kernel|') && key.includes('OP_Cast'))
  const products = sumOf(counts, 'product|')
  const toDevice = sumOf(counts, 'copy|to device')
  return {
    launches: sumOf(counts, 'kernel|').times,
    products: products.times,
    casts: casts.reduce((n, [, { times }]) => n + times, 0),
    gigaflops: products.amount / 1e9,
    toHost: sumOf(counts, 'copy|to host').times,
    waits: sumOf(counts, 'wait|').times,
    toDevice: toDevice.times,
    toDeviceBytes: toDevice.amount,
  }
}
