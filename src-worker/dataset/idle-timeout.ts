// A connection that says nothing any more is dead, although it was not closed: it is cut, so that its reader can connect again.

export interface IdleTimeout {
  readonly signal: AbortSignal
  /** a byte came */
  restart(): void
  end(): void
}

/** @param limit milliseconds without a byte until the signal aborts; it also does when `outer` aborts */
export function startIdleTimeout(limit: number, outer?: AbortSignal): IdleTimeout {
  const controller = new AbortController()
  const cut = (): void => controller.abort(new Error(`nothing came for ${limit / 1000} s`))
  const follow = (): void => controller.abort(outer?.reason)
  let timer = setTimeout(cut, limit)
  if (outer?.aborted === true) follow()
  outer?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    restart: () => {
      clearTimeout(timer)
      timer = setTimeout(cut, limit)
    },
    end: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', follow)
    },
  }
}
