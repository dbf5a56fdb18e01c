// Float32 or TF32: a process computes either, decided before CUDA is loaded (contract/cuda-environment.ts).
import { readFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { enterCudaEnvironment, type Products, productsIn } from '../contract/cuda-environment'
import { Fault } from '../contract/fault'

export interface ProcessState {
  /** of the main thread the libraries see every change; of another thread it says what they saw when it started */
  readonly env: NodeJS.ProcessEnv
  readonly mainThread: boolean
  /** cuBLAS is loaded: it has read its environment */
  readonly loaded: boolean
}

function cublasLoaded(): boolean {
  try {
    return /\/libcublas(Lt)?\.so/.test(readFileSync('/proc/self/maps', 'utf8'))
  } catch {
    return false
  }
}

const thisProcess = (): ProcessState => ({
  env: process.env,
  mainThread: isMainThread,
  loaded: cublasLoaded(),
})

/**
 * Makes sure that this process computes float32 products as wanted.
 * @throws Fault 'device' where it is too late for that
 */
export function settleProducts(wanted: Products, here: ProcessState = thisProcess()): void {
  const found = productsIn(here.env)
  if (found === wanted) return
  if (here.mainThread && !here.loaded) {
    enterCudaEnvironment(wanted, here.env)
    return
  }
  throw new Fault(
    'device',
    `this process computes ${found} products on GPUs, this run asks for ${wanted}`,
    'Start it from the command line, in a process of its own: CUDA reads this when it is loaded.',
  )
}
