// A chat with a soft prompt gets the day that the prompt learned with, if the template asks for one: the same text on any day.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { runToEnd } from '../train/runs'
import { openEngine } from './open-engine'

const cases = (name: string): string => referencePath('reference', 'custom', 'cases', name)

test('the day of the spec, of the request, or today, and which it was', async () => {
  const home = temporaryFolder()
  const model = join(home, 'dated')
  cpSync(referencePath('models', 'tiny-llama'), model, { recursive: true })
  cpSync(cases('tokenizer_config.date.json'), join(model, 'tokenizer_config.json'))
  const spec = resolveSpec({
    ...{
      model,
      experiment: { kind: 'custom' },
      device: 'cpu',
      prompt: { type: 'direct', tokens: 2 },
    },
    data: { path: cases('trainc.jsonl'), testPath: cases('chat1.jsonl'), date: '2024-02-29' },
    training: { steps: 1, lanes: 1, accumulation: 1, length: 128, finalTestBatches: 1 },
    results: { prompts: 0, metricSamples: 0 },
  })
  const folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  const { call } = await openEngine(home)
  const ask = (snapshot: string, date = '', messages = [{ role: 'user', content: 'hi' }]) =>
    call('sample', {
      ...{ request: 'r', prompt: 'hi', softPromptAt: 'start', conditions: [], samples: 1, seed: 0 },
      ...{ messages: messages as never, date, top: 3, sampling: { maxTokens: 1, temperature: 0 } },
      promptedModel: { model, snapshot, startToken: false },
    } as never)
  const { snapshot } = runFiles(folder)
  const learned = await ask(snapshot)
  expect(learned.date).toBe('2024-02-29')
  const [other, same] = [await ask(snapshot, '2026-11-28'), await ask(snapshot, '2024-02-29')]
  expect(same.samples).toEqual(learned.samples)
  expect(other.date).toBe('2026-11-28')
  expect(other.samples[0]?.tokens[0]?.logProb).not.toBe(learned.samples[0]?.tokens[0]?.logProb)
  expect((await ask('')).date).toMatch(/^20\d\d-\d\d-\d\d$/)
  expect((await ask(snapshot, '', [])).date).toBe('')
})
