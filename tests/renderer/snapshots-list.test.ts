import { describe, expect, test } from 'vitest'
import {
  differences,
  isUsable,
  matches,
  obstacle,
  snapshotTitle,
  sorted,
} from '../../src-renderer/stores/snapshots-list'
import { shiftedOffset } from '../../src-renderer/stores/text-caret'
import { fitConditions, splitAt } from '../../src-renderer/stores/text-request'
import { entryOf } from './snapshot-entry'

describe('the library', () => {
  const a = entryOf('/a', { step: 512, fullTest: 3.5, date: '2026-11-24' })
  const b = entryOf('/b', {
    quickTest: 1,
    modelPath: null,
    metadata: { experiment: 'pathfinding' },
  })
  const c = entryOf('/c', { fullTest: 2, misfit: 'width 768, the model 192', date: '2026-11-25' })

  test('titles', () => {
    expect(snapshotTitle(a)).toBe('chess · demo · 16 tokens · step 512')
  })

  test('what cannot be used says why', () => {
    expect([a, b, c].map(isUsable)).toEqual([true, false, false])
    expect(obstacle(a)).toBe('')
    expect(obstacle(b)).toBe('Its model, demo (width 192), is not in the library.')
    expect(obstacle(c)).toBe('width 768, the model 192')
  })

  test.each([
    ['fullTest', false, ['/c', '/a', '/b']],
    // a full test is no quick test: two that have none keep their order
    ['quickTest', false, ['/b', '/a', '/c']],
    ['date', true, ['/c', '/a', '/b']],
    ['step', true, ['/a', '/b', '/c']],
  ] as const)('sorted by %s (descending %s)', (key, descending, paths) => {
    const dated = [a, entryOf('/b', { ...b, date: '2026-11-23' }), c]
    expect(sorted(dated, { key, descending }).map(s => s.path)).toEqual(paths)
  })

  test('every word of a search must be there', () => {
    expect(matches(a, 'chess 16 tokens')).toBe(true)
    expect(matches(a, 'chess 77x')).toBe(false)
    expect(matches(a, 'chess 1 tokens')).toBe(false)
    expect(matches(a, 'step 512')).toBe(true)
    expect(matches(a, 'step 51')).toBe(false)
    expect(matches(a, '')).toBe(true)
  })

  test('two side by side: only what differs is marked', () => {
    const other = differences(a, c).filter(d => !d.same)
    expect(other.map(d => d.name)).toEqual(['Step', 'Full test', 'Date'])
  })
})

describe('the prompt', () => {
  test.each([
    ['abc', 'Xabc', 1, 2],
    ['abc', 'abcX', 1, 1],
    ['abc', 'ac', 2, 1],
    ['abcdef', 'af', 3, 1],
    ['abc', '', 2, 0],
    ['aa', 'aaa', 1, 1],
  ])('an edit of %j to %j moves a mark at %i to %i', (before, after, at, to) => {
    expect(shiftedOffset(before, after, at)).toBe(to)
  })

  test('the chip stands where it was put', () => {
    expect(splitAt('abc', 'start')).toEqual(['', 'abc'])
    expect(splitAt('abc', 2)).toEqual(['ab', 'c'])
    expect(splitAt('abc', 'end')).toEqual(['abc', ''])
  })

  test('a snapshot gets as many conditions as it has', () => {
    const shape = { type: 'linear', tokens: 4, width: 8, conditions: 3 }
    expect(fitConditions([1, 2], entryOf('/x', { metadata: { shape } }))).toEqual([1, 2, 0])
    expect(fitConditions([1, 2], entryOf('/x'))).toEqual([])
    expect(fitConditions([1, 2], null)).toEqual([])
  })
})
