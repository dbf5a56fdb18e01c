// An answer that is stopped in each of its runs and started again each time: every run goes on, none begins a second time.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { AnswerRequest, AnswerState } from '../../src-worker/contract/answer'
import { Fault } from '../../src-worker/contract/fault'
import { tags } from '../../src-worker/contract/metrics'
import type { RunSpec } from '../../src-worker/contract/run-spec'
import { homePaths } from '../../src-worker/train/home'
import { readMetrics } from '../../src-worker/train/metrics-file'
import { readState, runFiles, writeState } from '../../src-worker/train/run-folder'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

/** Of three letters a tiny model finds x the least likely, and learns it within a few steps, behind any prompt. */
function requestIn(home: string): AnswerRequest {
  const path = join(home, 'pairs.jsonl')
  const pairs = Array.from({ length: 80 }, (_, i) => ({
    prompt: `ask ${i}`,
    completion: ' x',
    alternatives: [' y', ' z'],
  }))
  writeFileSync(path, pairs.map(pair => JSON.stringify(pair)).join('\n'))
  return {
    base: {
      experiment: { kind: 'custom', scorer: 'choice' },
      model: referencePath('models/tiny-neox'),
      data: { path },
      optimizer: { learningRate: 0.1 },
      training: { steps: 16, lanes: 4, accumulation: 1, length: 16, finalTestBatches: 1 },
      results: { prompts: 1, metricSamples: 32, maxTokens: 2 },
      device: 'cpu',
    },
    ...{
      target: 0.9,
      reference: '',
      textPrompt: 'say',
      within: 4,
      longest: 4,
      budgetSeconds: null,
    },
  }
}

const specsIn = (home: string): RunSpec[] => {
  const { runs } = homePaths(home)
  return readdirSync(runs).map(id =>
    JSON.parse(readFileSync(runFiles(join(runs, id)).spec, 'utf8')),
  )
}

/** Starts it, stops it in the first run that was never stopped before, or lets it end. */
async function stoppedOnce(
  { call, events, until }: Awaited<ReturnType<typeof openEngine>>,
  request: AnswerRequest,
  before: Map<string, string>,
): Promise<AnswerState> {
  const from = events.length
  const { id } = await call('startAnswer', request)
  const states = () =>
    events
      .slice(from)
      .flatMap(([name, data]) => (name === 'answerChanged' ? [data as AnswerState] : []))
  for (let i = 0; i < 4000; i++) {
    const last = states().at(-1)
    if (last !== undefined && last.kind !== 'running') return last
    const run = last?.run ?? null
    if (run !== null && !before.has(run) && last?.step?.next.kind === 'run') {
      before.set(run, last.step.next.reason)
      await until(run, ({ state }) => state.kind !== 'queued')
      await call('stopAnswer', { id })
    }
    await sleep(10)
  }
  throw new Error('it never ended')
}

/** As a full disk leaves it: what a person may have mended since. */
async function failInstead(folder: string): Promise<void> {
  const fault = new Fault('disk', 'the disk was full', 'Free some space.').toData()
  await writeState(folder, { ...(await readState(folder)), state: { kind: 'failed', fault } })
}

async function trainedSteps(folder: string): Promise<number[]> {
  const steps: number[] = []
  for await (const line of readMetrics(folder)) if (tags.loss in line.values) steps.push(line.step)
  return steps
}

/** A text of as many tokens, over the same training: it is measured, and nothing else. */
async function asksAnotherText(
  engine: Awaited<ReturnType<typeof openEngine>>,
  request: AnswerRequest,
  before: ReadonlyMap<string, string>,
): Promise<void> {
  const made = new Map(before)
  await stoppedOnce(engine, request, made)
  expect([...made.values()].slice(before.size)).toEqual(['baseline: the text prompt, 2 tokens'])
}

test('stopped in every run (one fails) and started again: each run is taken up, none is made twice', async () => {
  const home = temporaryFolder()
  const request = requestIn(home)
  const engine = await openEngine(home)
  const stopped = new Map<string, string>()
  let state: AnswerState
  do {
    state = await stoppedOnce(engine, request, stopped)
    if (stopped.size === 1)
      await failInstead(join(homePaths(home).runs, [...stopped.keys()][0] ?? ''))
  } while (state.kind === 'stopped' && stopped.size < 20)
  expect(state.fault).toBeNull()
  expect(state.kind).toBe('ended')
  // the run that reaches the target was read in bits against its control
  expect(state.step?.pair).toBeNull()
  expect(state.step?.elicited?.bits).toMatchObject({
    kind: 'read',
    answer: { control: expect.stringMatching(/./), ofControl: expect.anything() },
  })
  // what was made first is the first: "run 3 goes on" names the third
  const order = (await engine.call('runs', {}))
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .map(({ id }) => id)
  expect(state.step?.runs).toEqual(order)
  // every kind of run came up
  const reasons = [...stopped.values()]
  for (const words of [
    'without a prompt',
    'start token',
    'text prompt',
    'pilot',
    'down to',
    'seed',
    'control',
  ])
    expect(reasons.filter(reason => reason.includes(words))).not.toEqual([])
  const specs = specsIn(home)
  expect(specs).toHaveLength(stopped.size)
  const trials = specs.map(({ prompt, data, seed, optimizer }) =>
    JSON.stringify([prompt, data.path, seed, optimizer.learningRate]),
  )
  expect(new Set(trials).size).toBe(trials.length)
  for (const run of stopped.keys()) {
    const steps = await trainedSteps(join(homePaths(home).runs, run))
    expect(steps).toEqual(steps.map((_, i) => i + 1))
  }
  await asksAnotherText(engine, { ...request, textPrompt: 'ask' }, stopped)
  expect(specsIn(home)).toHaveLength(stopped.size + 1)
}, 600_000)
