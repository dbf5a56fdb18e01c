// The text experiments: defaults as in the paper, evaluation prompts, previews.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { behaviourOf } from '../../src-worker/behaviours/registry'
import { experimentKinds } from '../../src-worker/contract/experiment-spec'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { millionsOf } from '../../src-worker/spec/paper'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { openRun, waitingClock } from '../../src-worker/stream/open'
import { previewExamples } from '../../src-worker/stream/preview'
import { testCache } from '../../src-worker/stream/test-cache'
import { temporaryFolder } from '../temporary'
import { contextOf } from './spec'

const pythia = (size: string): string => `EleutherAI/pythia-${size}-deduped`
const chat = 'TinyLlama/TinyLlama-1.1B-Chat-v1.0'
const base = 'TinyLlama/TinyLlama-1.1B-intermediate-step-1431k-3T'

describe('defaults are the paper’s', () => {
  test.each<[RunSpecInput['experiment'], string, object]>([
    [{ kind: 'autoregressive' }, pythia('1b'), { steps: 1536, lanes: 32, accumulation: 8 }],
    [{ kind: 'autoregressive' }, pythia('410m'), { accumulation: 4, length: 256 }],
    [{ kind: 'autoregressive' }, pythia('160m'), { accumulation: 2 }],
    [{ kind: 'autoregressive' }, pythia('70m'), { accumulation: 1 }],
    [{ kind: 'skip-tokens', skip: 4 }, pythia('410m'), { steps: 1536, accumulation: 4 }],
    [{ kind: 'repetition' }, pythia('410m'), { steps: 512, lanes: 256, accumulation: 32 }],
    [{ kind: 'repetition' }, pythia('160m'), { accumulation: 16 }],
    [{ kind: 'repetition' }, pythia('70m'), { accumulation: 8 }],
    [{ kind: 'chat-detuning' }, chat, { steps: 2048, lanes: 32, accumulation: 8 }],
    [{ kind: 'chat-detuning' }, base, { accumulation: 8, testEvery: 32, finalTestBatches: 256 }],
  ])('%o on %s', (experiment, model, training) => {
    const spec = resolveSpec({ experiment, model })
    expect(spec.training).toMatchObject(training)
    expect(spec.optimizer).toMatchObject({
      learningRate: 1e-3,
      weightDecay: 1e-4,
      schedule: 'constant',
    })
    expect(spec.results.topP).toBe(0.7)
    expect(spec.data.holdout).toBe(0.05)
  })

  test.each<[RunSpecInput['experiment'], string, string, string, number]>([
    [{ kind: 'autoregressive' }, 'vocabulary', 'index', 'start', 128],
    [{ kind: 'skip-tokens' }, 'vocabulary', 'random', 'end', 32],
    [{ kind: 'repetition' }, 'vocabulary', 'random', 'end', 128],
    [{ kind: 'chat-detuning' }, 'normal', 'index', 'start', 128],
  ])('%o: init %s, start %s, results at the %s', (experiment, init, start, at, tokens) => {
    const spec = resolveSpec({
      experiment,
      model: pythia('70m'),
      prompt: { type: 'direct', tokens: 4 },
    })
    expect(spec.prompt).toMatchObject({ tokens: 4, init: { kind: init } })
    expect(spec.start.kind).toBe(start)
    expect(spec.results).toMatchObject({ softPromptAt: at, maxTokens: tokens })
  })

  test('sizes are read from names', () => {
    const sizes = [
      pythia('410m'),
      base,
      'SmolLM2-135M',
      '/models/70b/thing',
      'workbench-demo-base',
      'x',
    ]
    expect(sizes.map(millionsOf)).toEqual([410, 1100, 135, 70_000, 6, undefined])
  })

  test.each(experimentKinds)('%s has words and a complete demo input', kind => {
    const { title, explanation, finding, demo } = behaviourOf(kind)
    for (const words of [title, explanation, finding]) {
      expect(words.length).toBeGreaterThan(5)
      expect(words).not.toContain('\n')
    }
    expect(resolveSpec(demo()).experiment.kind).toBe(kind)
  })
})

/** Texts of some hundred characters; half of them are held out. */
function longTexts() {
  const path = join(temporaryFolder(), 'texts.jsonl')
  const words = 'river stone candle winter apple horse garden silver mirror boat'.split(' ')
  const textOf = (i: number): string =>
    Array.from({ length: 60 }, (_, k) => words[(i + k * k) % words.length]).join(' ')
  const lines = Array.from({ length: 600 }, (_, i) => JSON.stringify({ text: `${i} ${textOf(i)}` }))
  writeFileSync(path, lines.join('\n'))
  return { path, holdout: 0.5 }
}

