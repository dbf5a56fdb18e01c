// A run goes on only with the data and the model that it learned from.
import { expect, test } from 'vitest'
import type { Provenance } from '../../src-worker/contract/run'
import { checkUnchanged } from '../../src-worker/train/provenance'

const of = (
  fingerprint: string,
  files: Record<string, string>,
  texts: Record<string, string> = {},
): Provenance =>
  ({
    files: texts,
    dataset: { path: 'texts.jsonl', fingerprint, heldOut: '' },
    model: { id: 'm', path: 'models/m', files },
  }) as unknown as Provenance

const before = of('abc of 1 file, 10 bytes, 2026-01-01T00:00:00Z', { 'model.safetensors': '1' })

test.each([
  ['the same', before],
  [
    'copied: another time',
    of('abc of 1 file, 10 bytes, 2026-02-02T09:00:00Z', { 'model.safetensors': '1' }),
  ],
  [
    'a file more',
    of('abc of 1 file, 10 bytes, 2026-01-01T00:00:00Z', { 'model.safetensors': '1', x: '2' }),
  ],
])('%s goes on', (_, now) => {
  expect(() => checkUnchanged(before, now)).not.toThrow()
})

test('other data, and another weight file, are named', () => {
  const data = of('abd of 1 file, 10 bytes, 2026-01-01T00:00:00Z', { 'model.safetensors': '1' })
  expect(() => checkUnchanged(before, data)).toThrow(
    'texts.jsonl is not what this run was trained on: abc of 1 file, 10 bytes then, abd of 1 file, 10 bytes now',
  )
  const model = of('abc of 1 file, 10 bytes, 2026-01-01T00:00:00Z', { 'model.safetensors': '9' })
  expect(() => checkUnchanged(before, model)).toThrow(
    'models/m: model.safetensors is not the file that this run was trained on',
  )
})

const begun = { data: '1', 'initial prompt': '1', 'tokenizer.json': '1', 'chat_template.jinja': '' }
test.each([
  ['nothing', {}, undefined],
  ['what it has learned over', { 'initial prompt': '2' }, undefined],
  ['a file that older versions did not look at', { 'generation_config.json': '2' }, undefined],
  ['the tokenizer', { 'tokenizer.json': '2' }, 'tokenizer.json'],
  ['a template that was put there', { 'chat_template.jinja': '2' }, 'chat_template.jinja'],
  ['a tokenizer that is gone', { 'tokenizer.json': '' }, 'tokenizer.json'],
])('changed before it goes on: %s', (_, change, refused) => {
  const now = () => checkUnchanged(of('a', {}, begun), of('a', {}, { ...begun, ...change }))
  if (refused === undefined) expect(now).not.toThrow()
  else expect(now).toThrow(`${refused} is not what this run was begun with (model models/m)`)
})
