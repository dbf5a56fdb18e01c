// What the rows of a list are called: never two the same, first what distinguishes them.
import { describe, expect, test } from 'vitest'
import { distinctNames, type Identity, nameText } from '../../src-worker/shared/distinct-names'
import { shortened } from '../../src-worker/shared/names'

const row = (id: string, main: string, more = '', name = '', last = ''): Identity => ({
  ...{ id, name, last },
  main: main.split(' '),
  more: more.split(' '),
})
const named = (rows: readonly Identity[]) => [...distinctNames(rows).values()].map(nameText)
const shorts = (rows: readonly Identity[]) =>
  [...distinctNames(rows).values()].map(({ short }) => short)

describe('a name says what distinguishes its row', () => {
  test.each<[string, readonly Identity[], readonly string[]]>([
    ['a row alone by all that it is', [row('a', 'skip gpt 4', 's0')], ['skip · gpt · 4']],
    ['by the field that differs', [row('a', 'skip gpt 4'), row('b', 'skip gpt 8')], ['4', '8']],
    [
      'by further fields where the main ones are the same',
      [row('a', 'skip 4', 's0 r1'), row('b', 'skip 4', 's1 r1'), row('c', 'skip 8', 's1 r1')],
      ['s0 · 4', 's1 · 4', '8'],
    ],
    [
      'first by the field with the most values, without those that say nothing more',
      [
        row('a', 'skip', 's1 r1 t1'),
        row('b', 'skip', 's1 r1 t2'),
        row('c', 'skip', 's1 r2 t3'),
        row('d', 'skip', 's2 r2 t3'),
      ],
      ['t1 · s1', 't2 · s1', 't3 · s1', 't3 · s2'],
    ],
    [
      'by what comes last only where all else is the same',
      [
        row('a', 'skip', 's1 r1', '', 'Mon'),
        row('b', 'skip', 's1 r1', '', 'Tue'),
        row('c', 'skip', 's1 r2', '', 'Wed'),
      ],
      ['Mon · r1', 'Tue · r1', 'r2'],
    ],
    [
      'by the end of its id where nothing else differs',
      [row('2026-aaaaaa', 'skip 4'), row('2026-bbbbbb', 'skip 4')],
      ['aaaaaa', 'bbbbbb'],
    ],
    [
      'by what distinguishes those that share a name, then by it',
      [row('a', 'skip 4', 's0', 'gain'), row('b', 'skip 4', 's1', 'gain'), row('c', 'skip 4')],
      ['s0 · gain', 's1 · gain', 'skip · 4'],
    ],
    [
      'without a name that all of them have',
      [row('a', 'skip 4', '', 'gain'), row('b', 'skip 8', '', 'gain')],
      ['4', '8'],
    ],
  ])('%s', (_, rows, expected) => {
    expect(shorts(rows)).toEqual(expected)
  })
})

test('the rest follows in lists', () => {
  expect(named([row('a', 'skip gpt 4'), row('b', 'skip gpt 8')])).toEqual([
    '4 · skip · gpt',
    '8 · skip · gpt',
  ])
  expect(named([row('a', 'skip 4', '', 'gain'), row('b', 'skip 8', '', 'gain')])).toEqual([
    '4 · gain · skip',
    '8 · gain · skip',
  ])
})

test('no two rows are called the same, whatever is equal in them', () => {
  const values = ['x', 'y']
  const rows = values.flatMap(name =>
    values.flatMap(a =>
      values.flatMap(b =>
        values.flatMap(c =>
          ['1', '2'].map(i => row(`${name}${a}${b}${c}-00000${i}`, `${a} ${b}`, c, name)),
        ),
      ),
    ),
  )
  for (let size = 1; size <= rows.length; size++) {
    const some = rows.slice(rows.length - size)
    expect(new Set(shorts(some)).size).toBe(size)
  }
})

test('a long name keeps both its ends', () => {
  expect(shortened('a'.repeat(50) + 'b'.repeat(50), 21)).toBe('aaaaaaaaaaaaaa…bbbbbb')
  expect(shortened('short', 21)).toBe('short')
})
