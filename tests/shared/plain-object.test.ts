// Objects merged, and fields read, set and taken away by their path, without a change to what was given.
import { expect, test } from 'vitest'
import { fieldAt, laidOver, leavesOf, withField } from '../../src-worker/shared/plain-object'
import { quoted } from '../../src-worker/shared/shell'

test.each([
  [{ a: 1, b: { c: 2, d: [1] } }, { b: { d: [2, 3] } }, { a: 1, b: { c: 2, d: [2, 3] } }],
  [{ a: 1 }, { a: undefined, b: 0 }, { a: 1, b: 0 }],
  [{ p: { type: 'mlp', width: 3 } }, { p: { type: 'direct' } }, { p: { type: 'direct' } }],
  [{ p: { type: 'mlp', width: 3 } }, { p: { width: 4 } }, { p: { type: 'mlp', width: 4 } }],
  [{ a: { b: 1 } }, { a: null }, { a: null }],
])('%j with %j laid over it', (under, over, merged) => {
  const before = structuredClone(under)
  expect(laidOver(under, over)).toEqual(merged)
  expect(under).toEqual(before)
})

test.each([
  [{}, 'a.b', 1, { a: { b: 1 } }],
  [{ a: { b: 1, c: 2 } }, 'a.b', undefined, { a: { c: 2 } }],
  [{ a: { b: 1 }, d: 0 }, 'a.b', undefined, { d: 0 }],
  [{ a: 1 }, 'a', null, { a: null }],
])('%j with %s set to %j', (value, path, field, changed) => {
  expect(withField(value, path, field)).toEqual(changed)
  expect(fieldAt(changed, path)).toEqual(field)
})

test('leaves have their paths; lists are leaves', () => {
  expect(leavesOf({ a: { b: [1, 2] }, c: null })).toEqual([
    ['a.b', [1, 2]],
    ['c', null],
  ])
})

test.each([
  ['runs/a=1', 'runs/a=1'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['$HOME', "'$HOME'"],
])('%j is quoted as %s', (word, text) => {
  expect(quoted(word)).toBe(text)
})
