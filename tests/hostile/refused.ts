// The command line with a file that must be refused; where those files lie.
import { resolve } from 'node:path'
import { expect } from 'vitest'
import { spw } from '../cli/spw'
import { temporaryFolder } from '../temporary'

export const here = (name: string): string => resolve(import.meta.dirname, name)

/** A fault of the command line: its code and words, no stack, exit code 1. */
export async function refused(words: RegExp, ...args: string[]): Promise<void> {
  const { code, err } = await spw(temporaryFolder(), ...args)
  expect(err).toMatch(words)
  expect(err).not.toMatch(/\n {4}at |Report this|panicked/)
  expect(code).toBe(1)
}
