// onnxruntime-node behind the Runtime interface.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { Fault, fail } from '../contract/fault'
import type { Tensor, TensorData, Tensors } from '../graph/tensor'
import { onnxruntime, prepareCuda } from './onnxruntime'
import type { Runtime, Session, SessionOptions } from './runtime'

/** The runtime of this thread; `defaults` hold for every session unless its own options say otherwise. */
export const ortRuntime = (defaults: SessionOptions = {}): Runtime => ({
  device: defaults.device ?? { kind: 'cpu' },
  async open(model, weightsFolder, own = {}) {
    const options = { ...defaults, ...own }
    try {
      if (options.device?.kind === 'cuda') prepareCuda()
      const { InferenceSession } = onnxruntime()
      const session = await InferenceSession.create(model, sessionOptions(weightsFolder, options))
      return wrap(session, options.profile !== undefined)
    } catch (error) {
      throw openFault(error, options)
    }
  },
})

function sessionOptions(
  weightsFolder: string | undefined,
  options: SessionOptions,
): InferenceSession.SessionOptions {
  const { device = { kind: 'cpu' }, memoryPattern = false, memoryArena = true } = options
  const { threads = threadsAllowed() } = options
  const cuda = device.kind === 'cuda'
  const session = {
    ...(weightsFolder !== undefined && {
      model_external_initializers_file_folder_path: weightsFolder,
    }),
    ...(options.prepack === false && { disable_prepacking: '1' }),
    ...(cuda && { use_device_allocator_for_initializers: '1' }),
  }
  return {
    executionProviders: cuda ? [{ name: 'cuda', deviceId: device.index }] : ['cpu'],
    graphOptimizationLevel: 'all',
    enableMemPattern: memoryPattern,
    enableCpuMemArena: memoryArena,
    logSeverityLevel: options.log === true ? 1 : 3,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    ...(options.profile !== undefined && {
      enableProfiling: true,
      profileFilePrefix: options.profile,
    }),
    ...(Object.keys(session).length > 0 && { extra: { session } }),
  }
}

/** Threads of a session that asks for no number: SPW_THREADS, where a machine is shared; without it all cores. */
export function threadsAllowed(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const { SPW_THREADS: asked = '' } = env
  if (asked === '') return undefined
  const threads = Number(asked)
  if (Number.isInteger(threads) && threads > 0) return threads
  throw new Fault(
    'usage',
    `SPW_THREADS is "${asked}"`,
    'Set it to a whole number from 1, or unset it.',
  )
}

function wrap(session: InferenceSession, profiled: boolean): Session {
  const run = async (feeds: Tensors, outputs?: Tensors): Promise<Tensors> => {
    const inputs = mapValues(feeds, toOrt)
    try {
      const results =
        outputs === undefined
          ? await session.run(inputs)
          : await session.run(inputs, allOutputs(session, mapValues(outputs, toOrt)))
      // a pre-allocated output was written in place, yet onnxruntime-node hands out a copy of it
      return { ...mapValues(results as Record<string, OrtTensor>, fromOrt), ...outputs }
    } catch (error) {
      throw runFault(error)
    }
  }
  return {
    run,
    release: async () => {
      if (profiled) session.endProfiling()
      await session.release()
    },
  }
}

/** Outputs that are not pre-allocated are fetched as new arrays. */
const allOutputs = (session: InferenceSession, given: Record<string, OrtTensor>) =>
  Object.fromEntries(session.outputNames.map(name => [name, given[name] ?? null]))

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))
}

const toOrt = (t: Tensor): OrtTensor =>
  new (onnxruntime().Tensor)(t.dtype, t.data as never, t.dims as number[]) as OrtTensor

function fromOrt(t: OrtTensor): Tensor {
  const dtype = t.type
  if (
    dtype !== 'float32' &&
    dtype !== 'int64' &&
    dtype !== 'int32' &&
    dtype !== 'bool' &&
    dtype !== 'float16'
  )
    return fail(`an output is ${dtype}`)
  return { dtype, dims: t.dims, data: t.data as TensorData }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
const outOfMemory = /bad_alloc|out of memory|OUT_OF_MEMORY|Failed to allocate memory|CUDA.*memory/i

function openFault(error: unknown, options: SessionOptions): Fault {
  if (error instanceof Fault) return error
  const message = messageOf(error)
  if (outOfMemory.test(message)) return memoryFault(message, error)
  if (options.device?.kind === 'cuda') {
    const fix = 'Run `spw gpu doctor` to see what is missing, or choose --device cpu.'
    return new Fault('device', `CUDA does not start: ${message}`, fix, { cause: error })
  }
  const fix = 'Download the model folder again; if that does not help, report this.'
  return new Fault('engine', `The program does not open: ${message}`, fix, { cause: error })
}

function runFault(error: unknown): Fault {
  const message = messageOf(error)
  if (outOfMemory.test(message)) return memoryFault(message, error)
  const fix = 'Report this with the log of the run.'
  return new Fault('engine', `The program stopped: ${message}`, fix, { cause: error })
}

const memoryFault = (message: string, cause: unknown): Fault =>
  new Fault(
    'memory',
    `Out of memory: ${message}`,
    'Lower the lanes per micro-batch (raise the accumulation), or use --fit.',
    { cause },
  )
