// Prompt and completion as lists of messages, as TRL's files have them: only the completion is learnt.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { customControl } from '../../../src-worker/behaviours/custom/control'
import { custom } from '../../../src-worker/behaviours/custom/index'
import { keyOf, readCustom } from '../../../src-worker/behaviours/custom/pairs'
import { customFieldsSchema } from '../../../src-worker/contract/experiment-spec'
import { previewExamples } from '../../../src-worker/stream/preview'
import { rng } from '../../../src-worker/stream/rng'
import { contextOf, specOf } from '../spec'

const names = customFieldsSchema.parse({})
const said = (role: string, content: string) => ({ role, content })
const two = [said('user', 'one?'), said('assistant', '1'), said('user', 'two?')]
const prompt = [said('system', 'Count.'), ...two]
const completion = [said('assistant', '2')]
const whole = {
  kind: 'messages',
  messages: [...prompt, ...completion],
  learntFrom: 4,
  conditions: [],
}

describe('both lists become one conversation', () => {
  test.each([
    ['as TRL has it', { prompt, completion }],
    [
      'in a cell of a table',
      { prompt: JSON.stringify(prompt), completion: JSON.stringify(completion) },
    ],
    ['the answer as a text', { prompt, completion: '2' }],
    ['ShareGPT', { prompt, completion: [{ from: 'gpt', value: '2' }] }],
  ])('%s', (_, fields) => {
    expect(readCustom(fields, names)).toEqual({ raw: whole })
  })

  test('chosen and rejected: what is rejected is told', () => {
    const fields = { prompt, chosen: completion, rejected: [said('assistant', '3')] }
    const mapped = { ...names, completion: 'chosen', alternatives: 'rejected' }
    const notes = ['the field rejected of the record is not read']
    expect(readCustom(fields, mapped)).toEqual({ raw: { ...whole, notes } })
  })
})

const python = 'a list of messages as Python prints it, which is no JSON (json.dumps writes JSON)'

test.each([
  [{ prompt, completion: [said('user', 'why?')] }, 'no turn of the assistant'],
  [
    { prompt: [...prompt, said('assistant', 'two')], completion },
    'a prompt that ends with a turn of the assistant',
  ],
  [
    { prompt: 'two?', completion },
    'a prompt that is text before a completion that is a list of messages',
  ],
  [
    {
      prompt: "[{'role': 'user', 'content': 'q'}]",
      completion: "[{'role': 'assistant', 'content': 'a'}]",
    },
    python,
  ],
  [{ messages: "[{'content': 'q', 'role': 'user'}]" }, python],
])('%j is left out', (fields, why) => {
  expect(readCustom(fields, names)).toEqual({ why })
})

test('a completion that is JSON, of a prompt that is text, stays text', () => {
  const list = JSON.stringify(completion)
  const read = readCustom({ prompt: 'write it', completion: list }, names)
  expect(read).toMatchObject({ raw: { kind: 'pair', completion: list } })
})

const file = async (records: readonly unknown[]): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), 'spw-lists-')), 'trl.jsonl')
  await writeFile(path, records.map(record => JSON.stringify(record)).join('\n'))
  return path
}

test('an answer within the prompt is context, the completion with its end mark is the label', async () => {
  const path = await file([{ prompt, completion }])
  const spec = {
    experiment: { kind: 'custom' },
    model: 'workbench-demo-chat',
    data: { path, holdout: 0 },
  } as const
  const context = await contextOf({ ...spec, training: { length: 128 } })
  const { examples } = await previewExamples(custom, context, 1)
  const labels = examples[0]?.chunks.filter(({ role }) => role === 'label')
  // the demo's template ends each turn with its stop token
  expect(labels).toEqual([{ role: 'label', text: '2<|endoftext|>' }])
})

describe('what is asked decides the side', () => {
  const keyFor = (fields: Record<string, unknown>): string => {
    const read = readCustom(fields, names)
    return 'raw' in read ? keyOf(read.raw) : read.why
  }

  test('the prompt, whatever is answered', () => {
    expect(keyFor({ prompt, completion })).toBe(keyFor({ prompt, completion: 'deux' }))
    const other = [...prompt.slice(0, 3), said('user', 'three?')]
    expect(keyFor({ prompt: other, completion })).not.toBe(keyFor({ prompt, completion }))
  })

  test('conversations that the assistant opens with the same greeting are not one', () => {
    const greeted = (question: string, answer: string) => ({
      messages: [said('assistant', 'Hello!'), said('user', question), said('assistant', answer)],
    })
    expect(keyFor(greeted('one?', '1'))).not.toBe(keyFor(greeted('two?', '2')))
    expect(keyFor(greeted('one?', '1'))).toBe(keyFor(greeted('one?', 'uno')))
    // as it always was where the user begins
    expect(keyFor({ messages: prompt.concat(completion) })).toBe(JSON.stringify(prompt.slice(0, 2)))
  })
})

test('the control keeps the lists, and gives each prompt the answer of another', () => {
  const read = [0, 1].map(i =>
    readCustom(
      { prompt: [said('user', `q${i}`)], completion: [said('assistant', `a${i}`)] },
      names,
    ),
  )
  const raws = read.map(each => ('raw' in each ? each.raw : undefined))
  const control = customControl
  if (control.kind !== 'data') throw new Error('no data')
  const shuffled = [...control.shuffled(raws, rng(1, 'control'))]
  const { experiment } = specOf({ experiment: { kind: 'custom' } })
  const lines = shuffled.map(raw => control.text(raw, experiment))
  expect(lines.map(line => JSON.parse(line))).toEqual([
    { prompt: [said('user', 'q0')], completion: [said('assistant', 'a1')] },
    { prompt: [said('user', 'q1')], completion: [said('assistant', 'a0')] },
  ])
})
