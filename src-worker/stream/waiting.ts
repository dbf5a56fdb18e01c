// How much of the time training waits for data.
import type { BatchStream } from './source'

export interface Waiting {
  /** the same stream, with its waiting measured */
  measured<S extends BatchStream>(stream: S): S
  /** of the time since the first batch was asked for; 0 before */
  share(): number
}

export function waitingClock(now: () => number = () => performance.now()): Waiting {
  let began: number | undefined
  let waited = 0
  return {
    measured: stream => ({
      ...stream,
      next: async () => {
        const asked = now()
        began ??= asked
        try {
          return await stream.next()
        } finally {
          waited += now() - asked
        }
      },
    }),
    share: () => (began === undefined || now() <= began ? 0 : waited / (now() - began)),
  }
}
