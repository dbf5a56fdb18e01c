// Trying CUDA in a thread that is thrown away: a library that is missing or broken cannot hurt the engine,
// and what it says becomes a Fault.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Fault } from '../contract/fault'
import { toOnnx } from '../graph/onnx'
import { add } from '../graph/ops/elementwise'
import { input } from '../graph/value'

/** Runs in the thread: opens x + 1 on the device, runs it, releases it. */
const threadCode = `
const { parentPort, workerData } = require('node:worker_threads')
const { module, model, index, libraries } = workerData
// onnxruntime's error does not name what is missing; the loader's own does
const reason = file => {
  try {
    process.dlopen({ exports: {} }, file)
  } catch (error) {
    if (/cannot open shared object/.test(error.message)) return error.message
  }
  return ''
}
const options = { executionProviders: [{ name: 'cuda', deviceId: index }], logSeverityLevel: 4 }
;(async () => {
  try {
    const { InferenceSession, Tensor } = require(module)
    const session = await InferenceSession.create(model, options)
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) })
    const right = y.data[0] === 2
    await session.release()
    parentPort.postMessage(right ? '' : 'it computes 1 + 1 = ' + y.data[0])
  } catch (error) {
    const reasons = libraries.map(reason).filter(said => said !== '')
    parentPort.postMessage(reasons[0] || String((error && error.message) || error) || 'unknown error')
  }
})()
`

/** Why CUDA does not work on a GPU, or undefined when it does. */
export async function cudaFault(index: number): Promise<Fault | undefined> {
  const x = input('x', 'float32', ['N'])
  const model = toOnnx({ inputs: [x], outputs: { y: add(x, 1) } }).bytes
  const module = createRequire(__filename).resolve('onnxruntime-node')
  const folder = providerFolder(module)
  const libraries = ['shared', 'cuda'].map(n => join(folder, `libonnxruntime_providers_${n}.so`))
  const said = await inThread({ module, model, index, libraries })
  return said === '' ? undefined : toFault(said)
}

/** Where onnxruntime looks for its providers: beside libonnxruntime. */
export const providerFolder = (module: string): string =>
  join(dirname(module), '..', 'bin', 'napi-v6', process.platform, process.arch)

function inThread(workerData: object): Promise<string> {
  return new Promise(resolve => {
    const worker = new Worker(threadCode, { eval: true, workerData })
    let said = 'the thread ended without an answer'
    worker.on('message', message => {
      said = String(message)
    })
    worker.on('error', error => {
      said = error.message
    })
    worker.on('exit', () => {
      resolve(said)
    })
  })
}

/** What onnxruntime says, as something to mend: the first missing library decides. */
export function toFault(said: string): Fault {
  const missing = /(lib[\w+-]+\.so(?:\.\d+)*): cannot open shared object/.exec(said)?.[1]
  if (missing?.startsWith('libcuda.so'))
    return new Fault(
      'device',
      `CUDA does not start: ${missing} is missing, so there is no NVIDIA driver`,
      'Install the NVIDIA driver (580 or newer), then run `spw gpu doctor`.',
    )
  if (missing !== undefined)
    return new Fault(
      'device',
      `CUDA does not start: ${missing} is missing`,
      'Run `spw gpu install`, or choose --device cpu.',
    )
  if (/no CUDA-capable device|CUDA failure 100|invalid device ordinal|CUDA failure 101/.test(said))
    return new Fault(
      'device',
      `CUDA finds no such GPU: ${said}`,
      'Choose a device that `spw devices` lists.',
    )
  if (/driver version is insufficient|CUDA failure 35/.test(said))
    return new Fault(
      'device',
      `The NVIDIA driver is missing or too old for CUDA 13: ${said}`,
      'Install the NVIDIA driver (580 or newer).',
    )
  return new Fault(
    'device',
    `CUDA does not start: ${said}`,
    'Run `spw gpu doctor` to see what is missing, or choose --device cpu.',
  )
}
