import { expect, test } from 'vitest'
import { chatRenderer } from '../../src-worker/dataset/chat-template'

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
