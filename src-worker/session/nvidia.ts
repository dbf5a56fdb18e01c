// What nvidia-smi tells of the machine's GPUs, without loading anything of CUDA into this process.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Gpu {
  readonly index: number
  readonly name: string
  readonly memoryBytes: number
  readonly freeBytes: number
  readonly driver: string
  /** compute capability; undefined: not told */
  readonly capability: number | undefined
}

const mebibyte = 1024 ** 2
const fields = 'index,name,memory.total,memory.free,driver_version,compute_cap'

/** GPUs in the order of their indices; none where there is no nvidia-smi or no driver. */
export async function nvidiaGpus(): Promise<readonly Gpu[]> {
  try {
    const options = { timeout: 10_000 }
    const query = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits']
    const { stdout } = await run('nvidia-smi', query, options)
    return parseGpus(stdout)
  } catch {
    return []
  }
}

/** One GPU a line: `0, NVIDIA H100, 81559, 81000, 580.65.06, 9.0` */
export function parseGpus(csv: string): readonly Gpu[] {
  return csv
    .split('\n')
    .map(line => line.split(',').map(part => part.trim()))
    .filter(parts => parts.length >= 5 && /^\d+$/.test(parts[0]!))
    .map(([index, name, total, free, driver, capability]) => ({
      index: Number(index),
      name: name!,
      memoryBytes: Number(total) * mebibyte,
      freeBytes: Number(free) * mebibyte,
      driver: driver!,
      capability: Number.parseFloat(capability ?? '') || undefined,
    }))
}
