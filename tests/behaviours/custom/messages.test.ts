// Conversations as people's files hold them, and why one is left out.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readMessages } from '../../../src-worker/behaviours/custom/messages'
import { referencePath } from '../../reference-path'

const hi = { role: 'user', content: 'hi' }
const yo = { role: 'assistant', content: 'yo' }

test.each([
  [
    'content in parts',
    [hi, { role: 'assistant', content: [{ type: 'text', text: 'y' }, 'o'] }],
    [hi, yo],
  ],
  [
    'developer',
    [{ role: 'developer', content: 'be nice' }, hi, yo],
    [{ role: 'system', content: 'be nice' }, hi, yo],
  ],
  ['model', [hi, { role: 'model', content: 'yo' }], [hi, yo]],
  [
    'ShareGPT',
    [
      { from: 'human', value: 'hi' },
      { from: 'gpt', value: 'yo' },
    ],
    [hi, yo],
  ],
  [
    'ShareGPT of other makers, in any case',
    [
      { from: 'Human', value: 'hi' },
      { from: 'bing', value: 'yo' },
      { role: 'USER', content: 'hi' },
      { role: 'ChatGPT', content: 'yo' },
    ],
    [hi, yo, hi, yo],
  ],
  [
    'a tool',
    [hi, { role: 'assistant', content: null, tool_calls: [] }, { role: 'tool', content: '5' }, yo],
    [hi, { role: 'assistant', content: '' }, { role: 'tool', content: '5' }, yo],
  ],
])('%s', (_, list, value) => {
  expect(readMessages(list)).toEqual({ value })
})

test.each([
  [[hi], 'no turn of the assistant'],
  [[{ role: 'narrator', content: 'x' }, yo], 'a message of the unknown role narrator'],
  [[{ role: 'toString', content: 'x' }, yo], 'a message of the unknown role toString'],
  [[{ content: 'x' }, yo], 'a message without a role'],
  [['x'], 'a message that is no object'],
  [
    [{ role: 'user', content: [{ type: 'image_url', image_url: '' }] }, yo],
    'a message with a part that is no text (image_url)',
  ],
  [[hi, { ...yo, tool_calls: [{}] }], 'a message that calls a tool, which no label can be put on'],
  [
    [hi, { role: 'assistant', content: null, function_call: { name: 'f' } }, yo],
    'a message that calls a tool, which no label can be put on',
  ],
  [
    [{ from: 'function_call', value: '{}' }, yo],
    'a message that calls a tool, which no label can be put on',
  ],
  [[hi, { ...yo, weight: 0 }], 'a message of weight 0: all turns of the assistant are learnt'],
  [
    [hi, { ...yo, train: false }],
    'a message of train false: all turns of the assistant are learnt',
  ],
  [[hi, { ...yo, loss: false }], 'a message of loss false: all turns of the assistant are learnt'],
  [[{ role: 'user', content: null }, yo], 'a message of the user without text'],
])('%j is left out', (list, why) => {
  expect(readMessages(list)).toEqual({ why })
})

test('an answer of white space alone is told, a turn of the user that is not learnt needs no word', () => {
  const blank = { notes: ['an answer of nothing but white space was kept as it is'] }
  expect(readMessages([hi, { ...yo, content: ' ' }, hi, yo])).toMatchObject(blank)
  expect(readMessages([{ ...hi, weight: 0, train: false }, yo])).toEqual({ value: [hi, yo] })
})

test('all 50 conversations of a file of every form are read', () => {
  const lines = readFileSync(referencePath('reference/custom/cases/roles.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const reasons = lines.flatMap(line => {
    const read = readMessages(JSON.parse(line).messages)
    return 'why' in read ? [read.why] : []
  })
  expect(reasons).toEqual([])
  expect(lines).toHaveLength(50)
})
