// The engine's side of model-process.ts: one process for each model that may not live in the app's process. Its death
// fails what was asked of it; the next request starts another one.
import { LRUCache } from 'lru-cache'
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
  /** Tests the checkpoints of a run; likewise. @returns how many */
  evaluate(request: string, folder: string, signal: AbortSignal): Promise<number>
  /** What a run's training data cost as a code; likewise. */
  codeLength(request: string, folder: string, signal: AbortSignal): Promise<void>
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
  const end = async (held: Started<ModelProcess>): Promise<void> => {
    await held.end()
    emit('libraryChanged', { what: 'warm' })
  }
  let ended: Promise<unknown> = Promise.resolve()
  /** by folder */
  const warm = new LRUCache<string, Started<ModelProcess>>({
    max: mostWarm,
    dispose: held => {
      ended = Promise.all([ended, end(held)])
    },
  })

  const start = (): Started<ModelProcess> => {
    const env = cudaEnvironment('float32')
    const fresh = startProcess<ModelProcess>(processFile, { here, fault: died, env })
    fresh.tell.open({ home, resources })
    return fresh
  }
  const processOf = (folder: string): Started<ModelProcess> => {
    const held = warm.get(folder) ?? start()
    if (warm.has(folder)) return held
    warm.set(folder, held)
    void held.gone.then(() => {
      if (warm.peek(folder) === held) warm.delete(folder)
    })
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
  /** In a process that ends with the answer. */
  const once = async <A>(
    request: string,
    signal: AbortSignal,
    work: (held: Started<ModelProcess>) => Promise<A>,
  ): Promise<A> => {
    const held = start()
    try {
      return await withCancel(held, request, signal, () => work(held))
    } finally {
      await held.end()
    }
  }
  return {
    roomsOf,
    measure: (request, spec, signal) =>
      once(request, signal, ({ call }) => call.measure(request, spec)),
    evaluate: (request, folder, signal) =>
      once(request, signal, ({ call }) => call.evaluate(request, folder)),
    codeLength: (request, folder, signal) =>
      once(request, signal, ({ call }) => call.codeLength(request, folder)),
    warm: async () =>
      (
        await Promise.all(
          [...warm.rkeys()].map(async key => (await warm.peek(key)?.call.warm()) ?? []),
        )
      ).flat(),
    unload: async () => {
      warm.clear()
      await ended
    },
  }
}