describe('evaluation prompts', () => {
  const small = () => ({
    training: { steps: 1, lanes: 1, accumulation: 1, length: 8 },
    data: longTexts(),
  })

  test('a dozen openings and 128 heads of held-out documents, with how they go on', async () => {
    const context = await contextOf({ ...small(), results: { softPromptAt: 'end' } })
    const run = await openRun(behaviourOf('autoregressive'), context)
    const prompts = await run.evaluationPrompts()
    expect(prompts.filter(({ group }) => group === 'opening')).toHaveLength(12)
    const heads = prompts.filter(({ group }) => group === 'document')
    expect(heads.length).toBeGreaterThan(100)
    expect(heads.every(({ text }) => text.length === 256 || text.length === 255)).toBe(true)
    expect(heads[0]?.expected?.length).toBeGreaterThan(0)
    expect(new Set(prompts.map(({ id }) => id)).size).toBe(prompts.length)
    for (const { text, tokenIds, placeAt } of prompts.slice(0, 20)) {
      expect(await context.tokenizer.decode(tokenIds)).toBe(text)
      expect(placeAt).toBe('end')
    }
    await run.close()
  })

  test('chat: tempers × questions in the model’s own template', async () => {
    const context = await contextOf({
      ...small(),
      experiment: { kind: 'chat-detuning' },
      model: 'workbench-demo-chat',
    })
    const run = await openRun(behaviourOf('chat-detuning'), context)
    const asked = (await run.evaluationPrompts()).filter(({ group }) => group === 'chat')
    expect(asked).toHaveLength(36)
    expect(asked.every(({ text }) => text.endsWith('<|assistant|>\n'))).toBe(true)
    expect(asked[6]?.text).toMatch(/friendly and helpful/)
    await run.close()
  })

  test('chat in a base model: the same as plain text', async () => {
    const context = await contextOf({ ...small(), experiment: { kind: 'chat-detuning' } })
    const run = await openRun(behaviourOf('chat-detuning'), context)
    const groups = new Set((await run.evaluationPrompts()).map(({ group }) => group))
    expect([...groups]).toEqual(['chat as plain text', 'document'])
    await run.close()
  })
})

describe('preview', () => {
  test.each<[RunSpecInput['experiment'], RegExp]>([
    [{ kind: 'autoregressive' }, /^\S/],
    [{ kind: 'repetition', text: ' meow' }, /^( meow)+$/],
  ])('%o shows what is trained on', async (experiment, label) => {
    const context = await contextOf({ experiment, start: { kind: 'index', index: 2 } })
    const { examples } = await previewExamples(
      behaviourOf(context.spec.experiment.kind),
      context,
      3,
    )
    expect(examples).toHaveLength(3)
    const [first] = examples
    expect(first?.chunks.map(({ role }) => role)).toEqual(['context', 'soft-prompt', 'label'])
    expect(first?.chunks[2]?.text.trimStart()).toMatch(label.source === '^\\S' ? label : /meow/)
  })
})

test('repetition does not repeat <s>, except in the original', async () => {
  for (const original of [false, true]) {
    const context = await contextOf({
      ...{ experiment: { kind: 'repetition', text: 'meow' }, original, data: longTexts() },
    })
    const begins = { ...context.tokenizer }
    const encode: typeof begins.encode = async (text, options = {}) => {
      const ids = await context.tokenizer.encode(text, options)
      return (options.special ?? true) ? [1, ...ids] : ids
    }
    const run = await openRun(behaviourOf('repetition'), {
      ...context,
      tokenizer: { ...begins, encode },
    })
    const { batch } = await run.train().next()
    expect(batch.labels.includes(1)).toBe(original)
    await run.close()
  }
})

test('time waited is measured from the first batch asked for', async () => {
  let now = 0
  const clock = waitingClock(() => now)
  const stream = clock.measured({
    next: async () => {
      now += 10
      return {} as never
    },
    close: async () => {},
  })
  expect(clock.share()).toBe(0)
  await stream.next()
  now += 30
  expect(clock.share()).toBeCloseTo(0.25)
})

test('a test longer than what may be kept begins again', async () => {
  let made = 0
  const array = new Int32Array(100)
  const batch = { slots: array, rows: array, labels: array, conditions: array, number: 0 }
  const cache = testCache(
    () => ({
      next: async () => ({ batch: { ...batch, number: made++ }, documentOf: array }) as never,
      close: async () => {},
    }),
    6000,
  )
  const stream = cache.stream()
  const numbers: number[] = []
  for (let i = 0; i < 7; i++)
    numbers.push(((await stream.next()).batch as unknown as { number: number }).number)
  expect(numbers).toEqual([0, 1, 2, 0, 1, 2, 0])
  expect(made).toBe(3)
})
