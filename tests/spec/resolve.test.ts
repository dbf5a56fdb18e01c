// What a spec must not say is refused as usage, with the field, what it is, and what it should be.
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { resolveSpec } from '../../src-worker/spec/resolve'

const good: Record<string, unknown> = { experiment: { kind: 'autoregressive' }, model: 'm' }

test.each<[Record<string, unknown>, string]>([
  [{ prompt: 5 }, 'prompt is 5, no object of fields'],
  [{ prompt: null }, 'prompt is null, no object'],
  [{ training: [1] }, 'training is [1], no object'],
  [{ experiment: 'chess' }, 'experiment is "chess", no object'],
  [{ model: 3 }, 'model is 3: Invalid input: expected string'],
  [{ version: 99 }, 'version is 99: Invalid input: expected 1'],
  [{ seed: '5' }, 'seed is "5": Invalid input: expected number'],
  [{ training: { steps: -1 } }, 'training.steps is -1: Too small'],
  [{ training: { lanes: 1e12 } }, 'training.lanes is 1000000000000: Too big'],
  [{ training: { lanes: 3, accumulation: 2 } }, 'training.accumulation is 2: accumulation must'],
  [{ optimizer: { beta2: 1 } }, 'optimizer.beta2 is 1: Too big'],
  [{ prompt: { init: { kind: 'text' } } }, 'prompt.init.text is missing'],
  [{ prompt: { type: 'subspace' } }, 'prompt.dimensions is missing'],
  [
    { training: { steps: 10 }, optimizer: { warmupSteps: 11 } },
    'optimizer.warmupSteps is 11, but training.steps only 10',
  ],
  [
    { training: { length: 16 }, start: { kind: 'index', index: 17 } },
    'start.index is 17, but samples have at most 16 tokens',
  ],
  [{ weights: 'int2' }, 'weights is "int2": Invalid option'],
  [
    { weights: 'int8', device: 'cuda:1' },
    'weights int8 are computed on the CPU only, device is cuda:1',
  ],
])('%j', (wrong, words) => {
  const resolved = () => resolveSpec({ ...good, ...wrong } as RunSpecInput)
  expect(resolved).toThrow(words)
  expect(resolved).toThrow(expect.objectContaining({ code: 'usage' }))
})

test.each<[string, Record<string, unknown>, boolean]>([
  ['a new run', {}, true],
  ['the original looks at all of it', { original: true }, false],
  ['as asked', { data: { path: 'x', validation: false } }, false],
  ['a whole spec of a version without validation', { version: 1, data: { path: 'x' } }, false],
])('the held-out side is cut in two: %s', (_, over, expected) => {
  const spec = resolveSpec({ ...good, data: { path: 'x' }, ...over } as RunSpecInput)
  expect(spec.data.validation).toBe(expected)
})

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['starts from rows that train on every family', {}, { init: { kind: 'vocabulary' } }],
  ['the original from zeros', { original: true }, { init: { kind: 'zero' } }],
  ['as asked', { prompt: { init: { kind: 'zero' } } }, { init: { kind: 'zero' } }],
  ['another type is as long as the own', { prompt: { type: 'mlp' } }, { type: 'mlp', tokens: 16 }],
  [
    'or as long as asked',
    { prompt: { type: 'subspace', tokens: 3, dimensions: 2 } },
    { tokens: 3, dimensions: 2 },
  ],
  [
    'a baseline has no length',
    { prompt: { type: 'none' }, training: { steps: 0 } },
    { type: 'none' },
  ],
  ['a resnet is one', { prompt: { type: 'resnet', tokens: 2 } }, { hiddenLayers: 1 }],
  ['a shared one, too', { prompt: { type: 'shared-resnet', tokens: 2 } }, { hiddenLayers: 1 }],
  [
    'as many layers as asked',
    { prompt: { type: 'resnet', tokens: 2, hiddenLayers: 0 } },
    { hiddenLayers: 0 },
  ],
  ['an MLP needs none', { prompt: { type: 'mlp', tokens: 2 } }, { hiddenLayers: 0 }],
])('default prompt: %s', (_, over, expected) => {
  const spec = resolveSpec({ ...good, data: { path: 'x' }, ...over } as RunSpecInput)
  expect(spec.prompt).toMatchObject(expected)
})

test.each([
  ['full', 'auto', 'auto'],
  ['int4', 'auto', 'cpu'],
  ['int8', 'cpu', 'cpu'],
])('weights %s on device %s are computed on %s', (weights, device, expected) => {
  const spec = resolveSpec({ ...good, data: { path: 'x' }, weights, device } as RunSpecInput)
  expect(spec.device).toBe(expected)
})
