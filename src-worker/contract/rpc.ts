// One protocol for everything that works elsewhere, in a thread or in a process: each side answers a table of
// functions, over a port (birpc is the model). What a port is made of lies in ports/.
// Arguments and results survive structured clone; between processes also JSON.
import { asFault, type Fault, type FaultData, fromData } from './fault'

export interface Port {
  /** @param transfer buffers and ports that are handed over, where the port can do so (threads) */
  send(message: unknown, transfer: readonly object[]): void
  receive(listener: (message: unknown) => void): void
}

type Arguments<F> = F extends (...args: infer A) => unknown ? A : never
type Result<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

export interface Remote<Table> {
  /** Answered. Faults: what the function threw there; that of `gone` when the other side ended before it answered. */
  readonly call: {
    readonly [N in keyof Table]: (...args: Arguments<Table[N]>) => Promise<Result<Table[N]>>
  }
  /** Sent in the same order as calls, never answered. */
  readonly tell: { readonly [N in keyof Table]: (...args: Arguments<Table[N]>) => void }
}

/** id 0: no answer is wanted */
type Call = { readonly call: string; readonly id: number; readonly args: readonly unknown[] }
type Answer =
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly fault: FaultData }

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (fault: unknown) => void
}

const handedOver = new WeakMap<object, readonly object[]>()

/** Marks an argument or a result: these buffers and ports of it are handed over, not copied. */
export function transferring<T extends object>(value: T, buffers: readonly object[]): T {
  handedOver.set(value, buffers)
  return value
}

const transfersOf = (value: unknown): readonly object[] =>
  typeof value === 'object' && value !== null ? (handedOver.get(value) ?? []) : []

/** Functions of any names, made when they are asked for. */
const namedFunctions = <T extends object>(make: (name: string) => unknown): T =>
  new Proxy({} as T, { get: (_, name) => make(String(name)) })

/** Answers calls of `here`; @returns what answers one message. */
function answerer(port: Port, here: object) {
  return async ({ call, id, args }: Call): Promise<void> => {
    const send = (answer: Answer): void => {
      const transfer = 'value' in answer ? transfersOf(answer.value) : []
      if (id !== 0) port.send(answer, transfer)
    }
    try {
      if (!Object.hasOwn(here, call)) throw new Error(`internal: there is no function ${call}`)
      const method = (here as Record<string, (...args: unknown[]) => unknown>)[call]
      send({ answer: id, value: await method?.(...args) })
    } catch (error) {
      if (id === 0) console.error(error) // nobody waits for it, so it goes to the log
      send({ answer: id, fault: asFault(error).toData() })
    }
  }
}

/**
 * Both directions of a port.
 * @param here what the other side may call
 * @param gone resolves when the other side has ended, with the fault of the calls that wait
 */
export function connect<There extends object>(
  port: Port,
  here: object,
  gone?: Promise<Fault>,
): Remote<There> {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let ended: Fault | undefined
  const answer = answerer(port, here)
  port.receive(raw => {
    const message = raw as Call | Answer
    if ('call' in message) {
      void answer(message)
      return
    }
    const asked = waiting.get(message.answer)
    waiting.delete(message.answer)
    if ('fault' in message) asked?.reject(fromData(message.fault))
    else asked?.resolve(message.value)
  })
  void gone?.then(fault => {
    ended = fault
    for (const { reject } of waiting.values()) reject(fault)
    waiting.clear()
  })
  const send = (call: string, id: number, args: readonly unknown[]): void =>
    port.send({ call, id, args } satisfies Call, args.flatMap(transfersOf))

  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) throw ended
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      send(name, id, args)
    })
  return {
    call: namedFunctions(
      name =>
        (...args: unknown[]) =>
          call(name, args),
    ),
    tell: namedFunctions(
      name =>
        (...args: unknown[]) =>
          send(name, 0, args),
    ),
  }
}
