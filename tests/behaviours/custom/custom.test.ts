// Bring your own behaviour: what becomes a label, where the soft prompt goes, what is refused.
// long because each shape of data is one row of a table
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { custom } from '../../../src-worker/behaviours/custom/index'
import type { RunSpecInput } from '../../../src-worker/contract/run-spec'
import { openRun } from '../../../src-worker/stream/open'
import { previewExamples } from '../../../src-worker/stream/preview'
import type { ExperimentRun, StreamItem } from '../../../src-worker/stream/source'
import { contextOf } from '../spec'

const folder = mkdtemp(join(tmpdir(), 'spw-custom-'))

async function input(records: unknown, over: RunSpecInput = {}, name = 'data.jsonl') {
  const path = join(await folder, name)
  const text = Array.isArray(records)
    ? records.map(record => JSON.stringify(record)).join('\n')
    : String(records)
  await writeFile(path, text)
  const training = { steps: 1, lanes: 1, accumulation: 1, length: 64 }
  return {
    experiment: { kind: 'custom' },
    training,
    ...over,
    data: { path, holdout: 0, ...over.data },
  } as RunSpecInput
}

async function open(spec: RunSpecInput): Promise<ExperimentRun> {
  return openRun(custom, await contextOf(spec))
}

/** The chunks of the first training example, as `role: text`. */
async function chunks(spec: RunSpecInput): Promise<string[]> {
  const { examples } = await previewExamples(custom, await contextOf(spec), 1)
  return (examples[0]?.chunks ?? []).map(({ role, text }) => `${role}: ${text}`)
}

const soft = 'soft-prompt: 3 soft prompt tokens'
const pair = { prompt: 'The capital of France is', completion: ' Paris.', other: 1 }
const end = '<|endoftext|>'

describe('labels lie on the completion, the soft prompt where it is asked for', () => {
  test.each<[string, unknown, RunSpecInput['experiment'], string[]]>([
    [
      'before',
      pair,
      { kind: 'custom' },
      [soft, 'context: The capital of France is', `label:  Paris.${end}`],
    ],
    [
      'after',
      pair,
      { kind: 'custom', softPromptAt: 'after' },
      ['context: The capital of France is', soft, `label:  Paris.${end}`],
    ],
    [
      'marker',
      { ...pair, prompt: 'The capital<soft-prompt> of France is' },
      { kind: 'custom', softPromptAt: 'marker' },
      ['context: The capital', soft, 'context:  of France is', `label:  Paris.${end}`],
    ],
    [
      'nothing is put between prompt and completion',
      { prompt: '{"city": "', completion: 'Paris"}' },
      { kind: 'custom' },
      [soft, 'context: {"city": "', `label: Paris"}${end}`],
    ],
    [
      'unless it is asked for',
      { prompt: 'Two and two:', completion: 'four' },
      { kind: 'custom', separator: ' ' },
      [soft, 'context: Two and two:', `label:  four${end}`],
    ],
    [
      'digits as they were written',
      '{"prompt": "x=", "completion": 274172146840947846}',
      { kind: 'custom' },
      [soft, 'context: x=', `label: 274172146840947846${end}`],
    ],
    [
      'decimals too',
      '{"prompt": "x=", "completion": 1.50}',
      { kind: 'custom' },
      [soft, 'context: x=', `label: 1.50${end}`],
    ],
    [
      'mapped fields, a number as completion',
      { ask: 'Two and two:', answer: 4 },
      { kind: 'custom', fields: { prompt: 'ask', completion: 'answer' } },
      [soft, 'context: Two and two:', `label: 4${end}`],
    ],
    ['plain text', { text: 'Only text here' }, { kind: 'custom' }, [soft, 'label: Only text here']],
  ])('%s', async (_, record, experiment, expected) => {
    expect(
      await chunks(
        await input(typeof record === 'string' ? record : [record], {
          experiment,
          start: { kind: 'index', index: 0 },
        }),
      ),
    ).toEqual(expected)
  })
})

test.each([
  [[{ prompt: 'a:', completion: 'b' }], /--separator " " \(Separator in the form\)$/],
  [
    [
      { prompt: 'a:', completion: ' b' },
      { prompt: 'c:', completion: 'd' },
    ],
    /^$/,
  ],
])('the preview says where a blank may be missing: %j', async (records, said) => {
  const context = await contextOf(await input(records))
  const { examples } = await previewExamples(custom, context, 4)
  expect(examples.length).toBeGreaterThan(0)
  for (const { warning } of examples) expect(warning).toMatch(said)
})

