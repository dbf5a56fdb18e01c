// A run that has no checkpoint yet writes its first within a minute of training, so that whatever ends it costs no more.

/** ms of training without any checkpoint */
export const longestUnsaved = 60_000

export interface FirstCheckpoint {
  /** called after each session call: whether a checkpoint must be written now */
  due(): boolean
  written(): void
}

/** @param saved whether the run has a checkpoint already  @param now ms */
export function firstCheckpoint(
  saved: boolean,
  now: () => number = () => performance.now(),
): FirstCheckpoint {
  const began = now()
  let last = began
  let waiting = !saved
  return {
    due: () => {
      const call = now() - last
      last = now()
      // the next call may take as long as this one
      return waiting && last - began + call > longestUnsaved
    },
    written: () => {
      waiting = false
    },
  }
}
