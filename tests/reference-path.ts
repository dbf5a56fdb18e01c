// Where the reference data lies: tests/reference (its README says what each folder is). Only tests and benchmarks read it.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const here = import.meta.dirname ?? __dirname

/**
 * Absolute path of something of the reference: 'reference/…', 'models/NAME…', 'data/NAME'.
 * Models that the app brings along are taken from resources/.
 */
export function referencePath(...parts: string[]): string {
  const [first = '', ...rest] = parts.flatMap(part => part.split('/'))
  if (first === 'reference') return resolve(here, 'reference', ...rest)
  const bundled = resolve(here, '../resources', first, ...rest)
  return rest.length > 0 && existsSync(bundled)
    ? bundled
    : resolve(here, 'reference', first, ...rest)
}
