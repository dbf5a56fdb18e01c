// A stand-in for the window of store tests: calls are answered by functions, and what was called is
// kept.
import type { Bridge } from '../../src-worker/contract/desktop'
import type { FaultData } from '../../src-worker/contract/fault'

export type Answers = Record<string, (args: never) => unknown>

export function stubWindow(answers: Answers) {
  const called: { readonly name: string; readonly args: Record<string, unknown> }[] = []
  const listeners = new Map<string, (data: unknown) => void>()
  const stored = new Map<string, string>()
  const call = async (name: string, args: Record<string, unknown>) => {
    called.push({ name, args })
    try {
      return { ok: true, value: await (answers[name] as (args: unknown) => unknown)(args) }
    } catch (error) {
      return { ok: false, fault: error as FaultData }
    }
  }
  const on = (name: string, listener: (data: unknown) => void) => {
    listeners.set(name, listener)
    return () => listeners.delete(name)
  }
  const workbench = { platform: 'test', call, on, pathOf: () => '' } as unknown as Bridge
  const localStorage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  }
  Object.assign(globalThis, { window: { workbench, localStorage }, localStorage })
  return {
    called,
    of: (name: string) => called.filter(c => c.name === name).map(c => c.args),
    tell: (event: string, data: unknown) => listeners.get(event)?.(data),
  }
}

/** A promise and the function that fulfils it. */
export function later<T>() {
  let done: (value: T) => void = () => undefined
  const promise = new Promise<T>(resolve => {
    done = resolve
  })
  return { promise, done }
}

export const settled = () => new Promise(done => setTimeout(done, 0))
