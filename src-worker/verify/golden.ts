// Reading reference files: JSON beside safetensors, models and data that they name. What is not there is Absent.
import { access, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ModelFolder, TensorEntry } from '../contract/model'
import { openTokenizer, type Tokenizer } from '../dataset/tokenizer'
import { openModelFolder } from '../weights/model-folder'
import {
  readDoubles,
  readIntegers,
  readSafetensorsHeader,
  readTensor,
} from '../weights/safetensors'
import { Absent, type VerifyContext } from './case'

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** @returns `path`. Absent: nothing lies there. */
export async function present(...path: readonly string[]): Promise<string> {
  const whole = join(...path)
  if (await isThere(whole)) return whole
  throw new Absent(`${basename(dirname(whole))}/${basename(whole)} is not there`)
}

export async function readJson<T>(...path: readonly string[]): Promise<T> {
  return JSON.parse(await readFile(await present(...path), 'utf8')) as T
}

/** Names of the files of a folder, sorted. Absent: no such folder. */
export async function filesOf(...path: readonly string[]): Promise<readonly string[]> {
  try {
    return (await readdir(join(...path))).sort()
  } catch (error) {
    if (isMissing(error)) throw new Absent(`there is no ${basename(join(...path))}/`)
    throw error
  }
}

/** The first of the folders that has the name. */
async function inFirst(folders: readonly string[], name: string, what: string): Promise<string> {
  for (const folder of folders) if (await isThere(join(folder, name))) return join(folder, name)
  throw new Absent(`the ${what} ${name} is not there`)
}

export const dataFile = ({ data }: VerifyContext, name: string): Promise<string> =>
  inFirst(data, name, 'data file')

export const modelPath = ({ models }: VerifyContext, name: string): Promise<string> =>
  inFirst(models, name, 'model')

export const modelNamed = async (context: VerifyContext, name: string): Promise<ModelFolder> =>
  openModelFolder(await modelPath(context, name))

/** Of a model, or of a folder in models/tokenizers that has nothing but a tokenizer. */
export async function tokenizerNamed({ models }: VerifyContext, name: string): Promise<Tokenizer> {
  const folders = models.flatMap(folder => [join(folder, 'tokenizers'), folder])
  return openTokenizer(await inFirst(folders, name, 'tokenizer'))
}

export interface Golden {
  readonly names: readonly string[]
  has(name: string): boolean
  shape(name: string): readonly number[]
  floats(name: string): Promise<Float32Array>
  doubles(name: string): Promise<Float64Array>
  integers(name: string): Promise<Int32Array>
}

/** Arrays by name. Absent: no such file, or an array that it has not. */
export async function openGolden(...path: readonly string[]): Promise<Golden> {
  const file = await present(...path)
  const { tensors } = await readSafetensorsHeader(file)
  const entry = (name: string): TensorEntry => {
    const found = tensors.get(name)
    if (found === undefined) throw new Absent(`${basename(file)} has no ${name}`)
    return found
  }
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

/**
 * What float32 may deviate: our own limit, or ten times what the reference's float32 deviated from its float64
 * (README: `float32_deviation`), where that is more: longer or steeper cases than ours.
 */
export const limitOf = (own: number, deviation: number | undefined): number =>
  Math.max(own, 10 * (deviation ?? 0))

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
