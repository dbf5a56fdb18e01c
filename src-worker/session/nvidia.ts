// What nvidia-smi reports about the machine's GPUs, without loading anything of CUDA into this process.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Gpu {
  readonly index: number
  readonly name: string
  readonly memoryBytes: number
  readonly freeBytes: number
  readonly driver: string
  /** compute capability; undefined: not known */
  readonly capability: number | undefined
  /** GPU-5e1c… */
  readonly uuid: string
}

/** What the driver and its libraries hold on a device for a process, about. */
export const contextBytes = 0.6e9

const mebibyte = 1024 ** 2
const fields = 'index,name,memory.total,memory.free,driver_version,compute_cap,uuid'

/** GPUs as CUDA numbers them here; none where there is no nvidia-smi or no driver. */
export async function nvidiaGpus(): Promise<readonly Gpu[]> {
  try {
    const options = { timeout: 10_000 }
    const query = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits']
    const { stdout } = await run('nvidia-smi', query, options)
    return visibleGpus(parseGpus(stdout), process.env.CUDA_VISIBLE_DEVICES)
  } catch {
    return []
  }
}

/** One GPU a line: `0, NVIDIA H100, 81559, 81000, 580.65.06, 9.0, GPU-5e1c…` */
export function parseGpus(csv: string): readonly Gpu[] {
  return csv
    .split('\n')
    .map(line => line.split(',').map(part => part.trim()))
    .filter(parts => parts.length >= 5 && /^\d+$/.test(parts[0]!))
    .map(([index, name, total, free, driver, capability, uuid]) => ({
      index: Number(index),
      name: name!,
      memoryBytes: Number(total) * mebibyte,
      freeBytes: Number(free) * mebibyte,
      driver: driver!,
      capability: Number.parseFloat(capability ?? '') || undefined,
      uuid: uuid ?? '',
    }))
}

/**
 * The GPUs that CUDA sees, in its numbering: CUDA_VISIBLE_DEVICES, a list of indices or beginnings of UUIDs that ends at
 * the first it does not know, renumbers what nvidia-smi lists. Parts of a GPU (MIG-…) are not in that list.
 */
export function visibleGpus(gpus: readonly Gpu[], variable: string | undefined): readonly Gpu[] {
  if (variable === undefined || variable.includes('MIG-')) return gpus
  const named = variable
    .split(',')
    .map(name => name.trim())
    .map(name =>
      gpus.find(({ index, uuid }) =>
        name.startsWith('GPU-') ? uuid.startsWith(name) : String(index) === name,
      ),
    )
  const unknown = named.indexOf(undefined)
  const seen = unknown < 0 ? named : named.slice(0, unknown)
  return seen.flatMap((gpu, index) => (gpu === undefined ? [] : [{ ...gpu, index }]))
}
