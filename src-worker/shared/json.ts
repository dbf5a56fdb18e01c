// JSON that may be damaged: what fits a schema, else nothing. Where a person must hear of it at once, weights/json.ts has the
// faults; what is passed over here is found by the check of a home (workbench/home-check.ts).
import type { z } from 'zod'

/** The value of a JSON text; undefined: it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a JSON text holds, if it fits; undefined: it is damaged, or something else. */
export const fitting = <S extends z.ZodType>(schema: S, text: string): z.output<S> | undefined =>
  schema.safeParse(jsonIn(text)).data
