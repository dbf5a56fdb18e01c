// The thread that tries CUDA and is thrown away: opens x + 1 on the device, runs it, releases it, says what went wrong.
import { join } from 'node:path'
import { Fault, type FaultData } from '../contract/fault'
import { answerParent } from '../ports/own'
import { onnxruntime, prepareCuda, providerFolder } from './onnxruntime'

export interface ProbeRequest {
  readonly model: Uint8Array
  readonly index: number
}

/** What onnxruntime or the loader says, or a fault of our own; undefined: it works. */
export type ProbeAnswer = { readonly said: string } | { readonly fault: FaultData } | undefined

/** onnxruntime's error does not name what is missing; the loader's own does. */
function loaderSays(file: string): string {
  try {
    process.dlopen({ exports: {} }, file)
  } catch (error) {
    const { message } = error as Error
    if (/cannot open shared object/.test(message)) return message
  }
  return ''
}

async function compute({ model, index }: ProbeRequest): Promise<string> {
  prepareCuda()
  const { InferenceSession, Tensor, env } = onnxruntime()
  env.logLevel = 'fatal' // what it would print is in the answer
  const session = await InferenceSession.create(model, {
    executionProviders: [{ name: 'cuda', deviceId: index }],
    logSeverityLevel: 4,
  })
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) })
  const got = y?.data[0]
  await session.release()
  return got === 2 ? '' : `it computes 1 + 1 = ${got}`
}

async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
  try {
    const said = await compute(request)
    return said === '' ? undefined : { said }
  } catch (error) {
    if (error instanceof Fault) return { fault: error.toData() }
    const names = ['shared', 'cuda'].map(name => `libonnxruntime_providers_${name}.so`)
    const missing = names.map(name => loaderSays(join(providerFolder(), name)))
    const said = missing.find(text => text !== '') ?? String((error as Error).message ?? error)
    return { said }
  }
}

const functions = { probe }
export type ProbeThread = typeof functions

answerParent(functions)
