// One engine from its start to its end, over whatever carries it.
import type { Answer } from '../src-worker/contract/desktop'
import { Fault, type FaultData } from '../src-worker/contract/fault'
import type {
  EngineEvent,
  EngineSetup,
  FromEngine,
  HostKind,
  ToEngine,
} from '../src-worker/contract/rpc'
import type { Carrier } from './engine-carrier'

export interface EngineLife {
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

export interface LifeListener {
  events(events: readonly EngineEvent[]): void
  /** it must go on in a process */
  move(): void
}

/** milliseconds from an engine's last word, when all is on disk, to its end */
const patienceToLeave = 3000

/** @returns whether it came to pass within so many milliseconds */
function within(patience: number, event: Promise<unknown>): Promise<boolean> {
  return new Promise(done => {
    const late = setTimeout(() => done(false), patience)
    void event.then(() => {
      clearTimeout(late)
      done(true)
    })
  })
}

const ended = (why: string): Answer => ({
  ok: false,
  fault: new Fault('engine', `the engine ended before it answered: ${why}`, 'Try again.').toData(),
})

/** A promise and the function that settles it. */
function deferred<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
  let settle: (value: T) => void = () => undefined
  const promise = new Promise<T>(resolve => {
    settle = resolve
  })
  return { promise, settle }
}

export function startLife(
  carrier: Carrier,
  setup: Omit<EngineSetup, 'host'>,
  listener: LifeListener,
): EngineLife {
  const pending = new Map<number, (answer: Answer) => void>()
  const start = deferred<'ready' | 'died' | FaultData>()
  const closed = deferred<void>() // its last word
  const gone = deferred<string>()
  const send = (message: ToEngine): void => carrier.port.send(message)
  let nextId = 1

  carrier.port.receive(raw => {
    const message = raw as FromEngine
    if (message.kind === 'events') listener.events(message.events)
    else if (message.kind === 'ready') start.settle('ready')
    else if (message.kind === 'refused') start.settle(message.fault)
    else if (message.kind === 'move') listener.move()
    else if (message.kind === 'closed') closed.settle()
    else {
      pending.get(message.id)?.(message.answer)
      pending.delete(message.id)
    }
  })
  carrier.onGone(why => {
    start.settle('died')
    gone.settle(why)
  })
  send({ kind: 'start', setup: { ...setup, host: carrier.kind } })

  async function ask(name: string, args: unknown): Promise<Answer> {
    const started = await start.promise
    if (started !== 'ready' && started !== 'died') return { ok: false, fault: started }
    const answer = deferred<Answer>()
    const id = nextId++
    pending.set(id, answer.settle)
    send({ kind: 'call', id, name, args })
    return Promise.race([answer.promise, gone.promise.then(ended)])
  }

  async function close(patience: number): Promise<boolean> {
    send({ kind: 'close' })
    const said = await within(patience, Promise.race([closed.promise, gone.promise]))
    const left = said && (await within(patienceToLeave, gone.promise))
    if (!left) carrier.kill()
    return within(1000, gone.promise)
  }

  const { kind } = carrier
  return { kind, bornAt: Date.now(), start: start.promise, gone: gone.promise, ask, close }
}
