// The engine behind a port: the same few messages whether it is a worker thread or a child process.
// Everything sent survives both structured clone and JSON.
import type { z } from 'zod'
import { type CallName, calls, type Emit, type EventName, type WorkbenchApi } from './api'
import type { Answer } from './desktop'
import { asFault, Fault, type FaultData } from './fault'

export interface Port {
  send(message: unknown): void
  receive(listener: (message: unknown) => void): void
}

export type HostKind = 'thread' | 'process'

/** What the host tells an engine that starts. */
export interface EngineSetup {
  /** SPW_HOME */
  readonly home: string
  /** the app's resources folder: demo models, presets */
  readonly resources: string
  readonly host: HostKind
}

/** What an engine may ask of its host beside sending events. */
export interface EngineHooks {
  readonly emit: Emit
  /**
   * Run me in a plain process instead: this thread must not hold what the next run needs (DESIGN.md §6). The host then
   * closes this engine and starts another, whose queue goes on from the run folders. Does nothing in a process.
   */
  moveToProcess(): void
}

export interface Engine {
  readonly api: WorkbenchApi
  /** checkpoint what runs, release all sessions */
  close(): Promise<void>
}

export type EngineEvent = readonly [name: EventName, data: unknown]

export type ToEngine =
  | { readonly kind: 'start'; readonly setup: EngineSetup }
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: unknown }
  | { readonly kind: 'close' }

export type FromEngine =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly fault: FaultData }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'events'; readonly events: readonly EngineEvent[] }
  | { readonly kind: 'move' }
  | { readonly kind: 'closed' }

/** Arguments as their schema wants them. Faults: 'usage' for an unknown call or arguments that do not fit. */
export function checked(schema: z.ZodType, name: string, args: unknown): unknown {
  const parsed = schema.safeParse(args)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, 5)
  const told = issues.map(i => `${[name, ...i.path.map(String)].join('.')}: ${i.message}`)
  throw new Fault('usage', told.join('; '), 'Correct the values named here.')
}

export const isCallName = (name: string): name is CallName => Object.hasOwn(calls, name)

async function answer(api: WorkbenchApi, name: string, args: unknown): Promise<Answer> {
  try {
    if (!isCallName(name))
      throw new Fault(
        'usage',
        `there is no call named ${name}`,
        'Update the app: its parts differ.',
      )
    const method = api[name] as (args: unknown) => Promise<unknown>
    return { ok: true, value: await method(checked(calls[name].args, name, args)) }
  } catch (error) {
    return { ok: false, fault: asFault(error).toData() }
  }
}

/** Events whose data are lists: what waits is sent as one longer list. */
const lists: ReadonlySet<EventName> = new Set(['metrics', 'sampleTokens', 'log'])

function appended(queue: readonly EngineEvent[], name: EventName, data: unknown): EngineEvent[] {
  const at = lists.has(name) ? queue.findIndex(([other]) => other === name) : -1
  const waiting = queue[at]
  if (waiting === undefined) return [...queue, [name, data]]
  const joined = [...(waiting[1] as unknown[]), ...(data as unknown[])]
  return [...queue.slice(0, at), [name, joined], ...queue.slice(at + 1)]
}

/** An emit that sends at most one batch in `interval` milliseconds: at once when it was quiet, else when it is due. */
export function batched(
  send: (events: readonly EngineEvent[]) => void,
  interval = 100,
): { readonly emit: Emit; flush(): void } {
  let queue: EngineEvent[] = []
  let due: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    clearTimeout(due)
    due = undefined
    if (queue.length === 0) return
    const batch = queue
    queue = []
    send(batch)
    due = setTimeout(flush, interval)
  }
  const emit: Emit = (name, data) => {
    queue = appended(queue, name, data)
    if (due === undefined) flush()
  }
  return { emit, flush }
}

/** Serve an engine over a port: wait for `start`, open it, answer calls until `close`. @param closed after the last word */
export function serve(
  port: Port,
  open: (setup: EngineSetup, hooks: EngineHooks) => Promise<Engine>,
  closed: () => void,
): void {
  const send = (message: FromEngine): void => port.send(message)
  const { emit, flush } = batched(events => send({ kind: 'events', events }))
  const hooks: EngineHooks = { emit, moveToProcess: () => send({ kind: 'move' }) }
  let opening: Promise<Engine> | undefined

  const start = async (setup: EngineSetup): Promise<void> => {
    opening = open(setup, hooks)
    try {
      await opening
      send({ kind: 'ready' })
    } catch (error) {
      send({ kind: 'refused', fault: asFault(error).toData() })
    }
  }
  const close = async (): Promise<void> => {
    try {
      await (await opening)?.close()
    } finally {
      flush()
      send({ kind: 'closed' })
      closed()
    }
  }
  port.receive(raw => {
    const message = raw as ToEngine
    if (message.kind === 'start') void start(message.setup)
    else if (message.kind === 'close') void close().catch(() => undefined)
    else
      void opening
        ?.then(({ api }) => answer(api, message.name, message.args))
        .then(told => send({ kind: 'answer', id: message.id, answer: told }))
        .catch(() => undefined)
  })
}
