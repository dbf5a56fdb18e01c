// What a post-processor writes around a text stands once, whatever the text brings with it.
import { expect, test } from 'vitest'
import { changes, endsOnce, once } from '../../src-worker/dataset/special-tokens'
import type { Tokenizer } from '../../src-worker/dataset/tokenizer'

const { secondStart: start, secondEnd: end } = changes
const [a, b] = [8, 9]

// own: the tokens of the text itself; the ids a prompt and a document become
test.each<[string, number[], number[], number[], number[], number[], string[]]>([
  ['nothing around it', [], [], [1, a, 2], [1, a, 2], [1, a, 2], []],
  ['a start', [1], [], [a], [1, a], [1, a], []],
  ['a start of its own', [1], [], [1, a], [1, a], [1, a], [start]],
  ['an end of its own', [1], [2], [a, 2], [1, a, 2], [1, a, 2], [end]],
  ['an end in the middle', [1], [2], [a, 2, b], [1, a, 2, b], [1, a, 2, b, 2], []],
  ['the same token at both ends', [1], [1], [a], [1, a], [1, a, 1], []],
  ['no text between the same tokens', [1], [1], [], [1], [1, 1], []],
  ['its start alone between the same tokens', [1], [1], [1], [1], [1, 1], [start]],
  ['both of its own', [1], [1], [1, a, 1], [1, a, 1], [1, a, 1], [start, end]],
  ['a start that is written twice', [1, 1], [], [1, a], [1, 1, a], [1, 1, a], [start]],
  ['a start and a language', [1, 5], [], [1, a], [1, 5, a], [1, 5, a], [start]],
  ['two ends', [1], [2, 2], [a, 2], [1, a, 2], [1, a, 2, 2, 2], []],
])('%s', (_, lead, tail, own, prompt, document, found) => {
  const tokenizer = { affixes: { lead, tail } }
  const ids = [...lead, ...own, ...tail]
  expect(once(ids, tokenizer, 'document')).toMatchObject({ ids: document, changes: found })
  const asPrompt = once(ids, tokenizer, 'prompt')
  expect(asPrompt.ids).toEqual(prompt)
  expect(asPrompt.changes).toEqual(found.filter(change => change === start))
})

test.each<[number[], number]>([
  [[1], 3],
  [[1, 1], 3],
])('the place of a token that stands once is that in the text: %j', async (lead, last) => {
  const own = [1, a]
  // '<s>a': nothing of the lead is of the text
  const ends = async () => [...lead.map(() => 0), 3, 4]
  const tokenizer = { affixes: { lead, tail: [] }, ends } as unknown as Tokenizer
  const encoded = once([...lead, ...own], tokenizer, 'prompt')
  const found = await endsOnce(tokenizer, '<s>a', true, encoded)
  expect(found).toHaveLength(encoded.ids.length)
  expect(found.slice(-2)).toEqual([last, 4])
})
