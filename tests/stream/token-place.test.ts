// Where a character lies among tokens, with a tokenizer of words worked out by hand.
import { expect, test } from 'vitest'
import { tokenPlace } from '../../src-worker/stream/token-place'

/** Longest first, from the left: "ab" is cut otherwise where "abc" follows. */
const words = ['abcd', 'abc', 'ab', 'cd', 'a', 'b', 'c', 'd', '😀', ' ']
function cut(text: string): readonly { readonly id: number; readonly end: number }[] {
  const out: { id: number; end: number }[] = []
  let at = 0
  let place = 0
  while (at < text.length) {
    const word = words.find(each => text.startsWith(each, at))!
    at += word.length
    place += [...word].length
    out.push({ id: words.indexOf(word), end: place })
  }
  return out
}
const placedIn = (text: string) => ({
  text,
  ids: cut(text).map(({ id }) => id),
  encode: async (some: string) => cut(some).map(({ id }) => id),
  ends: async () => cut(text).map(({ end }) => end),
})

test.each([
  ['ab cd', 0, 0, false],
  ['ab cd', 2, 1, false],
  ['ab cd', 3, 2, false],
  ['ab cd', 99, 3, false],
  // abc|d: one token holds both sides
  ['abcd', 3, 0, true],
  ['ab abcd', 5, 2, true],
  // a character of two units of UTF-16 is one code point
  ['😀abcd', 4, 1, true],
])('%s at %d: %d tokens before it', async (text, character, before, isAcross) => {
  expect(await tokenPlace(placedIn(text), character)).toEqual({ before, isAcross })
})

test('the text before it is cut otherwise from further ahead: its own tokens are those that end before it', async () => {
  // whole: a|bcd with a tokenizer that joins "bc" only where "d" follows; alone "abc" is one token
  const placed = {
    text: 'abcd',
    ids: [4, 5, 3],
    encode: async (some: string) => (some === 'abc' ? [1] : cut(some).map(({ id }) => id)),
    ends: async () => [1, 2, 4],
  }
  expect(await tokenPlace(placed, 3)).toEqual({ before: 2, isAcross: true })
  expect(
    await tokenPlace({ ...placed, ids: [4, 5, 6, 7], ends: async () => [1, 2, 3, 4] }, 3),
  ).toEqual({ before: 3, isAcross: false })
})
