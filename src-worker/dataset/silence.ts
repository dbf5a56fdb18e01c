// A connection that says nothing any more is dead, although nobody closed it: it is cut, so that its reader can go on anew.

export interface SilenceWatch {
  readonly signal: AbortSignal
  /** a byte came */
  heard(): void
  end(): void
}

/** @param limit milliseconds of silence until the signal aborts; it also does when `outer` aborts */
export function watchSilence(limit: number, outer?: AbortSignal): SilenceWatch {
  const controller = new AbortController()
  const cut = (): void => controller.abort(new Error(`nothing came for ${limit / 1000} s`))
  const follow = (): void => controller.abort(outer?.reason)
  let timer = setTimeout(cut, limit)
  if (outer?.aborted === true) follow()
  outer?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer)
      timer = setTimeout(cut, limit)
    },
    end: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', follow)
    },
  }
}
