// A small JSON file that the engine alone writes: read with a schema, changed one change at a time.
import pLimit from 'p-limit'
import type { z } from 'zod'
import { readFitting } from '../train/run-folder'
import { writeAtomically } from '../weights/atomic'

export interface JsonFile<T> {
  read(): Promise<T>
  change(step: (value: T) => T): Promise<T>
}

/** A missing or broken file reads as the schema's value of `{}`; a broken one is kept aside by no one: it is overwritten. */
export function jsonFile<S extends z.ZodType>(path: string, schema: S): JsonFile<z.output<S>> {
  const read = async (): Promise<z.output<S>> =>
    (await readFitting(path, schema)) ?? schema.parse({})
  const inTurn = pLimit(1)
  return {
    read,
    change: step =>
      inTurn(async () => {
        const value = step(await read())
        await writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`)
        return value
      }),
  }
}
