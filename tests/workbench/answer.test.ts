// Finding an answer on a tiny model, as far as a budget of nothing lets it: what its runs are made of.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnswerRequest, AnswerState } from '../../src-worker/contract/answer'
import type { RunSpec, RunSpecInput } from '../../src-worker/contract/run-spec'
import { homePaths } from '../../src-worker/train/home'
import { runFiles } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

function requestFor(home: string, over: Partial<AnswerRequest>, base: RunSpecInput = {}) {
  const data = join(home, 'pairs.jsonl')
  const pairs = Array.from({ length: 80 }, (_, i) => ({
    prompt: `ask ${i}`,
    completion: ` say ${i}`,
  }))
  writeFileSync(data, pairs.map(pair => JSON.stringify(pair)).join('\n'))
  return {
    base: {
      experiment: { kind: 'custom', scorer: 'contains' },
      model: referencePath('models/tiny-neox'),
      data: { path: data },
      training: { steps: 8, lanes: 2, accumulation: 1, length: 32, finalTestBatches: 1 },
      results: { prompts: 1, metricSamples: 2, maxTokens: 4 },
      device: 'cpu',
      ...base,
    },
    ...{ target: null, reference: '', textPrompt: '', within: 1.5, longest: 64 },
    ...{ budgetSeconds: 1e-9, ...over },
  } as AnswerRequest
}

async function answered(home: string, request: AnswerRequest): Promise<AnswerState> {
  const { call, events } = await openEngine(home)
  await call('startAnswer', request)
  for (let i = 0; i < 1200; i++) {
    const state = events.flatMap(([name, data]) =>
      name === 'answerChanged' ? [data as AnswerState] : [],
    )
    const last = state.at(-1)
    if (last !== undefined && last.kind !== 'running') return last
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('it never ended')
}

const specsOf = (home: string, { step }: AnswerState): RunSpec[] =>
  (step?.runs ?? []).map(id =>
    JSON.parse(readFileSync(runFiles(join(homePaths(home).runs, id)).spec, 'utf8')),
  )

test('a text prompt is measured beside the baselines; a text to start from is trained from', async () => {
  const home = temporaryFolder()
  const prompt = { type: 'direct', init: { kind: 'text', text: 'say what' } } as const
  const request = requestFor(home, { textPrompt: 'please say' }, { prompt })
  const state = await answered(home, request)
  expect(state.fault).toBeNull()
  expect(state.step?.next).toMatchObject({ kind: 'ended', because: 'budget' })
  const specs = specsOf(home, state)
  const bare = specs.filter(({ training }) => training.steps === 0).map(s => s.prompt)
  expect(bare.map(({ type }) => type).sort()).toEqual(['direct', 'none', 'start-token'])
  expect(bare.find(({ type }) => type === 'direct')).toMatchObject({
    init: { kind: 'text', text: 'please say' },
  })
  const [trained, ...others] = specs.filter(({ training }) => training.steps > 0)
  expect(others).toEqual([])
  expect(trained?.prompt).toMatchObject({ tokens: 4, init: prompt.init })
  // its choice is made on the validation half, and its test is none in the first rounds
  expect(trained?.training).toMatchObject({ steps: 1, finalTestBatches: 0 })
  expect(specs.every(({ data }) => data.validation)).toBe(true)
  const trainedRun = (state.step?.runs ?? []).find((_, i) => specs[i] === trained) ?? ''
  const metrics = readFileSync(runFiles(join(homePaths(home).runs, trainedRun)).metrics, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { step: number; values: Record<string, number> })
  expect(metrics.filter(m => 'Test Loss' in m.values).map(m => m.step)).toEqual([0, 1])
}, 120_000)

test('a snapshot has one length: it is refused before anything is trained', async () => {
  const home = temporaryFolder()
  const init = { kind: 'snapshot', path: '/nowhere.safetensors' } as const
  const request = requestFor(home, {}, { prompt: { type: 'direct', init } })
  const { call } = await openEngine(home)
  await expect(call('startAnswer', request)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/^the soft prompt starts from a snapshot, which has one length/),
  })
  expect(await call('runs', {})).toEqual([])
})

test('a share has no target beyond 1, and none below 0', async () => {
  const { call } = await openEngine(temporaryFolder())
  const asked = (target: number) => call('startAnswer', requestFor(temporaryFolder(), { target }))
  await expect(asked(2)).rejects.toMatchObject({
    ...{ code: 'usage', message: 'the target 2 is no share' },
    fix: 'Give a target between 0 and 1.',
  })
  for (const target of [-1, Number.NaN]) await expect(asked(target)).rejects.toThrow(/target/)
})
