// The list of small faults is about the sources as they are: each text stands once in its file, each has tests.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

type Fault = readonly [file: string, text: string, replacement: string]
interface Room {
  readonly tests: Readonly<Record<string, readonly string[]>>
  readonly faults: readonly Fault[]
}

const root = resolve(import.meta.dirname ?? __dirname, '../..')
const folder = join(root, 'tests/mutants/faults')
const rooms = readdirSync(folder).map((name): [string, Room] => [
  name,
  JSON.parse(readFileSync(join(folder, name), 'utf8')),
])

test.each(rooms)('%s: each text occurs exactly once, and is changed', (_, { faults }) => {
  const wrong = faults.filter(([file, text, replacement]) => {
    const source = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
    return source.split(text).length !== 2 || text === replacement
  })
  expect(wrong).toEqual([])
  expect(new Set(faults.map(fault => JSON.stringify(fault))).size).toBe(faults.length)
})

test.each(rooms)('%s: every file has tests that are there', (_, { tests, faults }) => {
  expect(faults.filter(([file]) => (tests[file] ?? []).length === 0)).toEqual([])
  const named = Object.values(tests).flat()
  expect(named.filter(path => !existsSync(join(root, path)))).toEqual([])
})

test('there are at least 150', () => {
  expect(rooms.reduce((sum, [, { faults }]) => sum + faults.length, 0)).toBeGreaterThanOrEqual(150)
})
