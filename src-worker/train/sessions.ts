// Sessions opened when first needed, each once, and released together.
import type { Runtime, Session, SessionOptions } from '../session/runtime'

/** A program and the folder of its weights. */
interface Openable {
  readonly bytes: Uint8Array
  readonly weightsFolder: string
}

export interface Sessions {
  get(key: string, build: () => Openable, options?: SessionOptions): Promise<Session>
  has(key: string): boolean
  /** Releases those whose key is not wanted any more. */
  keep(wanted: (key: string) => boolean): Promise<void>
  /** Releases one session, if it is open. */
  drop(key: string): Promise<void>
  release(): Promise<void>
}

export function lazySessions(runtime: Runtime): Sessions {
  const opened = new Map<string, Promise<Session>>()
  return {
    get(key, build, options) {
      const known = opened.get(key)
      if (known !== undefined) return known
      const { bytes, weightsFolder } = build()
      const folder = weightsFolder === '' ? undefined : weightsFolder
      const session = runtime.open(bytes, folder, options)
      opened.set(key, session)
      session.catch(() => opened.delete(key))
      return session
    },
    has: key => opened.has(key),
    async drop(key) {
      const session = opened.get(key)
      opened.delete(key)
      await (await session)?.release()
    },
    async keep(wanted) {
      for (const [key, session] of [...opened]) {
        if (wanted(key)) continue
        opened.delete(key)
        await session.then(s => s.release()).catch(() => undefined)
      }
    },
    async release() {
      const all = [...opened.values()]
      opened.clear()
      for (const session of await Promise.allSettled(all))
        if (session.status === 'fulfilled') await session.value.release()
    },
  }
}
