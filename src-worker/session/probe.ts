// Trying CUDA in a thread that is thrown away: a library that is missing or broken cannot hurt the engine,
// and what it says becomes a Fault.
import { Fault, fromData } from '../contract/fault'
import { toOnnx } from '../graph/onnx'
import { add } from '../graph/ops/elementwise'
import { input } from '../graph/value'
import { startThread } from '../ports/start'
import type { ProbeAnswer, ProbeRequest, ProbeThread } from './probe-thread'
import threadFile from './probe-thread?modulePath'

/**
 * Why CUDA does not work on a GPU, or undefined when it does.
 * @param env SPW_HOME in it says which installation of CUDA is tried
 */
export async function cudaFault(
  index: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Fault | undefined> {
  const x = input('x', 'float32', ['N'])
  const model = toOnnx({ inputs: [x], outputs: { y: add(x, 1) } }).bytes
  const answer = await inThread({ model, index }, env)
  if (answer === undefined) return undefined
  return 'fault' in answer ? fromData(answer.fault) : toFault(answer.said)
}

async function inThread(request: ProbeRequest, env: NodeJS.ProcessEnv): Promise<ProbeAnswer> {
  const thread = startThread<ProbeThread>(threadFile, { env })
  const answer = await thread.call.probe(request).catch(error => ({ said: String(error.message) }))
  await thread.end()
  return answer
}

/** onnxruntime puts its own source lines around what CUDA says. */
const brief = (said: string): string => /CUDA failure \d+: [^;]+/.exec(said)?.[0].trim() ?? said

/** What onnxruntime says, as something to fix: the first missing library decides. */
export function toFault(answer: string): Fault {
  const said = brief(answer)
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
  if (/no CUDA-capable device|CUDA failure 100/.test(said))
    return new Fault(
      'device',
      `CUDA finds no GPU: ${said}`,
      'Check that `nvidia-smi` lists a GPU and that CUDA_VISIBLE_DEVICES does not hide it, or choose --device cpu.',
    )
  if (/invalid device ordinal|CUDA failure 101/.test(said))
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
