// How the form of New calls the fields that a fault or a plan names by their paths.
import { expect, test } from 'vitest'
import {
  fieldNames,
  fieldsIn,
  isFolded,
  namesWith,
  saidOf,
  withNames,
} from '../../src-renderer/text/field-names'
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { unknownFields } from '../../src-worker/contract/spec-fields'
import { withField } from '../../src-worker/shared/plain-object'
import { resolveSpec } from '../../src-worker/spec/resolve'

const names = namesWith([{ path: 'experiment.skip', label: 'Tokens to skip' }])

/** What the engine itself says of a spec. */
function refusal(more: object): string {
  const spec = {
    ...{ experiment: { kind: 'autoregressive' as const }, model: 'workbench-demo-base' },
    ...{ data: { path: 'demo' }, ...more },
  }
  try {
    resolveSpec(spec)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('every path of the form is a field of a spec', () => {
  const unknown = Object.keys(fieldNames).filter(path => {
    const type = /residual|hidden/.test(path) ? 'resnet' : 'subspace'
    const prompt = /^prompt\.(?!type)/.test(path) ? { prompt: { type } } : {}
    return unknownFields(runSpecSchema, withField(prompt, path, 1)).some(u => u.path === path)
  })
  expect(unknown).toEqual([])
})

test.each([
  [
    { prompt: { type: 'subspace', tokens: 4 } },
    ['prompt.dimensions'],
    ['“Dimensions” is missing.'],
  ],
  [
    { training: { steps: 5, lanes: 8, accumulation: 3 } },
    ['training.accumulation'],
    ['“Accumulation” is 3: accumulation must divide lanes.'],
  ],
  [
    { prompt: { type: 'none' }, training: { steps: 5 } },
    ['prompt.type', 'training.steps'],
    Array(2).fill('“Type” none has nothing to train, but “Steps” is 5.'),
  ],
  [
    { training: { steps: -1, lanes: 0 } },
    ['training.steps', 'training.lanes'],
    [
      '“Steps” is -1: Too small: expected number to be >=0.',
      '“Batch size (lanes)” is 0: Too small: expected number to be >0.',
    ],
  ],
  [
    { seed: -1, precision: 'float8' },
    ['seed', 'precision'],
    [
      '“Seeds” is -1: Too small: expected number to be >=0.',
      '“Precision” is "float8": Invalid option: expected one of "float32"|"tf32"|"bfloat16"|"float16".',
    ],
  ],
  [
    { weights: 'int8', device: 'cuda:0' },
    ['weights', 'device'],
    Array(2).fill('“Frozen weights” int8 are computed on the CPU only, “Device” is cuda:0.'),
  ],
] as const)('%j: the fields %j', (more, fields, said) => {
  const text = refusal(more)
  expect(fieldsIn(text, names)).toEqual(fields)
  expect(fields.map(field => saidOf(field, text, names))).toEqual(said)
})

test('a difference and a behaviour’s option are called as in the form', () => {
  expect(withNames('experiment.skip is 2, not 1', names)).toBe('“Tokens to skip” is 2, not 1')
  expect(withNames('prompt.init.kind is "zero"', names)).toBe('“Start from” is "zero"')
})

test('what only looks like a path stays as it is', () => {
  const text = 'there are no data at /tmp/training.steps/data.path and C:\\data.path or a.data.path'
  expect(withNames(text, names)).toBe(text)
  expect(withNames('gone.jsonl holds 1.5 MB. Choose prompt.type direct.', namesWith([]))).toBe(
    'gone.jsonl holds 1.5 MB. Choose “Type” direct.',
  )
  expect(saidOf('training.steps', 'nothing of it', names)).toBe(undefined)
})

test('a single word is a field only where its value follows', () => {
  expect(fieldsIn('there is no device cuda:7', names)).toEqual(['device'])
  expect(fieldsIn('precision tf32 needs a CUDA device', names)).toEqual(['precision'])
  expect(withNames('Choose device cpu, or weights full.', names)).toBe(
    'Choose “Device” cpu, or “Frozen weights” full.',
  )
  const sentence = 'the weights are quantised; the original code has one device, its seed is kept'
  expect(withNames(sentence, names)).toBe(sentence)
})

test('what is folded away is known, so that a fault can unfold it', () => {
  expect(['prompt.dimensions', 'training.steps', 'model'].map(isFolded)).toEqual([
    true,
    false,
    false,
  ])
})
