// Where `spw gpu install` puts CUDA below SPW_HOME, and the record it leaves there. A folder for each version of
// onnxruntime-node:  gpu/1.30.0/ort: onnxruntime with its provider beside it   gpu/1.30.0/lib: the CUDA libraries
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { homeFolder } from '../contract/home'

const installedFile = z.object({
  /** below the folder of the version, with forward slashes */
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  /** the package it came from */
  from: z.string(),
})

export const cudaRecordSchema = z.object({
  /** version of onnxruntime-node that it is for */
  onnxruntime: z.string(),
  /** false: an installation that was interrupted */
  complete: z.boolean(),
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      /** the wheel and its checksum */
      file: z.string(),
      sha256: z.string(),
      /** what its metadata requires, as written there */
      requires: z.array(z.string()),
    }),
  ),
  files: z.array(installedFile),
  /** sonames of the libraries in lib/ that the provider is linked with, each after those that it needs itself */
  preload: z.array(z.string()),
})
export type CudaRecord = z.infer<typeof cudaRecordSchema>

export interface CudaInstall {
  readonly folder: string
  readonly record: CudaRecord
}

export const engineHome = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(homeFolder({ env, platform: process.platform, userHome: homedir() }))

export const gpuPaths = (home: string) =>
  ({
    root: join(home, 'gpu'),
    downloads: join(home, 'gpu', 'downloads'),
    lock: join(home, 'gpu', 'install.lock'),
  }) as const

export const versionPaths = (home: string, version: string) => {
  const folder = join(home, 'gpu', version)
  return {
    folder,
    record: join(folder, 'installed.json'),
    ort: join(folder, 'ort'),
    lib: join(folder, 'lib'),
    licences: join(folder, 'licences'),
  } as const
}

/** What an installation wrote down; undefined where there is none or it is broken. */
export function readRecord(home: string, version: string): CudaRecord | undefined {
  try {
    const text = readFileSync(versionPaths(home, version).record, 'utf8')
    return cudaRecordSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1

/** Files of the record that are missing or not as long as they were. */
export const brokenFiles = ({ folder, record }: CudaInstall): CudaRecord['files'] =>
  record.files.filter(file => sizeOf(join(folder, file.path)) !== file.bytes)

/** A finished, whole installation for a version of onnxruntime-node, or undefined. */
export function findCudaInstall(home: string, version: string): CudaInstall | undefined {
  const record = readRecord(home, version)
  if (record === undefined || !record.complete || record.onnxruntime !== version) return undefined
  const install = { folder: versionPaths(home, version).folder, record }
  return brokenFiles(install).length === 0 ? install : undefined
}

/** The first of several homes that holds a whole installation says which one counts. */
export function firstCudaInstall(
  homes: readonly string[],
  version: string,
): CudaInstall | undefined {
  for (const home of homes) {
    const install = findCudaInstall(home, version)
    if (install !== undefined) return install
  }
  return undefined
}
