// Asking the engine for one thing at a time: the newest question wins, an answer to an older one is
// dropped,
// and a fault is kept beside a way to ask again (the engine may have been restarted meanwhile).
import { ref, type ShallowRef, shallowRef } from 'vue'
import { asFault, type Fault } from '../../src-worker/contract/fault'
import { call } from '../workbench'

let asked = 0
/** A name no other request of this window has. */
export const requestName = (purpose: string): string => `${purpose}-${Date.now()}-${++asked}`

/** Work of one question; gets the name that its request must carry. */
export type Work<A> = (request: string) => Promise<A>

export function useAsking<A>(purpose: string) {
  const busy = ref(false)
  const fault = shallowRef<Fault | null>(null)
  const answer: ShallowRef<A | null> = shallowRef(null)
  let current = ''
  let last: Work<A> | null = null

  const cancelCurrent = () => {
    // the engine may be gone: then there is nothing to cancel
    if (current !== '') void call('cancel', { request: current }).catch(() => undefined)
    current = ''
  }

  /** The answer, or undefined when a newer question, stop or a fault came between. */
  async function ask(work: Work<A>): Promise<A | undefined> {
    cancelCurrent()
    const request = requestName(purpose)
    current = request
    last = work
    busy.value = true
    fault.value = null
    try {
      const value = await work(request)
      if (current !== request) return undefined
      answer.value = value
      return value
    } catch (error) {
      const wrong = asFault(error)
      if (current === request && wrong.code !== 'cancelled') fault.value = wrong
      return undefined
    } finally {
      if (current === request) {
        current = ''
        busy.value = false
      }
    }
  }

  const stop = () => {
    cancelCurrent()
    busy.value = false
  }
  /** Forget the answer too: it belongs to something that is no longer shown. */
  const clear = () => {
    stop()
    answer.value = null
    fault.value = null
  }
  const retry = (): Promise<A | undefined> =>
    last === null ? Promise.resolve(undefined) : ask(last)
  /** Whether an event with this request name belongs to the question being answered. */
  const isCurrent = (request: string): boolean => request === current && current !== ''

  return { busy, fault, answer, ask, stop, clear, retry, isCurrent }
}

export type Asking<A> = ReturnType<typeof useAsking<A>>
