import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ChatMessage, chatRenderer } from '../../src-worker/dataset/chat-template'

const tokens = { bos_token: '<s>', eos_token: '</s>' }
const messages = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'Hi!' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: 'Bye.' },
] as const

const chatml = `{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant\\n' }}{% endif %}`

const llama = `{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}\
{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}\
{% set system_message = false %}{% endif %}{% for message in loop_messages %}\
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('Conversation roles must alternate user/assistant/...') }}{% endif %}\
{% if loop.index0 == 0 and system_message != false %}\
{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}\
{% else %}{% set content = message['content'] %}{% endif %}\
{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}\
{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}`

test('a chatml template: blocks are trimmed', () => {
  const text = chatRenderer(chatml, tokens, 'm')(messages)
  expect(text).toBe(
    '<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n' +
      '<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nBye.<|im_end|>\n<|im_start|>assistant\n',
  )
  const closed = chatRenderer(chatml, tokens, 'm')(messages, { generationPrompt: false })
  expect(closed.endsWith('Bye.<|im_end|>\n')).toBe(true)
})

test('a Llama template: system message folded in, roles checked', () => {
  const render = chatRenderer(llama, tokens, 'm')
  expect(render(messages)).toBe(
    '<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nHi! [/INST] Hello. </s><s>[INST] Bye. [/INST]',
  )
  expect(() => render([messages[1], messages[1]])).toThrow(
    'the chat template of m refuses these messages: Conversation roles must alternate',
  )
})

test('faults say what is wrong', () => {
  expect(() => chatRenderer(undefined, tokens, 'org/m')).toThrow('org/m has no chat template')
  expect(() => chatRenderer('{% if %}', tokens, 'org/m')).toThrow(
    'the chat template of org/m does not parse',
  )
})

// Templates written here in the features of those that models come with: tools in the manner of Llama 3.1, Qwen 2.5 and
// Hermes, and a way of thinking. What they render without tools was made with jinja2 3.1 and transformers' environment:
// tools and documents are none, and defined.
const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'fixtures', 'templates', name), 'utf8')
const rendered = JSON.parse(fixture('rendered.json')) as Record<string, string>

const chats: Readonly<Record<string, readonly ChatMessage[]>> = {
  long: [
    { role: 'system', content: ' Be kind. ' },
    { role: 'user', content: 'Hi!' },
    { role: 'assistant', content: 'Hello.' },
    { role: 'user', content: 'Bye. ' },
  ],
  short: [{ role: 'user', content: 'Hi!' }],
  tool: [
    { role: 'user', content: 'Hi!' },
    { role: 'assistant', content: 'Let me see.' },
    { role: 'tool', content: '7' },
    { role: 'tool', content: '8' },
    { role: 'user', content: 'So?' },
  ],
  thought: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: '2+2?' },
    { role: 'assistant', content: '<think>\nAdd.\n</think>\n\n4' },
    { role: 'user', content: '3+3?' },
    { role: 'assistant', content: '<think>\nAgain.\n</think>\n\n6' },
  ],
}

test.each(Object.entries(rendered))('%s: as jinja2 renders it without tools', (name, expected) => {
  const [template, chat] = name.split(' ') as [string, string]
  const render = chatRenderer(fixture(`${template}.jinja`), tokens, 'm', '2026-11-28')
  expect(render(chats[chat]!)).toBe(expected)
})
