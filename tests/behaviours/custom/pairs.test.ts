// What a record of one's own may hold, and why it is left out else.
import { expect, test } from 'vitest'
import { readCustom } from '../../../src-worker/behaviours/custom/pairs'
import { holdsMany, mappingHint } from '../../../src-worker/behaviours/custom/usual-names'
import { customFieldsSchema } from '../../../src-worker/contract/experiment-spec'

const names = customFieldsSchema.parse({ conditions: ['c'] })
const pair = { prompt: 'q', completion: 'a', c: 1 }

test.each([
  [{ ...pair, c: 'abc' }, 'a condition that is no number'],
  [{ ...pair, c: null }, 'a condition that is no number'],
  // float32 ends at 3.4e38
  [{ ...pair, c: 1e300 }, 'a condition that is no number'],
  [{ ...pair, alternatives: '["b", ' }, 'alternatives that are no list'],
  [{ ...pair, alternatives: 5 }, 'alternatives that are no list'],
  [{ ...pair, alternatives: ['b', null] }, 'an alternative that is no text'],
  [{ ...pair, completion: ['a'] }, 'neither prompt and completion, nor messages, nor text'],
  [{ c: 1 }, 'neither prompt and completion, nor messages, nor text'],
])('%j is left out', (fields, why) => {
  expect(readCustom(fields, names)).toEqual({ why })
})

test.each([
  [{ ...pair, c: '0.5' }, []],
  [{ ...pair, alternatives: '' }, []],
  [{ ...pair, alternatives: null }, []],
  [{ ...pair, alternatives: ['b', 2] }, ['b', '2']],
])('%j is a pair', (fields, alternatives) => {
  const conditions = [Number(fields.c)]
  const raw = { kind: 'pair', prompt: 'q', completion: 'a', alternatives, conditions }
  expect(readCustom(fields, names)).toEqual({ raw })
})

const counted = 'an alternative that stands twice, or is the completion, counts once'
const none = 'a record whose only alternative is its completion is no part of multiple choice'
const empty = 'an empty alternative is one to choose from'
const blank = 'an answer of nothing but white space was kept as it is'

test.each([
  [{ ...pair, alternatives: '["b", "a"]' }, ['b'], [counted]],
  [{ ...pair, alternatives: ['b', 'b', 'a', '', 'ab'] }, ['b', '', 'ab'], [counted, empty]],
  [{ ...pair, alternatives: ['a', 'a'] }, [], [counted, none]],
  // 1.0 and 1 are two texts, as a person sees them; " a" and "a" too
  [{ ...pair, completion: 1, alternatives: ['1.0', 1] }, ['1.0'], [counted]],
  [{ ...pair, alternatives: [' a', 'a '] }, [' a', 'a '], undefined],
  [{ ...pair, completion: ' \n' }, [], [blank]],
])('%j is a pair, and what is odd of it is told', (fields, alternatives, notes) => {
  const read = readCustom(fields, names)
  if ('why' in read || read.raw.kind !== 'pair') throw new Error('no pair')
  expect([read.raw.alternatives, read.raw.notes]).toEqual([alternatives, notes])
})

test('a field may be named by the way to it; a name that is one goes first', () => {
  const nested = customFieldsSchema.parse({ prompt: 'data.q', completion: 'data.a.text' })
  const read = (fields: Record<string, unknown>) => readCustom(fields, nested)
  const data = { q: 'q', a: { text: 'a' } }
  const raw = { kind: 'pair', prompt: 'q', completion: 'a', alternatives: [], conditions: [] }
  expect(read({ data })).toEqual({ raw })
  expect(read({ data, 'data.q': 'own' })).toEqual({ raw: { ...raw, prompt: 'own' } })
  expect(read({ data: { ...data, q: null } })).toMatchObject({ why: "field 'data.q' is null" })
  const none = { why: 'neither prompt and completion, nor messages, nor text' }
  expect([read({ data: 'q' }), read({ data: ['q'] }), read({ data: null })]).toEqual([
    none,
    none,
    none,
  ])
})

test.each([
  [{ ...pair, completion: '' }, 'empty completion'],
  [{ ...pair, completion: null }, "field 'completion' is null"],
  [{ prompt: null, completion: 'a', c: 1 }, "field 'prompt' is null"],
  [{ messages: null, c: 1 }, "field 'messages' is null"],
  [{ text: ' \n', c: 1 }, 'empty text'],
])('%j is of the right form, and holds nothing', (fields, why) => {
  expect(readCustom(fields, names)).toEqual({ why, missing: true })
})

test('what some templates show a model and is not read here is noted', () => {
  const messages = [
    { role: 'user', content: 'q', name: 'Ann' },
    { role: 'assistant', content: 'a', reasoning_content: 'hm' },
  ]
  const read = readCustom({ messages, tools: [{}], system: '', c: 1 }, names)
  expect('raw' in read && read.raw.notes).toEqual([
    'the field name of messages is not read',
    'the field reasoning_content of messages is not read',
    'the field tools of the record is not read',
  ])
})

