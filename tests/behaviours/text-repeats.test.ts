// Repetition measured with scripted continuations: every share by hand.
import { expect, test, vi } from 'vitest'
import type { Subject } from '../../src-worker/behaviours/behaviour'
import { isRepetition, measureRepetition } from '../../src-worker/behaviours/text-repeats'
import type { GenerateOptions, Sequence } from '../../src-worker/sample/generate'
import type { EvaluationPrompt } from '../../src-worker/stream/source'

/** One token a character; some tokens hold more of them. */
const wide: Readonly<Record<number, string>> = { 1000: 'meowmeow', 1001: '</s>' }
const idsOf = (text: string): number[] => [...text].map(character => character.charCodeAt(0))
const tokenizer = {
  affixes: { lead: [], tail: [] },
  encode: async (text: string) => idsOf(text),
  encodeBatch: async (texts: readonly string[]) => texts.map(idsOf),
  decode: async (ids: readonly number[]) =>
    ids.map(id => wide[id] ?? String.fromCharCode(id)).join(''),
  isSpecial: (id: number) => id === 1001,
}

/** document, its continuation of 32 tokens behind the soft prompt, and whether that repeats "meow" */
const script: readonly (readonly [string, readonly number[], boolean])[] = [
  ['from its beginning', idsOf('meow'.repeat(8)), true],
  ['from its third letter', idsOf('owme'.repeat(8)), true],
  ['in wider tokens', Array<number>(32).fill(1000), true],
  ['all but the last token', idsOf(`${'meow'.repeat(7)}meox`), false],
  ['one letter of it', idsOf('o'.repeat(32)), false],
  ['a letter that is left out', idsOf(`mew${'meow'.repeat(8)}`).slice(0, 32), false],
  ['the text ends', [...idsOf('meow'.repeat(7)), 1001, ...idsOf('meo')], false],
  ['never asked: eighth of seven', idsOf('meow'.repeat(8)), true],
]

const asked: GenerateOptions[] = []
vi.mock('../../src-worker/sample/generate', () => ({
  generate: async function* (_: unknown, lanes: readonly Sequence[], options: GenerateOptions) {
    asked.push(options)
    for (let t = 0; t < options.maxTokens; t++)
      yield lanes.map(({ slots }, lane) => {
        // the soft prompt's row stands behind the document
        const text = String.fromCharCode(...slots.slice(0, -1))
        return { lane, token: script.find(([document]) => document === text)![1][t]! }
      })
  },
}))

async function measured(documents: readonly string[], metricSamples: number) {
  const subject = {
    spec: {
      experiment: { kind: 'repetition', text: 'meow' },
      results: { metricSamples, softPromptAt: 'end' },
    },
    ...{ tokenizer, sampler: {} },
    lanes: async ({ tokenIds, placeAt }: EvaluationPrompt) => {
      expect(placeAt).toBe('end')
      return { prompted: { slots: [...tokenIds, -1] }, bare: { slots: tokenIds } }
    },
    heldOut: async function* () {
      yield* documents
    },
  } as unknown as Subject
  const work = measureRepetition(subject)
  const fractions: number[] = []
  let step = await work.next()
  while (step.done !== true) {
    fractions.push(step.value.fraction)
    step = await work.next()
  }
  return { fractions, found: step.value }
}

test('the share of seven continuations that are nothing but the text', async () => {
  const { found, fractions } = await measured(
    script.map(([document]) => document),
    7,
  )
  expect(found?.scalars).toEqual({ 'Repeats the text': 3 / 7 })
  expect(found?.shares).toEqual({
    'Repeats the text': { sums: [1, 1, 1, 0, 0, 0, 0], counts: [1, 1, 1, 1, 1, 1, 1] },
  })
  expect(found?.records).toEqual(script.slice(0, 7).map(([document]) => document))
  const told = script.slice(0, 7).map(([, , repeats]) => ({ repeats }))
  expect(found?.details).toMatchObject({ continuations: told })
  expect(fractions).toEqual([1])
  // greedy, 32 tokens, and no token ends it
  expect(asked).toMatchObject([{ temperature: 0, maxTokens: 32, stopIds: [] }])
})

test('documents without tokens are left out, and without documents nothing is measured', async () => {
  const { found } = await measured(['', 'one letter of it'], 7)
  expect(found?.scalars).toEqual({ 'Repeats the text': 0 })
  expect(found?.records).toEqual(['one letter of it'])
  expect((await measured([''], 7)).found).toBeUndefined()
})

test.each([
  ['a string of one letter', 'a', 'a'.repeat(32), true],
  [
    'part of a string that is longer',
    'abcdefghij'.repeat(4).concat('!'),
    'cdefghijabcdefghijab',
    true,
  ],
  ['over its end', 'ab.', 'b.ab.a', true],
  ['a character cut at either end', 'é!', '\ufffd!é!é\ufffd', true],
  ['nothing', 'ab', '', false],
  ['nothing whole', 'ab', '\ufffd\ufffd', false],
  ['capitals', 'ab', 'ABAB', false],
  ['a blank between', 'ab', 'ab ab', false],
])('%s', async (_, repeated, text, expected) => {
  expect(await isRepetition(tokenizer, idsOf(repeated), text)).toBe(expected)
})
