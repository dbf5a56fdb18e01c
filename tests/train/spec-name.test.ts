// What makes two runs the same measurement, and what does not.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type RunSpec, runSpecSchema } from '../../src-worker/contract/run-spec'
import { canonicalJson, specHash } from '../../src-worker/train/spec-name'

const base = {
  experiment: { kind: 'autoregressive' },
  model: 'm',
  data: { path: 'demo' },
  prompt: { type: 'direct', tokens: 4, init: { kind: 'zero' } },
  training: { steps: 10 },
}
const hash = (changes: object = {}): string =>
  specHash(runSpecSchema.parse({ ...base, ...changes }) as RunSpec)

test('names, devices and what is filled in do not count; everything else does', () => {
  expect(hash({ name: 'other', device: 'cuda:1' })).toBe(hash())
  expect(hash({ data: { path: 'demo', date: '2026-11-28', field: 'text' } })).toBe(hash())
  const others = [
    { seed: 2 },
    { precision: 'bfloat16' },
    { weights: 'int8' },
    { weights: 'int4' },
    { training: { steps: 11 } },
    { data: { path: 'demo', holdout: 0.1 } },
    { experiment: { kind: 'skip-tokens', skip: 1 } },
    { model: 'n' },
  ].map(hash)
  expect(new Set([hash(), ...others]).size).toBe(others.length + 1)
})

test('the hash is that of the JSON with sorted keys, as `sha256sum` gives it', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe(
    '{"b":[1,{"c":"x","d":null}]}',
  )
  expect(canonicalJson({ z: 1, a: 2, m: { y: 1, b: 2 } })).toBe('{"a":2,"m":{"b":2,"y":1},"z":1}')
  const data = { path: 'x', date: '2026-11-28', field: 'text' }
  const spec = { b: 1, a: 2, data } as unknown as RunSpec
  expect(specHash(spec)).toBe(
    createHash('sha256').update('{"a":2,"b":1,"data":{"path":"x"}}').digest('hex'),
  )
})
