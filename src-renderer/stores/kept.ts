// What a store keeps in the window's own storage, so that a reload or a restart brings it back.
import { type WatchSource, watch } from 'vue'
import type { z } from 'zod'

/** What was kept under a name; the schema's defaults where nothing was, or nothing of this form. */
export function kept<S extends z.ZodType>(name: string, schema: S): z.output<S> {
  try {
    return schema.parse(JSON.parse(localStorage.getItem(name) ?? '{}'))
  } catch {
    return schema.parse({})
  }
}

/** From now on every change is written. A full storage keeps what it had. */
export function keep(name: string, source: WatchSource | object): void {
  const write = (now: unknown) => {
    try {
      localStorage.setItem(name, JSON.stringify(now))
    } catch {
      // no room: the newest state is lost at a reload, nothing else
    }
  }
  watch(source, write, { deep: true })
}
