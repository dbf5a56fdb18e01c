// The bundled chat model with one number of one tensor replaced by NaN, in a folder of its own.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { referencePath } from '../reference-path'

interface Entry {
  readonly dtype: string
  readonly data_offsets: readonly [number, number]
}

/** The bytes of NaN, little endian. */
const nanBytes: Readonly<Record<string, readonly number[]>> = {
  F32: [0, 0, 0xc0, 0x7f],
  F16: [0, 0x7e],
  BF16: [0xc0, 0x7f],
}

/** @param tensor part of its name @returns the folder */
export function nanModel(folder: string, tensor: string): string {
  const path = join(folder, 'nan-model')
  cpSync(referencePath('models/workbench-demo-chat'), path, { recursive: true })
  const file = join(path, 'model.safetensors')
  const bytes = readFileSync(file)
  const header = Number(bytes.readBigUInt64LE(0))
  const tensors: Record<string, Entry> = JSON.parse(bytes.toString('utf8', 8, 8 + header))
  const entry = Object.entries(tensors).find(([name]) => name.includes(tensor))?.[1]
  const nan = nanBytes[entry?.dtype ?? '']
  if (entry === undefined || nan === undefined) throw new Error(`no tensor ${tensor}`)
  bytes.set(nan, 8 + header + entry.data_offsets[0])
  writeFileSync(file, bytes)
  return path
}
