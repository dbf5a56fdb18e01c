// What CUDA's libraries read from the environment of a process when they are loaded, and never again. So a process has
// one answer to the question whether products of float32 are rounded to TF32: onnxruntime asks cuBLAS for TF32 and
// onnxruntime-node cannot change that, but this variable overrules it.
import type { Precision } from './run-spec'

/** What float32 products are computed in. */
export type Products = 'float32' | 'tf32'

export const productsOf = (precision: Precision): Products =>
  precision === 'tf32' ? 'tf32' : 'float32'

type Environment = Record<string, string | undefined>

/** Variables of a process; undefined: unset. Devices are numbered as nvidia-smi numbers them, not the fastest first. */
export const cudaEnvironment = (products: Products): Environment => ({
  NVIDIA_TF32_OVERRIDE: products === 'tf32' ? undefined : '0',
  CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
})

/** What the libraries do, or will do when they are loaded, under an environment. */
export const productsIn = ({ NVIDIA_TF32_OVERRIDE }: Environment): Products =>
  NVIDIA_TF32_OVERRIDE === '0' ? 'float32' : 'tf32'

/**
 * Changes an environment. Of the main thread it is the one that libraries see; a worker thread has a copy, made when it
 * starts.
 */
export function enterCudaEnvironment(products: Products, env: Environment): void {
  for (const [name, value] of Object.entries(cudaEnvironment(products))) {
    if (value === undefined) delete env[name]
    else env[name] = value
  }
}
