// Model folders that ended or froze the whole program once: each is a Fault in words, through the command line and
// through the engine, which answers on.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { openEngine } from '../workbench/open-engine'
import { here, refused } from './refused'

/** A copy of tiny-llama with another file in it. */
function modelWith(name: string, content: string): string {
  const folder = join(temporaryFolder(), 'model')
  cpSync(referencePath('models/tiny-llama'), folder, { recursive: true })
  writeFileSync(join(folder, name), content)
  return folder
}

test('a tokenizer that ends the native library', async () => {
  const model = modelWith('tokenizer.json', readFileSync(here('tokenizer.strip.json'), 'utf8'))
  const words = /bad-model: .*tokenizer\.json ends the program that opens it: it was ended by SIG/
  await refused(words, 'sample', '--model', model, '--prompt', 'Hello')
  const home = temporaryFolder()
  const { call } = await openEngine(home, 'thread')
  const request = {
    request: 'r',
    promptedModel: { model, snapshot: '', startToken: false },
    prompt: 'Hello',
    sampling: { maxTokens: 1 },
  }
  await expect(call('sample', request)).rejects.toMatchObject({ code: 'bad-model' })
  // it stands among the models, with what is wrong with it
  mkdirSync(join(home, 'models'), { recursive: true })
  cpSync(model, join(home, 'models', 'broken'), { recursive: true })
  const entry = (await call('models', {})).find(m => m.path.endsWith('broken'))
  expect(JSON.stringify(entry)).toContain('ends the program that opens it')
})

test('a tokenizer is tried once: what is known opens at once, and what has changed is tried again', async () => {
  const home = temporaryFolder()
  const model = modelWith('special_tokens_map.json', `{"pad_token": "${home}"}`)
  const { call } = await openEngine(home, 'thread')
  const list = join(home, 'cache', 'tried-tokenizers.txt')
  await call('addModel', { path: model })
  await call('models', {})
  const before = readFileSync(list, 'utf8')
  expect(before).toMatch(/^([0-9a-f]{64}\n)+$/)
  await call('models', {})
  expect(readFileSync(list, 'utf8')).toBe(before)
  writeFileSync(join(model, 'special_tokens_map.json'), `{"pad_token": "other ${home}"}`)
  await call('models', {})
  expect(readFileSync(list, 'utf8').split('\n').length).toBe(before.split('\n').length + 1)
})

const templates = JSON.parse(readFileSync(here('templates.json'), 'utf8')) as Record<string, string>
test.each([
  ...Object.entries(templates),
  [
    'silent loops',
    '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}',
  ],
  [
    'lists',
    '{% set ns=namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}',
  ],
  [
    'replace',
    "{% set ns=namespace(x='aaaaaaaaaa') %}{% for i in range(9) %}{% set ns.x = ns.x|replace('a', ns.x) %}{% endfor %}",
  ],
])('a chat template without end: %s', async (_, template) => {
  const model = join(temporaryFolder(), 'model')
  cpSync(referencePath('models/workbench-demo-chat'), model, { recursive: true })
  writeFileSync(join(model, 'chat_template.jinja'), template)
  const { call } = await openEngine(temporaryFolder(), 'thread')
  const began = performance.now()
  const request = {
    request: 'r',
    promptedModel: { model, snapshot: '', startToken: false },
    prompt: '',
    messages: [{ role: 'user' as const, content: 'Hello' }],
    sampling: { maxTokens: 1 },
  }
  await expect(call('sample', request)).rejects.toMatchObject({
    code: expect.stringMatching(/^bad-(model|data)$/),
    message: expect.stringMatching(
      /^the chat template of .* (is stopped|refuses these messages): /,
    ),
  })
  expect(performance.now() - began).toBeLessThan(15_000)
})
