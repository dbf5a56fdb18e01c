// What is a label, for any text in any template: ids and spans against a reference written here, which knows the
// template's own pieces instead of looking for them.
// long because each thing that a template does is one row of a table
import { describe, expect, test } from 'vitest'
import { cutTo } from '../../../src-worker/behaviours/custom/cut'
import { labeller } from '../../../src-worker/behaviours/custom/labels'
import type { CustomRaw } from '../../../src-worker/behaviours/custom/pairs'
import type { ModelFolder } from '../../../src-worker/contract/model'
import type { RunSpec } from '../../../src-worker/contract/run-spec'
import type { ChatMessage } from '../../../src-worker/dataset/chat-template'
import { openTokenizer, type Tokenizer } from '../../../src-worker/dataset/tokenizer'
import { rng } from '../../../src-worker/stream/rng'
import { referencePath } from '../../reference-path'

/** Things that templates do. `tail`: the text behind the words that is a label, and what follows it. */
interface Feature {
  readonly name: string
  readonly jinja: string
  readonly words?: (said: string) => string
  readonly before?: string
  readonly label?: string
}
const turn = (body: string, rest = '') =>
  `{% for m in messages %}${body}{% endfor %}${rest}{% if add_generation_prompt %}<A>{% endif %}`
const said = "{% if m['role'] == 'assistant' %}<A>{% else %}<{{ m['role'] }}>{% endif %}"
const features: readonly Feature[] = [
  { name: 'an end mark', jinja: turn(`${said}{{ m['content'] + eos_token }}`), label: 'E' },
  {
    name: 'a line behind it',
    jinja: turn(`${said}{{ m['content'] + eos_token + '\\n' }}`),
    label: 'E',
  },
  {
    name: 'two end marks',
    jinja: turn(`${said}{{ m['content'] + eos_token + eos_token }}`),
    label: 'E',
  },
  { name: 'no end mark', jinja: turn(`${said}{{ m['content'] }}`) },
  { name: 'no end mark but a line', jinja: turn(`${said}{{ m['content'] }}{{ '\\n' }}`) },
  {
    name: 'words in lower case',
    jinja: turn(`${said}{{ m['content'] | lower }}{{ eos_token }}`),
    words: s => s.toLowerCase(),
    label: 'E',
  },
  {
    name: 'words trimmed',
    jinja: turn(`${said}{{ m['content'] | trim }}{{ eos_token }}`),
    words: s => s.trim(),
    label: 'E',
  },
  {
    name: 'a blank before the words',
    jinja: turn(`${said}{{ ' ' + m['content'] + eos_token }}`),
    before: ' ',
    label: 'E',
  },
  {
    name: 'a blank on both sides',
    jinja: turn(`${said}{{ ' ' + m['content'].strip() + ' ' + eos_token }}`),
    words: s => s.trim(),
    before: ' ',
    label: ' E',
  },
  {
    name: 'a start token',
    jinja: `{{ bos_token }}${turn(`${said}{{ m['content'] + eos_token }}`)}`,
    label: 'E',
  },
  {
    name: 'a system message of its own',
    jinja: turn(
      `{% if loop.first and m['role'] != 'system' %}<system>Help.{% endif %}${said}{{ m['content'] + eos_token }}`,
    ),
    label: 'E',
  },
  {
    name: 'tools named',
    jinja: `{% if tools %}T{% endif %}${turn(`${said}{{ m['content'] + eos_token }}`)}`,
    label: 'E',
  },
  {
    name: 'the date',
    jinja: `{{ strftime_now('%d %b %Y') }}${turn(`${said}{{ m['content'] + eos_token }}`)}`,
    label: 'E',
  },
  {
    name: 'a thought begun by the generation prompt',
    jinja: `{% for m in messages %}${said}{{ m['content'] + eos_token }}{% endfor %}{% if add_generation_prompt %}<A><think>{% endif %}`,
    label: 'E',
  },
  { name: 'an end mark in words', jinja: turn(`${said}{{ m['content'] }}{{ ' ###\\n' }}`) },
  {
    name: 'a namespace and a macro',
    jinja: `{% macro say(x) %}{{ x }}{% endmacro %}{% set ns = namespace(n=0) %}${turn(`{% set ns.n = ns.n + 1 %}${said}{{ say(m['content']) + eos_token }}`)}`,
    label: 'E',
  },
  {
    name: 'a closing line',
    jinja: turn(`${said}{{ m['content'] + eos_token }}`, "{{ '\\n' }}"),
    label: 'E',
  },
]

