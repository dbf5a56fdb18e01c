// Files that were measured wrongly once, each with the value that torch or a person's eye gives.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunSpecInput } from '../../../src-worker/contract/run-spec'
import { openTokenizer } from '../../../src-worker/dataset/tokenizer'
import { laidOver } from '../../../src-worker/shared/plain-object'
import { resolveSpec } from '../../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../../src-worker/train/run-folder'
import { referencePath } from '../../reference-path'
import { runToEnd } from '../../train/runs'

const home = mkdtempSync(join(tmpdir(), 'spw-cases-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const file = (name: string): string => referencePath('reference', 'custom', 'cases', name)

interface Evaluated {
  readonly loss: number
  readonly behaviour: Readonly<Record<string, number>>
  readonly report: Record<string, unknown>
}

async function evaluated(model: string, data: string, over: RunSpecInput = {}): Promise<Evaluated> {
  const base: RunSpecInput = {
    ...{ experiment: { kind: 'custom' }, device: 'cpu', prompt: { type: 'none' } },
    model: model.startsWith('/') ? model : referencePath('models', model),
    data: { path: file('trainc.jsonl'), testPath: file(data) },
    training: { steps: 0, lanes: 1, accumulation: 1, length: 200, finalTestBatches: 50 },
    results: { prompts: 1, metricSamples: 50 },
  }
  const run = await createRun(home, resolveSpec(laidOver(base, over) as RunSpecInput))
  const { state } = await runToEnd(run, home)
  expect(state).toEqual({ kind: 'done' })
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  const files = runFiles(run)
  // no file where no answer is whole
  const { shares } = (existsSync(files.behaviour) ? read(files.behaviour) : { shares: {} }) as {
    shares: Record<string, { sums: number[]; counts: number[] }>
  }
  const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0)
  return {
    loss: read(files.finalTest).loss,
    behaviour: Object.fromEntries(
      Object.entries(shares).map(([tag, { sums, counts }]) => [tag, sum(sums) / sum(counts)]),
    ),
    report: read(files.dataReport),
  }
}

describe('the answer that the model itself writes', () => {
  test.each(['chatgold.jsonl', 'pairgold.jsonl'])('%s is an exact match', async data => {
    const { behaviour, loss } = await evaluated('workbench-demo-chat', data)
    expect(behaviour['Exact match']).toBe(1)
    // the same words with the same end mark: 0.0985 without a start token, by torch
    expect(loss).toBeCloseTo(0.0985, 3)
  })

  test('an alternative that begins the truth does not win: its end is counted', async () => {
    const { behaviour } = await evaluated('workbench-demo-chat', 'choice.jsonl')
    expect(behaviour).toMatchObject({
      'Exact match': 1,
      'Multiple choice accuracy': 1,
      'Multiple choice chance level': 0.5,
    })
  })
})

// torch, float64: Σ log p of the answer and its </s> (with the line behind it: −72.7725 and −70.9934)
test.each([
  ['tiny-llama', -56.96484],
  ['tiny-llama-tied', -62.99471],
])('the log-probability of %s is that of the labels', async (model, expected) => {
  const one: RunSpecInput = { prompt: { type: 'direct', tokens: 1, init: { kind: 'vocabulary' } } }
  const { behaviour, loss } = await evaluated(model, 'chat1.jsonl', one)
  expect(behaviour['Completion log-probability']).toBeCloseTo(expected, 3)
  expect(loss).toBeCloseTo(-expected / 8, 4)
})

test('text that brings its own special tokens gets no second ones', async () => {
  const one: RunSpecInput = { prompt: { type: 'direct', tokens: 1, init: { kind: 'vocabulary' } } }
  expect((await evaluated('tiny-llama', 'pre1.jsonl', one)).loss).toBeCloseTo(6.7583, 3)
})

test.each([{ type: 'none' }, { type: 'start-token' }] as const)(
  'an empty prompt is legal in every length, for the baseline $type',
  async prompt => {
    const training = { length: 16 }
    const changes = { prompt, training }
    const { loss, behaviour } = await evaluated('workbench-demo-chat', 'emptyp.jsonl', changes)
    expect(loss).toBeCloseTo(0.7542, 3)
    // 16 of its 35 tokens: what was cut is no match
    expect(behaviour).toEqual({})
  },
)

test('one spec gives one data set on any day', async () => {
  const folder = join(home, 'dated')
  cpSync(referencePath('models', 'tiny-llama'), folder, { recursive: true })
  cpSync(file('tokenizer_config.date.json'), join(folder, 'tokenizer_config.json'))
  const on = async (date: string) =>
    (await evaluated(folder, 'chat1.jsonl', { data: { date } })).loss
  expect(await on('2024-02-29')).toBe(await on('2024-02-29'))
  expect(await on('2024-02-29')).not.toBe(await on('2026-11-28'))
  // "29 Feb 2024", whatever the language of the machine
  const { encode } = await openTokenizer(folder)
  expect((await encode('Today: 29 Feb 2024')).length).toBeGreaterThan(3)
})
