// What analyses are prepared from, kept while no run changes; when nothing is asked for, what may be asked for next is
// prepared ahead, so that the first press is as quick as the second.
import { LRUCache } from 'lru-cache'

/** axes, and with the paper's runs or without */
const mostHeld = 6

/** ms without a request, before something is prepared that nobody asked for */
const quiet = 400

export interface HeldAnalyses<Request, Prepared> {
  /** What was prepared for it, or now is. Faults: those of `prepare`. */
  get(request: Request): Promise<Prepared>
  /** Prepares these, one after another, once no request came for a while. What fails, fails again when it is asked for. */
  ahead(next: readonly Request[]): void
}

/** @param prepare the key of a request as it is now, and what makes the preparation of it */
export function heldAnalyses<Request, Prepared extends object>(
  prepare: (request: Request) => Promise<{ key: string; make: () => Promise<Prepared> }>,
): HeldAnalyses<Request, Prepared> {
  const held = new LRUCache<string, Prepared>({ max: mostHeld })
  let timer: NodeJS.Timeout | undefined

  async function find(request: Request): Promise<Prepared> {
    const { key, make } = await prepare(request)
    const found = held.get(key)
    if (found !== undefined) return found
    const fresh = await make()
    held.set(key, fresh)
    return fresh
  }
  function ahead([first, ...others]: readonly Request[]): void {
    clearTimeout(timer)
    if (first === undefined) return
    timer = setTimeout(() => {
      void find(first).then(
        () => ahead(others),
        () => undefined,
      )
    }, quiet)
    timer.unref()
  }
  return {
    get: request => {
      clearTimeout(timer)
      return find(request)
    },
    ahead,
  }
}