const scraps = [
  'hat',
  ' cat',
  '\n',
  '42',
  'é',
  '北京',
  '{"a": 1}',
  ' ',
  '…',
  'x y',
  '<b>',
  '🙂',
  '1.50',
  'n',
  'E',
]
const anyText = (random: ReturnType<typeof rng>, most: number): string =>
  Array.from({ length: 1 + random.below(most) }, () => scraps[random.below(scraps.length)]).join('')

function conversation(random: ReturnType<typeof rng>): ChatMessage[] {
  const messages: ChatMessage[] =
    random.below(2) === 0 ? [{ role: 'system', content: 'Be kind.' }] : []
  for (let i = 0; i <= random.below(3); i++)
    messages.push(
      { role: 'user', content: anyText(random, 4) },
      { role: 'assistant', content: anyText(random, 5) },
    )
  return messages
}

const contextOf = (tokenizer: Tokenizer, chatTemplate: string | undefined, separator = '') => ({
  spec: {
    experiment: { kind: 'custom', softPromptAt: 'before', marker: 'M', separator },
    data: { date: '2024-02-29' },
  } as RunSpec,
  model: { id: 'm', chatTemplate, config: { eosTokenIds: [] } } as unknown as ModelFolder,
  tokenizer,
})

const models = ['tiny-llama', 'tiny-neox', 'workbench-demo-chat'] as const

