// CSV as RFC 4180 has it, and the one guard against formulas that every writer shares.
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { csvText } from '../../src-worker/shared/csv'
import { files, textOf } from '../setup/source-tree'

test.each([
  ['plain', 'plain\r\n'],
  ['a,b', '"a,b"\r\n'],
  ['say "x"', '"say ""x"""\r\n'],
  ['two\nlines', '"two\nlines"\r\n'],
  ['=1+1', "'=1+1\r\n"],
  ['+1', "'+1\r\n"],
  ['-1', "'-1\r\n"],
  ['@SUM(A1)', "'@SUM(A1)\r\n"],
  ['\tx', "'\tx\r\n"],
  [-1.5, '-1.5\r\n'],
  [1e-7, '1e-7\r\n'],
  [Number.NaN, 'NaN\r\n'],
  [true, 'true\r\n'],
])('%j is written as %j', (cell, text) => {
  expect(csvText([[cell]])).toBe(text)
})

test('nothing is an empty cell, and a reader gives back what was written', () => {
  const rows = [
    ['a', null, 'x,"y"\nz'],
    ['b', undefined, ''],
  ]
  expect(csvText(rows)).toContain('a,,')
  expect(parse(csvText(rows))).toEqual([
    ['a', '', 'x,"y"\nz'],
    ['b', '', ''],
  ])
})

test('no other place writes CSV', () => {
  const writers = files
    .filter(file => /^(src-[a-z]+|bench)\/.*\.(ts|vue)$/.test(file))
    .filter(file => /replace(All)?\((\/"\/g|'"'), '""'\)/.test(textOf(file)))
  expect(writers).toEqual([])
})
