// The calls about bits, on a tiny model: a control is made, named and held against its run; what is none is refused.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { runFiles } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

function specIn(home: string): RunSpecInput {
  const path = join(home, 'pairs.jsonl')
  const pairs = Array.from({ length: 80 }, (_, i) => ({
    prompt: `ask ${i}`,
    completion: ` say ${i}`,
  }))
  writeFileSync(path, pairs.map(pair => JSON.stringify(pair)).join('\n'))
  return {
    experiment: { kind: 'custom' },
    model: referencePath('models/tiny-neox'),
    data: { path },
    prompt: { type: 'direct', tokens: 2, init: { kind: 'vocabulary' } },
    training: {
      steps: 6,
      lanes: 4,
      accumulation: 1,
      length: 32,
      finalTestBatches: 0,
      testEvery: 0,
    },
    results: { prompts: 0, metricSamples: 0 },
    device: 'cpu',
  }
}

test('a control is trained on the same prompts, and read beside its run', async () => {
  const home = temporaryFolder()
  const { call, until } = await openEngine(home)
  const trained = async (base: RunSpecInput): Promise<string> => {
    const axes = { models: [], datasets: [], tokens: [], seeds: [] }
    const { runs } = await call('startSweep', { sweep: { base, ...axes }, frozen: '' })
    const { id } = await until(runs[0] ?? '', ({ state }) => state.kind === 'done')
    return id
  }
  const bits = (id: string, control: string) => call('bits', { request: 'bits', id, control })
  const run = await trained(specIn(home))
  expect((await call('run', { id: run })).bits).toBeNull()
  const axes = async () =>
    (await call('analyse', { runs: [run], options: { draws: 9, includePublished: false } })).axes
  expect(await axes()).toEqual(['tokens', 'numbers'])
  expect((await bits(run, '')).verdict).toEqual({ kind: 'no-control' })
  expect(await axes()).toEqual(['tokens', 'numbers', 'bits'])
  const made = await call('startControl', { request: 'control', id: run })
  expect(made.words).toBe('completions shuffled among prompts')
  await until(made.run, ({ state }) => state.kind === 'done')
  const answer = await bits(run, made.run)
  expect(answer).toMatchObject({ run, control: made.run, trainedSteps: 6 })
  expect(answer.ofControl).not.toBeNull()
  expect((await call('run', { id: run })).bits).toEqual(answer)
  await expect(bits(run, run)).rejects.toThrow(/learns from the same data as/)
  // a loss that ends well above where it had been says nothing of the control's data
  const folder = (await call('run', { id: made.run })).summary.folder
  const metrics = readFileSync(runFiles(folder).metrics, 'utf8')
  const risen = metrics.replaceAll(/("step":6,.*"Loss":)[\d.]+/g, '$199')
  expect(risen).not.toBe(metrics)
  writeFileSync(runFiles(folder).metrics, risen)
  await expect(bits(run, made.run)).rejects.toThrow(/is no control, for its training diverged: /)
  writeFileSync(runFiles(folder).metrics, metrics)
  const longer = await trained({
    ...specIn(home),
    prompt: { type: 'direct', tokens: 3, init: { kind: 'vocabulary' } },
  })
  await expect(bits(longer, made.run)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/its prompt.tokens is 2, the run’s 3$/),
  })
  const capitals = {
    ...specIn(home),
    experiment: { kind: 'custom', scorer: 'capitals' },
  } as RunSpecInput
  const loud = await trained(capitals)
  await expect(call('startControl', { request: 'control', id: loud })).rejects.toThrow(
    /can have no control: /,
  )
}, 120_000)