test('what stands beside a pair and is left aside is noted', () => {
  const pair = { prompt: 'q', completion: 'a', c: 1 }
  const notesOf = (more: Record<string, unknown>, over = {}) => {
    const read = readCustom({ ...pair, ...more }, { ...names, ...over })
    return 'raw' in read ? (read.raw.notes ?? []) : read.why
  }
  const not = (name: string): string => `the field ${name} of the record is not read`
  expect(notesOf({})).toEqual([])
  expect(notesOf({ id: 7, source: 'web', system: '', messages: [], text: null })).toEqual([])
  expect(notesOf({ system: 'Be brief.', text: 'q a' })).toEqual([not('system'), not('text')])
  expect(notesOf({ messages: [{ role: 'user', content: 'q' }] })).toEqual([not('messages')])
  // a field that is mapped is read
  expect(notesOf({ text: 'q a' }, { completion: 'text' })).toEqual([])
  expect(notesOf({ text: 'q a' }, { text: '' })).toEqual([])
  // a part of the question that a mapping forgets, as in files of Alpaca and of questions with a context
  expect(notesOf({ input: '2 and 3', context: '' })).toEqual([not('input')])
  expect(notesOf({ input: 'x' }, { prompt: 'input' })).toEqual([])
})

const noteOfOne = 'alternatives that are one text were read as one'

test('a rejected answer is one alternative', () => {
  const read = readCustom({ ...pair, rejected: 'b' }, { ...names, alternatives: 'rejected' })
  expect(read).toMatchObject({ raw: { alternatives: ['b'], notes: [noteOfOne] } })
})

test.each([
  [
    { id: 1, question: 'q', answer: 'a' },
    { prompt: 'question', completion: 'answer' },
    '--prompt-field question --completion-field answer',
  ],
  [
    { instruction: 'q', input: '', output: 'a' },
    { prompt: 'instruction', input: 'input', completion: 'output' },
    '--prompt-field instruction --input-field input --completion-field output',
  ],
  [
    { prompt: 'q', chosen: 'a', rejected: 'b' },
    { prompt: 'prompt', completion: 'chosen', alternatives: 'rejected' },
    '--prompt-field prompt --completion-field chosen --alternatives-field rejected',
  ],
  [
    { question: 'q', answer: 'a', input: 'x' },
    { prompt: 'question', completion: 'answer' },
    '--prompt-field question --completion-field answer',
  ],
  [
    { conversations: [{ from: 'human', value: 'q' }] },
    { messages: 'conversations' },
    '--messages-field conversations',
  ],
])('fields of %j are known by their names', (fields, mapped, hint) => {
  expect(mappingHint(fields, names)).toBe(hint)
  expect(mappingHint(fields, { ...names, ...mapped })).toBe('')
})

test('other names say nothing', () => {
  expect(mappingHint({ prompt: 'q', label: 1 }, names)).toBe('')
})

const alpaca = {
  ...names,
  conditions: [],
  prompt: 'instruction',
  input: 'input',
  completion: 'output',
}

// the words are those of train.py of stanford_alpaca, line by line
test.each([
  [
    { instruction: 'Add.', input: '2 and 3', output: '5' },
    [
      'Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.',
      ...['', '### Instruction:', 'Add.', '', '### Input:', '2 and 3', '', '### Response:'],
    ],
    'instruction and input are joined by the template of Alpaca',
  ],
  [
    { instruction: 'Greet.', input: '', output: 'Hi' },
    [
      'Below is an instruction that describes a task. Write a response that appropriately completes the request.',
      ...['', '### Instruction:', 'Greet.', '', '### Response:'],
    ],
    'the instruction, without an input, is in the template of Alpaca',
  ],
])('%j is asked in the words of Alpaca, and that is noted', (fields, lines, note) => {
  const prompt = lines.join('\n')
  expect(readCustom(fields, alpaca)).toMatchObject({ raw: { kind: 'pair', prompt, notes: [note] } })
  // null is no input, a missing field neither
  if (fields.input === '')
    for (const none of [
      { ...fields, input: null },
      { instruction: 'Greet.', output: 'Hi' },
    ])
      expect(readCustom(none, alpaca)).toMatchObject({ raw: { prompt } })
  // the template asks where a field is named for it, never otherwise
  const plain = readCustom(fields, { ...alpaca, input: '' })
  expect(plain).toMatchObject({ raw: { prompt: fields.instruction } })
})

test('an input that is no text is a reason', () => {
  const fields = { instruction: 'Add.', input: [2, 3], output: '5' }
  expect(readCustom(fields, alpaca)).toEqual({ why: "field 'input', the input, is not text" })
})

test.each([
  [{ 0: { prompt: 'q' }, 1: { prompt: 'r' } }, /records by name/],
  [{ prompt: ['q', 'r'], completion: ['a', 'b'] }, /columns/],
  [{ prompt: ['q', 'r'], completion: ['a'] }, /^$/],
  [{ prompt: ['q'], completion: ['a', 'b'] }, /^$/],
  [{ data: { prompt: 'q' } }, /^$/],
  [{ prompt: 'q', meta: {} }, /^$/],
  [{}, /^$/],
])('what %j holds', (fields, words) => {
  expect(holdsMany(fields)).toMatch(words)
})
