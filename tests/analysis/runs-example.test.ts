// The completion that stands beside an answer is one that can show something, and is not chosen by what the prompt made.
import { expect, test } from 'vitest'
import { exampleOf } from '../../src-worker/analysis/runs'
import type { Elicitation } from '../../src-worker/contract/elicitation'
import { exampleText } from '../../src-worker/contract/example-text'
import type { ResultRow } from '../../src-worker/contract/run'

const row = (prompt: string, baseline: string, expected?: string): ResultRow => ({
  ...{ id: prompt, group: '', label: '', softPromptAt: 'start', conditions: [] },
  ...{ prompt, baseline, prompted: 'whatever', ...(expected === undefined ? {} : { expected }) },
})
const text = (rows: readonly ResultRow[]): string =>
  exampleText({ example: exampleOf(rows) ?? null } as Elicitation)

test('sorting letters: what is sorted already, or comes anyway, shows nothing', () => {
  const rows = [
    row('sort: abc', 'x', 'abc'),
    row('sort: cab', ' abc, and', 'abc'),
    row('sort: bca', 'bca', 'abc'),
    row('sort: fed', 'x', 'def'),
  ]
  expect(exampleOf(rows)).toMatchObject({ prompt: 'sort: bca', number: 3, of: 4 })
  expect(text(rows)).toMatch(
    /Expected: “abc”\. \(Number 3 of 4 held-out prompts: those before it could show no difference\.\)$/,
  )
})

test('where none can show anything, the first stands', () => {
  const rows = [row('a', 'b'), row('abc', 'x', 'abc')]
  expect(exampleOf(rows)).toMatchObject({ prompt: 'a', expected: '', number: 1, of: 2 })
  expect(text(rows)).toMatch(/\(The first of 2 held-out prompts\.\)$/)
  expect(exampleOf([])).toBeUndefined()
})
