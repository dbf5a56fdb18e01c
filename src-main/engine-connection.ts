// One engine from its start to its end, in a thread of this process or in a process of its own.

import { cudaEnvironment, enterCudaEnvironment } from '../src-worker/contract/cuda-environment'
import type { Answer } from '../src-worker/contract/desktop'
import type { EngineSetup, EngineTable, HostKind, HostTable } from '../src-worker/contract/engine'
import { asFault, Fault, type FaultData } from '../src-worker/contract/fault'
import { type Started, startProcess, startThread } from '../src-worker/ports/start'

export interface EngineConnection {
  readonly kind: HostKind
  readonly bornAt: number
  /** settles once: it answers, it refuses to start and says why, or it died first */
  readonly start: Promise<'ready' | 'died' | FaultData>
  /** settles when it is gone, with the reason */
  readonly gone: Promise<string>
  /** waits for its start; never rejects */
  ask(name: string, args: unknown): Promise<Answer>
  /**
   * Let it checkpoint and return; after `patience` milliseconds a process is killed, a thread is left alone.
   * @returns whether it is gone
   */
  close(patience: number): Promise<boolean>
}

/** milliseconds from an engine's last word, when all is on disk, to its end */
const patienceToLeave = 3000

/** @returns whether it came to pass within so many milliseconds */
function within(patience: number, event: Promise<unknown>): Promise<boolean> {
  return new Promise(done => {
    const late = setTimeout(() => done(false), patience)
    const came = (): void => {
      clearTimeout(late)
      done(true)
    }
    event.then(came, came)
  })
}

const ended = (why: string): Fault =>
  new Fault('engine', `the engine ended before it answered: ${why}`, 'Try again.')

/** @param script worker.ts, built */
export function startEngine(script: string, kind: HostKind, here: HostTable): Started<EngineTable> {
  if (kind === 'process')
    return startProcess<EngineTable>(script, {
      here,
      fault: ended,
      env: cudaEnvironment('float32'),
    })
  // CUDA sees the environment of the process, which only this thread can change
  enterCudaEnvironment('float32', process.env)
  return startThread<EngineTable>(script, { here, fault: ended, name: 'engine' })
}

export function connectEngine(
  script: string,
  setup: EngineSetup,
  events: HostTable['events'],
): EngineConnection {
  const engine = startEngine(script, setup.host, { events })
  const { gone } = engine
  const start = Promise.race([
    engine.call.start(setup).then(
      () => 'ready' as const,
      error => asFault(error).toData(),
    ),
    gone.then(() => 'died' as const),
  ])

  async function ask(name: string, args: unknown): Promise<Answer> {
    try {
      return await engine.call.call(name, args)
    } catch (error) {
      return { ok: false, fault: asFault(error).toData() }
    }
  }

  async function close(patience: number): Promise<boolean> {
    const closed = await within(patience, Promise.race([engine.call.close(), gone]))
    const left = closed && (await within(patienceToLeave, engine.end()))
    if (!left) engine.kill()
    return within(1000, gone)
  }

  return { kind: setup.host, bornAt: Date.now(), start, gone, ask, close }
}
