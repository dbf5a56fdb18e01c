// Reading reference files: JSON beside safetensors.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../contract/fault'
import type { TensorEntry } from '../contract/model'
import {
  readDoubles,
  readIntegers,
  readSafetensorsHeader,
  readTensor,
} from '../weights/safetensors'

export async function readJson<T>(...path: readonly string[]): Promise<T> {
  return JSON.parse(await readFile(join(...path), 'utf8')) as T
}

export interface Golden {
  readonly names: readonly string[]
  has(name: string): boolean
  shape(name: string): readonly number[]
  floats(name: string): Promise<Float32Array>
  doubles(name: string): Promise<Float64Array>
  integers(name: string): Promise<Int32Array>
}

export async function openGolden(...path: readonly string[]): Promise<Golden> {
  const { tensors } = await readSafetensorsHeader(join(...path))
  const entry = (name: string): TensorEntry =>
    tensors.get(name) ?? fail(`no ${name} in ${path.join('/')}`)
  return {
    names: [...tensors.keys()],
    has: name => tensors.has(name),
    shape: name => entry(name).shape,
    floats: async name => readTensor(entry(name)),
    doubles: async name => readDoubles(entry(name)),
    integers: async name => readIntegers(entry(name)),
  }
}

/** ‖a − b‖/‖b‖, in float64; ‖a‖ when b is zero. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let difference = 0
  let size = 0
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2
    size += b[i]! ** 2
  }
  return Math.sqrt(difference) / (size > 0 ? Math.sqrt(size) : 1)
}

/** max |a − b| */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs(a[i]! - b[i]!)
    if (Number.isNaN(d)) return Number.NaN
    most = Math.max(most, d)
  }
  return most
}

/** Concatenation, to compare many tensors at once. */
export function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const out = new Float64Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(Array.from(part), at)
    at += part.length
  }
  return out
}