describe.each(models)('%s', model => {
  test.each(features)(
    'a conversation, $name',
    async ({ jinja, words = s => s, before = '', label }) => {
      const tokenizer = await openTokenizer(referencePath('models', model))
      const end = tokenizer.specialTokens.eos_token ?? ''
      const record = labeller(contextOf(tokenizer, jinja))
      const random = rng(18, `${model} ${jinja}`)
      for (let k = 0; k < 12; k++) {
        const messages = conversation(random)
        const labelled = await record({ kind: 'messages', messages, conditions: [] })
        if ('why' in labelled) throw new Error(labelled.why)
        const answers = messages.filter(({ role }) => role === 'assistant')
        expect(labelled.spans).toHaveLength(answers.length)
        for (const [i, [from, to]] of labelled.spans.entries()) {
          // decoding loses what a tokenizer normalises: compare with the decoded words
          const wanted = `${before}${words(answers[i]?.content ?? '')}${(label ?? '').replace('E', end)}`
          const got = await tokenizer.decode(labelled.ids.slice(from, to))
          const squeeze = (s: string) => s.normalize('NFC').replace(/[\s▁]+/g, '')
          expect(squeeze(got)).toBe(squeeze(wanted))
          if (label !== undefined) expect(labelled.ids[to - 1]).toBe(tokenizer.eosTokenId)
        }
      }
    },
  )

  test('pairs: ids are those of the text as written, the labels those behind the prompt, and one end', async () => {
    const tokenizer = await openTokenizer(referencePath('models', model))
    const random = rng(19, model)
    for (let k = 0; k < 150; k++) {
      const separator = ['', ' ', '\n'][random.below(3)] ?? ''
      const [prompt, completion] = [
        random.below(5) === 0 ? '' : anyText(random, 6),
        anyText(random, 6),
      ]
      const raw: CustomRaw = { kind: 'pair', prompt, completion, alternatives: [], conditions: [] }
      const labelled = await labeller(contextOf(tokenizer, undefined, separator))(raw)
      if ('why' in labelled) throw new Error(labelled.why)
      const { ids, spans } = labelled
      const whole = await tokenizer.encode(prompt + separator + completion)
      const asked = await tokenizer.encode(prompt)
      let at = 0
      while (at < asked.length && asked[at] === whole[at]) at++
      // nothing before the first label: the start token stands there, at every length and for every baseline
      const put = at === 0 ? [tokenizer.bosTokenId ?? tokenizer.eosTokenId] : []
      expect(ids).toEqual([...put, ...whole, tokenizer.eosTokenId])
      expect(spans).toEqual([[at + put.length, ids.length]])
    }
  })

  test('cut to any length: labels stay before prompt, what is lost is told', async () => {
    const tokenizer = await openTokenizer(referencePath('models', model))
    const random = rng(20, model)
    for (let k = 0; k < 100; k++) {
      const raw: CustomRaw = {
        ...{ kind: 'pair', alternatives: [], conditions: [] },
        ...{ prompt: anyText(random, 12), completion: anyText(random, 12) },
      }
      const labelled = await labeller(contextOf(tokenizer, undefined))(raw)
      if ('why' in labelled) throw new Error(labelled.why)
      const length = 2 + random.below(40)
      const cut = cutTo(labelled, length, tokenizer.bosTokenId)
      const [[from = 0, to = 0] = []] = labelled.spans
      const [[a = 0, b = 0] = []] = cut.spans
      expect(cut.ids.length).toBe(Math.min(length, labelled.ids.length))
      // the labels are a beginning of the labels, all of them if they fit
      expect(cut.ids.slice(a, b)).toEqual(labelled.ids.slice(from, from + b - a))
      // a token stands before them, so that each is predicted also without a soft prompt
      expect(a).toBeGreaterThan(0)
      if (1 + to - from <= length) expect(b - a).toBe(to - from)
      expect(cut.changes.includes('the completion lost its end')).toBe(b - a < to - from)
      expect(cut.changes.includes('the prompt lost its beginning')).toBe(a < from)
    }
  })
})

describe('special tokens, once', () => {
  test('an answer that brings its end mark ends with it, not with the template\u2019s second', async () => {
    const tokenizer = await openTokenizer(referencePath('models', 'tiny-llama'))
    const label = labeller(contextOf(tokenizer, turn(`${said}{{ m['content'] + eos_token }}`)))
    const chat = (content: string): CustomRaw => ({
      ...{ kind: 'messages', conditions: [] },
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content },
      ],
    })
    const labelled = await label(chat('yo</s>'))
    const usual = await label(chat('yo'))
    if ('why' in labelled || 'why' in usual) throw new Error('no labels')
    expect(labelled.spans).toEqual(usual.spans)
    expect(labelled.ids.slice(-2)).toEqual([2, 2])
    expect([labelled.changes, usual.changes]).toEqual([['a second end token was left out'], []])
  })

  test.each([
    [
      '<s>[INST] item [/INST]',
      ' it slept</s>',
      ['a second start token was left out', 'a second end token was left out'],
    ],
    ['[INST] item [/INST]', ' it slept', []],
    ['', 'it slept', []],
  ])('%j + %j', async (prompt, completion, told) => {
    const tokenizer = await openTokenizer(referencePath('models', 'tiny-llama'))
    const raw: CustomRaw = { kind: 'pair', prompt, completion, alternatives: [], conditions: [] }
    const labelled = await labeller(contextOf(tokenizer, undefined))(raw)
    if ('why' in labelled) throw new Error(labelled.why)
    const { ids, spans, changes } = labelled
    expect([ids.filter(id => id === 1).length, ids.indexOf(1)]).toEqual([1, 0])
    expect([ids.filter(id => id === 2).length, ids.indexOf(2)]).toEqual([1, ids.length - 1])
    expect(spans[0]?.[1]).toBe(ids.length)
    expect(changes).toEqual(told)
  })
})
