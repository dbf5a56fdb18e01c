import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import { stubWindow } from './bridge'

stubWindow({})
const { useSweepDraft } = await import('../../src-renderer/stores/sweep-draft')

beforeEach(() => void setActivePinia(createPinia()))

function open() {
  const draft = useSweepDraft()
  draft.choose('skip-tokens')
  draft.change({ models: ['workbench-demo-base'] })
  return draft
}

test.each<[string, readonly string[], readonly string[], string | undefined]>([
  ['none: the experiment’s own', [''], [], undefined],
  ['one stands in the base', ['/a.jsonl'], [], '/a.jsonl'],
  ['several are an axis', ['/a.jsonl', '/b.jsonl'], ['/a.jsonl', '/b.jsonl'], undefined],
  ['beside others the own one is named', ['', '/b.jsonl'], ['demo', '/b.jsonl'], undefined],
  ['the same twice is one', ['/a.jsonl', '/a.jsonl'], [], '/a.jsonl'],
])('datasets: %s', (_, chosen, datasets, path) => {
  const draft = open()
  draft.choosePaths(chosen)
  expect(draft.sweep.datasets).toEqual(datasets)
  expect(draft.get('data.path')).toBe(path)
  expect(draft.paths).toEqual(datasets.length > 0 ? datasets : [path ?? ''])
  expect(draft.first.data?.path).toBe(datasets[0] ?? path)
})

test('taking one of two away leaves one in the base, with its other settings', () => {
  const draft = open()
  draft.set('data.holdout', 0.1)
  draft.choosePaths(['/a.jsonl', '/b.jsonl'])
  expect(draft.sweep.base.data).toEqual({ holdout: 0.1 })
  draft.choosePaths(['/b.jsonl'])
  expect(draft.sweep.base.data).toEqual({ path: '/b.jsonl', holdout: 0.1 })
  draft.choose('chess')
  expect(draft.paths).toEqual([''])
})

test.each<[string, string, object, string, object | undefined]>([
  [
    'fields of the old one go',
    'subspace',
    { tokens: 4, dimensions: 12 },
    'direct',
    { type: 'direct', tokens: 4 },
  ],
  ['to the behaviour’s own', 'subspace', { dimensions: 12 }, '', undefined],
  ['the length stays', 'mlp', { tokens: 4, hiddenWidth: 9 }, '', { tokens: 4 }],
  ['what both have stays', 'mlp', { hiddenWidth: 9 }, 'resnet', { type: 'resnet', hiddenWidth: 9 }],
  ['a baseline has no length', 'mlp', { tokens: 4 }, 'none', { type: 'none' }],
])('another type of prompt: %s', (_, type, fields, next, expected) => {
  const draft = open()
  draft.set('prompt', { type, ...fields })
  draft.chooseType(next)
  expect(draft.sweep.base.prompt).toEqual(expected)
})
