// Labels of what is odd: end tokens within words, templates that refuse or leave out. Ids of tiny-llama, by its own vocabulary.
import { expect, test } from 'vitest'
import { labeller } from '../../../src-worker/behaviours/custom/labels'
import type { ModelFolder } from '../../../src-worker/contract/model'
import type { RunSpec } from '../../../src-worker/contract/run-spec'
import type { ChatMessage } from '../../../src-worker/dataset/chat-template'
import { openTokenizer } from '../../../src-worker/dataset/tokenizer'
import { referencePath } from '../../reference-path'

const inside =
  'an end token stands within a completion: the model ends there, and what is behind it is trained on all the same'
const secondEnd = 'a second end token was left out'
const lost = 'the chat template leaves a message out, or changes its words'

async function labelOf(chatTemplate?: string) {
  const tokenizer = await openTokenizer(referencePath('models', 'tiny-llama'))
  const spec = {
    experiment: { kind: 'custom', softPromptAt: 'before', marker: 'M', separator: '' },
    data: { date: '2024-02-29' },
  } as RunSpec
  const model = { id: 'm', chatTemplate, config: { eosTokenIds: [] } } as unknown as ModelFolder
  return labeller({ spec, model, tokenizer })
}

// 1 <s>, 2 </s>; 579 q, 563 a, 599 a blank, 284 b, 13 a line
test.each<[string, number[], string[]]>([
  ['a', [563, 2], []],
  ['a</s>', [563, 2], [secondEnd]],
  ['a</s></s></s>', [563, 2], [secondEnd]],
  ['a</s>b', [563, 2, 284, 2], [inside]],
  ['a</s>\n', [563, 2, 599, 13, 2], [inside]],
])('a pair with the completion %j', async (completion, ids, changes) => {
  const label = await labelOf()
  const raw = { kind: 'pair', prompt: 'q', completion, alternatives: [], conditions: [] } as const
  const labelled = await label(raw)
  expect(labelled).toMatchObject({ ids: [1, 599, 579, ...ids], changes })
  expect(labelled).toMatchObject({ spans: [[3, 3 + ids.length]] })
})

const say = '<{{m.role}}>{{ m.content }}{{ eos_token }}'
const open = '{% if add_generation_prompt %}<assistant>{% endif %}'
const whole = `{% for m in messages %}${say}{% endfor %}${open}`
const lastTwo = `{% for m in messages[-2:] %}${say}{% endfor %}${open}`
const inTurn = `{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate!') }}{% endif %}${say}{% endfor %}${open}`
const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content })

test.each<[string, string, ChatMessage[], object]>([
  ['an end token within an answer', whole, [user('q'), assistant('a</s>b')], { changes: [inside] }],
  ['nothing odd', whole, [user('yo'), assistant('yo')], { changes: [] }],
  // the lost "a" stands in "<assistant>" too
  ['a message left out', lastTwo, [user('a'), user('b'), assistant('c')], { changes: [lost] }],
  [
    'two turns that would be one and the same label',
    lastTwo,
    [user('yo'), assistant('yo'), user('yo'), assistant('yo')],
    { why: 'the chat template changes earlier turns' },
  ],
  [
    'a template that refuses',
    inTurn,
    [user('a'), user('b'), assistant('c')],
    { why: 'the chat template refuses it: Roles must alternate!' },
  ],
])('a conversation: %s', async (_, template, messages, expected) => {
  const label = await labelOf(template)
  expect(await label({ kind: 'messages', messages, conditions: [] })).toMatchObject(expected)
})
