// The engine and its host: what each may call of the other (over contract/rpc.ts), whether the engine is a worker thread
// or a process of its own.
import type { z } from 'zod'
import { type CallName, calls, type Emit, type EventName, type WorkbenchApi } from './api'
import type { Answer } from './desktop'
import { asFault, Fault, fail } from './fault'

export type HostKind = 'thread' | 'process'

/** What the host tells an engine that starts. */
export interface EngineSetup {
  /** SPW_HOME */
  readonly home: string
  /** the app's resources folder: demo models, presets */
  readonly resources: string
  readonly host: HostKind
}

/** What an engine may do to its host. */
export interface EngineHooks {
  readonly emit: Emit
}

export interface Engine {
  readonly api: WorkbenchApi
  /** checkpoint what runs, release all sessions */
  close(): Promise<void>
}

export type EngineEvent = readonly [name: EventName, data: unknown]

/** What the host calls of an engine, with arguments that it has checked. */
export interface EngineTable {
  /** Faults: those of opening the home. The engine answers nothing then. */
  start(setup: EngineSetup): Promise<void>
  /** a call of the contract, by its name */
  call(name: string, args: unknown): Promise<Answer>
  /** resolves when all is on disk */
  close(): Promise<void>
}

/** What an engine tells its host. */
export interface HostTable {
  events(events: readonly EngineEvent[]): void
}

/** Arguments as their schema wants them. Faults: 'usage' for an unknown call or arguments that do not fit. */
export function validArguments(schema: z.ZodType, name: string, args: unknown): unknown {
  const parsed = schema.safeParse(args)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, 5)
  const problems = issues.map(i => `${[name, ...i.path.map(String)].join('.')}: ${i.message}`)
  throw new Fault('usage', problems.join('; '), 'Correct the values named here.')
}

export const isCallName = (name: string): name is CallName => Object.hasOwn(calls, name)

/** One call of the contract; never rejects. */
export async function answer(api: WorkbenchApi, name: string, args: unknown): Promise<Answer> {
  try {
    if (!isCallName(name))
      throw new Fault(
        'usage',
        `there is no call named ${name}`,
        'Update the app: its parts differ.',
      )
    const method = api[name] as (args: unknown) => Promise<unknown>
    return { ok: true, value: await method(args) }
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

/** The engine's side of EngineTable: opened by `start`, answers calls until `close`. */
export function engineTable(
  open: (setup: EngineSetup, hooks: EngineHooks) => Promise<Engine>,
  send: HostTable['events'],
): EngineTable {
  const { emit, flush } = batched(send)
  let opening: Promise<Engine> | undefined
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    try {
      const engine = await opening?.catch(() => undefined)
      await engine?.close()
    } finally {
      flush()
    }
  }
  return {
    start: async setup => {
      opening = open(setup, { emit })
      await opening
    },
    call: async (name, args) => {
      const engine = (await opening) ?? fail('a call came before the start')
      return answer(engine.api, name, args)
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
