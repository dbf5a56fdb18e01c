// Where the reference data lies: beside the checkout. Only tests and benchmarks may read it.
import { resolve } from 'node:path'

/** Absolute path of something in ../shared. */
export const shared = (...parts: string[]): string =>
  resolve(import.meta.dirname ?? __dirname, '../../shared', ...parts)