test('the preview says what of the first records is left out, why, and what is not as it was written', async () => {
  const records = [
    { prompt: 'a', completion: ' b' },
    { prompt: 'c', completion: '' },
    { messages: [{ role: 'user', content: 'hi' }] },
    { prompt: 'd', completion: null },
    { prompt: 'e', completion: ` f${end}` },
    ...Array.from({ length: 10 }, (_, i) => ({ prompt: `q${i}`, completion: ' yes' })),
    { prompt: 'g', completion: '' },
  ]
  const preview = await previewExamples(custom, await contextOf(await input(records)), 2)
  expect(preview.leftOut).toEqual({
    ...{ 'empty completion': 2, 'no turn of the assistant': 1 },
    "field 'completion' is null": 1,
  })
  expect([preview.read, preview.examples.length]).toEqual([16, 2])
  expect(preview.examples.map(({ changes }) => changes)).toEqual([
    [],
    ['a second end token was left out'],
  ])
})

describe('messages', () => {
  const messages = [
    { role: 'user', content: 'Hello there' },
    { role: 'assistant', content: 'How kind of you!' },
    { role: 'user', content: 'Bye' },
    { role: 'assistant', content: 'Farewell.' },
  ]
  const chat = (over: RunSpecInput = {}) =>
    input([{ messages }], { model: 'workbench-demo-chat', ...over })

  test('labels on what the assistant says, in the template of the model', async () => {
    expect(await chunks(await chat())).toEqual([
      soft,
      'context: <|user|>\nHello there<|endoftext|>\n<|assistant|>\n',
      'label: How kind of you!<|endoftext|>',
      'context: \n<|user|>\nBye<|endoftext|>\n<|assistant|>\n',
      'label: Farewell.<|endoftext|>',
      'context: \n',
    ])
  })

  test('after: before the first answer', async () => {
    const spec = await chat({ experiment: { kind: 'custom', softPromptAt: 'after' } })
    expect((await chunks(spec)).map(chunk => chunk.split(':')[0])).toEqual([
      'context',
      'soft-prompt',
      'label',
      'context',
      'label',
      'context',
    ])
  })

  test('ShareGPT spelling, and messages as text in a table', async () => {
    const said = [
      { from: 'human', value: 'Hi' },
      { from: 'gpt', value: 'Hello' },
    ]
    const csv = `id,messages\n1,"${JSON.stringify(said).replaceAll('"', '""')}"\n`
    const spec = await input(csv, { model: 'workbench-demo-chat' }, 'chat.csv')
    expect(await chunks(spec)).toContain('label: Hello<|endoftext|>')
  })

  test('a model without a chat template', async () => {
    await expect(chunks(await chat({ model: 'workbench-demo-base' }))).rejects.toMatchObject({
      code: 'bad-model',
      message: expect.stringMatching(/has no chat template/),
    })
  })
})

test('what is too long loses the beginning of its prompt, never its completion', async () => {
  const prompt = `${Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ')} The answer:`
  const spec = await input([{ prompt, completion: ' yes' }])
  const run = await open(spec)
  const { batch } = await run.train().next()
  expect(batch.slotsPerLane).toBe(64 + 3)
  expect(run.report().changed).toEqual({ 'the prompt lost its beginning': 1 })
  expect((await chunks(spec)).at(-1)).toBe(`label:  yes${end}`)
  expect((await chunks(spec)).at(-2)).toMatch(/The answer:$/)
  await run.close()
})

test('numeric fields are conditions, also from a table', async () => {
  const csv = 'prompt,completion,heat,light\nA:,b,0.5,2\n'
  const fields = { conditions: ['heat', 'light'] }
  const run = await open(await input(csv, { experiment: { kind: 'custom', fields } }, 'c.csv'))
  expect(run.conditionNames).toEqual(['heat', 'light'])
  expect([...(await run.train().next()).batch.conditions]).toEqual([0.5, 2])
  await run.close()
})

