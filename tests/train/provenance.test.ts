// A run goes on only with the data and the model that it learned from.
import { expect, test } from 'vitest'
import type { Provenance } from '../../src-worker/contract/run'
import { checkUnchanged } from '../../src-worker/train/provenance'

const of = (fingerprint: string, files: Record<string, string>): Provenance =>
  ({
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
