// The engine's side of model-process.ts: one process for each model that may not live in the app's process. Its death
// fails what was asked of it; the next request starts another one.
import { cudaEnvironment } from '../contract/cuda-environment'
import { Fault } from '../contract/fault'
import type { RunSpec } from '../contract/run-spec'
import { type Started, startProcess } from '../ports/start'
import type { Context } from './context'
import type { ModelProcess, ModelProcessListener } from './model-process'
import processFile from './model-process?modulePath'
import type { Rooms } from './rooms'

export interface ModelProcesses {
  /** the playgrounds over the model of this folder */
  roomsOf(folder: string): Rooms
  /** Seconds of one optimizer step, in a process that ends with the answer. */
  measure(request: string, spec: RunSpec, signal: AbortSignal): Promise<number>
  warm(): Promise<{ model: string; bytes: number }[]>
  /** ends all, after what is at work */
  unload(): Promise<void>
}

/** Models held at once; the one used longest ago goes first. */
const mostWarm = 2

const died = (why: string): Fault =>
  new Fault(
    'engine',
    `the process that held the model ended: ${why}`,
    'Try again; if it ends again, free some memory or take a smaller model.',
  )

/** @returns what the work answers; when the signal aborts, the process is asked to stop it */
async function withCancel<A>(
  { tell }: Started<ModelProcess>,
  request: string,
  signal: AbortSignal,
  work: () => Promise<A>,
): Promise<A> {
  const cancel = (): void => tell.cancel(request)
  signal.addEventListener('abort', cancel)
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

export function openModelProcesses(context: Context): ModelProcesses {
  const { home, resources, emit } = context
  const here: ModelProcessListener = { emit }
  /** by folder; the one used last is last */
  const warm = new Map<string, Started<ModelProcess>>()

  const start = (): Started<ModelProcess> => {
    const env = cudaEnvironment('float32')
    const fresh = startProcess<ModelProcess>(processFile, { here, fault: died, env })
    fresh.tell.open({ home, resources })
    return fresh
  }
  const release = async (folder: string): Promise<void> => {
    const held = warm.get(folder)
    warm.delete(folder)
    await held?.end()
    emit('libraryChanged', { what: 'warm' })
  }
  const processOf = (folder: string): Started<ModelProcess> => {
    const held = warm.get(folder) ?? start()
    if (!warm.has(folder))
      void held.gone.then(() => {
        if (warm.get(folder) === held) void release(folder)
      })
    warm.delete(folder)
    warm.set(folder, held)
    const [oldest] = warm.keys()
    if (warm.size > mostWarm && oldest !== undefined) void release(oldest)
    return held
  }
  const roomsOf = (folder: string): Rooms => {
    const held = processOf(folder)
    return {
      sample: (request, signal) =>
        withCancel(held, request.request, signal, () => held.call.sample(request)),
      chess: (request, signal) =>
        withCancel(held, request.request, signal, () => held.call.chess(request)),
      path: (request, signal) =>
        withCancel(held, request.request, signal, () => held.call.path(request)),
    }
  }
  return {
    roomsOf,
    measure: async (request, spec, signal) => {
      const measuring = start()
      try {
        return await withCancel(measuring, request, signal, () =>
          measuring.call.measure(request, spec),
        )
      } finally {
        await measuring.end()
      }
    },
    warm: async () => (await Promise.all([...warm.values()].map(p => p.call.warm()))).flat(),
    unload: async () => {
      await Promise.all([...warm.keys()].map(release))
    },
  }
}