test('held-out pairs become evaluation prompts with what is expected', async () => {
  const records = Array.from({ length: 60 }, (_, i) => ({
    prompt: `Question ${i}:`,
    completion: ` answer ${i}`,
    alternatives: [` answer ${i}`, `answer ${i + 1}`],
    heat: i,
  }))
  const experiment = { kind: 'custom', fields: { conditions: ['heat'] }, softPromptAt: 'after' }
  const spec = await input(records, { experiment, data: { holdout: 0.2 } } as RunSpecInput)
  const run = await open(spec)
  const { tokenizer } = await contextOf(spec)
  const prompts = await run.evaluationPrompts()
  expect(prompts.length).toBeGreaterThan(4)
  for (const prompt of prompts) {
    const { text, tokenIds, expected, target = [], choice, conditions, placeAt, start } = prompt
    const n = Number(/\d+/.exec(text)?.[0])
    expect(text).toBe(`Question ${n}:`)
    expect([expected, conditions]).toEqual([` answer ${n}`, [n]])
    expect(await tokenizer.decode(target)).toBe(` answer ${n}${end}`)
    expect(choice?.at).toBe(tokenIds.length)
    const options = (choice?.options ?? []).map(({ ids }) => tokenizer.decode(ids))
    expect(await Promise.all(options)).toEqual([` answer ${n}${end}`, `answer ${n + 1}${end}`])
    expect(await tokenizer.decode(tokenIds)).toBe(text)
    expect([placeAt, start]).toEqual(['end', tokenIds.length])
  }
  const trained = new Set<number>()
  for (const item of await batches(run, 120))
    trained.add(Number(/Question (\d+)/.exec(await textOf(item, spec))?.[1]))
  const held = prompts.map(({ conditions }) => conditions[0])
  expect(trained.size + held.length).toBe(60)
  expect(held.filter(n => trained.has(n ?? -1))).toEqual([])
  await run.close()
})

async function batches(run: ExperimentRun, count: number): Promise<StreamItem[]> {
  const stream = run.train()
  const items: StreamItem[] = []
  for (let i = 0; i < count; i++) items.push(await stream.next())
  return items
}

const textOf = async ({ batch }: StreamItem, spec: RunSpecInput): Promise<string> => {
  const { tokenizer } = await contextOf(spec)
  return tokenizer.decode([...batch.slots].filter(id => id >= 0))
}

test('the same question with two answers never is on both sides', async () => {
  const records = Array.from({ length: 80 }, (_, i) => ({
    prompt: `Question ${i % 40}:`,
    completion: ` answer ${i}`,
  }))
  const spec = await input(records, { data: { holdout: 0.3 } } as RunSpecInput)
  const run = await open(spec)
  const held = new Set((await run.evaluationPrompts()).map(({ text }) => text))
  expect((await run.evaluationPrompts()).length).toBe(2 * held.size)
  for (const item of await batches(run, 150)) {
    const [question] = /Question \d+:/.exec(await textOf(item, spec)) ?? ['']
    expect(held.has(question)).toBe(false)
  }
  await run.close()
})

test('a null or nothing here and there is a skipped record with its reason, never the end of the file', async () => {
  const records = Array.from({ length: 300 }, (_, i) => ({
    prompt: `Question ${i}:`,
    completion: i % 10 === 0 ? null : i % 10 === 1 ? '' : ' yes',
  }))
  const run = await open(await input(records, {}, 'nulls.jsonl'))
  await batches(run, 300)
  const { skipped } = run.report()
  expect(skipped["field 'completion' is null"]).toBeGreaterThanOrEqual(30)
  expect(skipped['empty completion']).toBe(skipped["field 'completion' is null"])
  await run.close()
})

describe('faults', () => {
  test.each<[string, unknown, RunSpecInput['experiment'], RegExp]>([
    [
      'no known fields',
      [{ question: 'a', answer: 'b' }],
      { kind: 'custom' },
      /1 of 1 records are unusable.*neither prompt and completion.*\(its fields: question, answer; by their names: --prompt-field question --completion-field answer\)/,
    ],
    ['an empty file', [], { kind: 'custom' }, /holds no record/],
    [
      'no marker anywhere',
      [pair],
      { kind: 'custom', softPromptAt: 'marker' },
      /no usable record to train on \(skipped: 1 × no marker <soft-prompt> in the prompt/,
    ],
    [
      'a condition that is text',
      [{ ...pair, heat: 'warm' }],
      { kind: 'custom', fields: { conditions: ['heat'] } },
      /a condition that is no number/,
    ],
    [
      'a conversation without an answer',
      [{ messages: [{ role: 'user', content: 'Hi' }] }],
      { kind: 'custom' },
      /no turn of the assistant/,
    ],
  ])('%s', async (_, records, experiment, words) => {
    const work = async (): Promise<void> => {
      const run = await open(await input(records, { experiment }))
      await run.train().next()
    }
    await expect(work()).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(words),
    })
  })
})
