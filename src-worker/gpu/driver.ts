// The part that no package can bring: NVIDIA's driver, and a GPU that CUDA 13 still knows.
import { type Gpu, nvidiaGpus } from '../session/nvidia'
import type { Finding } from './finding'
import { driverLibrary } from './libraries'

/** CUDA 13 runs with the drivers 580 and newer, on Turing (compute capability 7.5) and newer. */
const oldestDriver = 580
const oldestCapability = 7.5

const installDriver = `Install the NVIDIA driver (${oldestDriver} or newer).`

/** @param loads says why a library does not load, or nothing */
export function driverStep(loads: (library: string) => string): Finding {
  const said = loads(driverLibrary)
  return said === ''
    ? { name: 'NVIDIA driver', ok: true, found: driverLibrary, fix: null }
    : { name: 'NVIDIA driver', ok: false, found: said, fix: installDriver }
}

export type SeenGpu = Pick<Gpu, 'name' | 'driver' | 'capability'>

/** What the list of GPUs means for CUDA 13. */
export function judgeGpus(gpus: readonly SeenGpu[]): Finding {
  const name = 'GPU'
  const [gpu] = gpus
  if (gpu === undefined) {
    const fix = 'Make `nvidia-smi` work: it comes with the driver; in a container pass --gpus all.'
    return { name, ok: false, found: 'nvidia-smi lists none', fix }
  }
  const found = gpus.map(g => `${g.name}, driver ${g.driver}`).join('; ')
  if (Number.parseInt(gpu.driver, 10) < oldestDriver)
    return { name, ok: false, found, fix: `Update the NVIDIA driver to ${oldestDriver} or newer.` }
  if (gpu.capability !== undefined && gpu.capability < oldestCapability) {
    const fix = `Choose --device cpu: CUDA 13 needs compute capability ${oldestCapability}, this GPU has ${gpu.capability}.`
    return { name, ok: false, found, fix }
  }
  return { name, ok: true, found, fix: null }
}

export const gpuStep = async (): Promise<Finding> => judgeGpus(await nvidiaGpus())
