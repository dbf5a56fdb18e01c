// The engine through its contract, as the app sees it: every answer is checked against its schema.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import {
  type CallArgs,
  type CallName,
  type CallResult,
  calls,
  type EventName,
} from '../../src-worker/contract/api'
import type { Engine } from '../../src-worker/contract/rpc'
import type { RunSummary, SweepSpec } from '../../src-worker/contract/run'
import { createWorkbench } from '../../src-worker/workbench'
import { shared } from '../shared'
import { temporaryFolder } from '../temporary'
import { resources, tinySpec, writeTexts } from '../train/runs'

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

async function open(home: string) {
  const events: (readonly [EventName, unknown])[] = []
  const emit = (name: EventName, data: unknown): void => void events.push([name, data])
  const setup = { home, resources, host: 'process' as const }
  const engine = await createWorkbench(setup, { emit, moveToProcess: () => undefined })
  engines.push(engine)
  const call = async <N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResult<N>> => {
    const parsed: unknown = calls[name].args.parse(args)
    const answer = await (engine.api[name] as (a: unknown) => Promise<unknown>)(parsed)
    return calls[name].result.parse(answer) as CallResult<N>
  }
  const until = async (id: string, wanted: (run: RunSummary) => boolean): Promise<RunSummary> => {
    for (let i = 0; i < 600; i++) {
      const run = (await call('runs', {})).find(r => r.id === id)
      if (run !== undefined && wanted(run)) return run
      await sleep(50)
    }
    throw new Error(`${id} never came to it`)
  }
  return { engine, events, call, until }
}

const ended = ({ state }: RunSummary): boolean =>
  ['done', 'failed', 'stopped', 'paused'].includes(state.kind)

function tinySweep(home: string, tokens: number[], steps = 8): SweepSpec {
  const { prompt: _prompt, ...base } = tinySpec(writeTexts(home), { training: { steps } })
  const prompt = { type: 'direct' as const, init: { kind: 'vocabulary' as const } }
  return {
    name: 'tiny',
    base: { ...base, prompt },
    tokens,
    models: [],
    datasets: [],
    seeds: [1],
    untrained: false,
  }
}

test('a sweep runs cell by cell; starting it again runs nothing', async () => {
  const home = temporaryFolder()
  const { call, until, events } = await open(home)
  const sweep = tinySweep(home, [0, 2])
  const { runs } = await call('startSweep', { sweep, frozen: '' })
  expect(runs.length).toBe(3)
  const summaries: RunSummary[] = []
  for (const id of runs) summaries.push(await until(id, ended))
  expect(summaries.map(s => s.state)).toEqual(Array(3).fill({ kind: 'done' }))
  expect(new Set(summaries.map(s => s.sweep))).toEqual(new Set(['tiny']))
  expect((await call('startSweep', { sweep, frozen: '' })).runs).toEqual(runs)
  expect((await call('runs', {})).length).toBe(3)
  const plan = await call('planSweep', { request: 'p', sweep, measure: false })
  expect(plan.cells.map(c => c.existing)).toEqual(runs)
  expect(events.some(([name]) => name === 'metrics')).toBe(true)

  const trained = summaries.find(s => s.spec.prompt.type === 'direct') as RunSummary
  const [series] = await call('series', {
    runs: [trained.id],
    tags: ['Loss'],
    x: 'step',
    points: 100,
    smoothing: 0.5,
    from: null,
    to: null,
  })
  expect(series?.x).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect((await call('results', { id: trained.id })).length).toBe(3)
  const csv = await call('exportMetrics', {
    runs: [trained.id],
    tags: ['Test Loss'],
    format: 'csv',
  })
  expect(csv.split('\n').length).toBe(2)
  expect(csv).toMatch(/^run,tag,step,tokens,seconds,value\n/)
  expect(await call('runCommand', { id: trained.id })).toMatch(
    /^spw train --experiment autoregressive/,
  )
  const analysis = await call('analyse', { runs, options: { draws: 50 } })
  expect(analysis.curves.some(c => c.points.some(p => p.tokens === 2))).toBe(true)
})

test('pause, stop, resume, fork, rename, trash and undo', async () => {
  const home = temporaryFolder()
  const { call, until } = await open(home)
  const { runs } = await call('startSweep', { sweep: tinySweep(home, [2], 400), frozen: '' })
  const id = runs[0] as string
  await until(id, r => r.step > 2)
  await expect(call('trashRuns', { ids: [id] })).rejects.toThrow(/is (training|testing)/)
  await call('pauseRun', { id })
  const paused = await until(id, ended)
  expect(paused.state.kind).toBe('paused')
  await call('resumeRun', { id, steps: 0 })
  await until(id, r => r.step > paused.step)
  await call('stopRun', { id })
  const stopped = await until(id, ended)
  expect(stopped.state.kind).toBe('stopped')
  expect(stopped.restarts).toEqual([paused.step])

  const detail = await call('run', { id })
  const from = detail.checkpoints[0]?.path as string
  const { run } = await call('forkRun', { snapshot: from, changes: { training: { steps: 4 } } })
  const forked = await until(run, ended)
  expect(forked.state).toEqual({ kind: 'done' })
  expect(forked.spec.prompt).toMatchObject({ init: { kind: 'snapshot', path: from } })

  const edited = await call('editRun', { id, name: '<img src=x>', note: 'a note', colour: 3 })
  expect(edited).toMatchObject({ name: '<img src=x>', note: 'a note', colour: 3 })
  await call('trashRuns', { ids: [id] })
  expect((await call('runs', {})).map(r => r.id)).toEqual([run])
  await call('restoreRuns', { ids: [id] })
  expect((await call('runs', {})).map(r => r.id).sort()).toEqual([id, run].sort())
  await expect(call('resumeRun', { id, steps: 3 })).rejects.toThrow(
    /at step \d+, so it cannot go on to 3/,
  )
})

test('what another process made appears by itself', async () => {
  const home = temporaryFolder()
  const { events } = await open(home)
  const { createRun } = await import('../../src-worker/train/run-folder')
  await createRun(home, tinySpec(writeTexts(home)))
  for (let i = 0; i < 60 && !events.some(([n]) => n === 'runsChanged'); i++) await sleep(50)
  expect(events.some(([n]) => n === 'runsChanged')).toBe(true)
})

test('snapshots: imported, looked into, sampled, exported, thrown away and back', async () => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'models'))
  symlinkSync(shared('models/tiny-neox'), join(home, 'models', 'tiny-neox'))
  const { call } = await open(home)
  const entry = await call('importSnapshot', { path: shared('reference/snapshots/direct_p5.pt') })
  expect(entry).toMatchObject({
    kind: 'imported',
    misfit: '',
    metadata: { shape: { tokens: 5, width: 64 } },
  })
  expect(entry.modelPath).toContain('tiny-neox')
  const detail = await call('snapshot', { path: entry.path })
  expect(detail.tensors).toMatchObject([{ name: 'embedding', shape: [5, 64] }])
  expect(detail.nearest.map(n => n.length)).toEqual([5, 5, 5, 5, 5])
  const request = {
    request: 's',
    speaker: { snapshot: entry.path },
    prompt: 'a',
    seed: 3,
    sampling: { maxTokens: 6 },
  }
  const first = await call('sample', request)
  expect(first.samples[0]?.tokens.length).toBeGreaterThan(0)
  expect((await call('sample', request)).samples).toEqual(first.samples)
  expect((await call('warmModels', {})).map(w => w.model)).toEqual(['tiny-neox'])
  await call('unloadModels', {})
  expect(await call('warmModels', {})).toEqual([])
  const to = join(home, 'adapter')
  await call('exportSnapshot', { path: entry.path, to, format: 'peft', conditions: [] })
  const again = await call('importSnapshot', { path: to })
  expect(again.metadata).toMatchObject({ source: 'peft', shape: { tokens: 5 } })
  await call('trashSnapshot', { path: entry.path })
  expect((await call('snapshots', {})).map(s => s.path)).toEqual([again.path])
  await call('restoreSnapshot', { path: entry.path })
  expect((await call('snapshots', {})).length).toBe(2)
  await expect(
    call('trashSnapshot', { path: shared('reference/snapshots/direct_p5.pt') }),
  ).rejects.toThrow('does not lie in')
  await expect(
    call('importSnapshot', { path: shared('reference/snapshots/malformed/evil_zip_os_system.pt') }),
  ).rejects.toMatchObject({ code: 'bad-snapshot' })
})

test('chess, paths and text of the bundled model, with and without its start token', async () => {
  const { call } = await open(temporaryFolder())
  const speaker = { model: 'workbench-demo-base', startToken: true }
  const chess = await call('chess', {
    request: 'c',
    speaker,
    moves: ['e2e4', 'e7e5'],
    choose: 'argmax',
  })
  const mass = chess.moves.reduce((n, m) => n + m.probability, 0)
  expect(mass + chess.illegalMass).toBeCloseTo(1, 5)
  expect(chess.chosen).toBe(chess.moves[0]?.uci)
  expect(chess.moves.length).toBe(29)
  const board = await call('randomBoard', { seed: 3, width: 5, height: 7 })
  expect(board).toEqual(await call('randomBoard', { seed: 3, width: 5, height: 7 }))
  const walk = await call('path', { request: 'p', speaker, board, steps: 20, constrained: true })
  expect(walk.steps.length).toBeGreaterThan(0)
  expect(walk.steps.every(s => !s.hit)).toBe(true)
  await expect(
    call('chess', { request: 'c', speaker, fen: '8/8/8/8/8/8/8/8 w - - 0 1' }),
  ).rejects.toMatchObject({ code: 'bad-data' })
})

test('library: models with their faults, datasets, settings, cards', async () => {
  const home = temporaryFolder()
  const { call, events } = await open(home)
  expect((await call('models', {})).map(m => [m.id, m.bundled, m.fault])).toEqual([
    ['workbench-demo-base', true, null],
    ['workbench-demo-chat', true, null],
  ])
  const added = await call('addModel', { path: shared('models/tiny-llama') })
  expect(added).toMatchObject({ family: 'llama', hiddenSize: 64, layers: 3 })
  await call('removeModel', { path: added.path })
  await expect(call('addModel', { path: home })).rejects.toMatchObject({ code: 'not-found' })
  const data = writeTexts(home)
  expect(await call('addDataset', { path: data, field: '' })).toMatchObject({
    kind: 'text',
    bundled: false,
  })
  expect((await call('previewDataset', { path: data, field: '', count: 2 })).rows.length).toBe(2)
  const games = (await call('datasets', {})).find(d => d.kind === 'chess')?.path as string
  expect(
    (await call('previewDataset', { path: games, field: '', count: 2 })).rows[0],
  ).toMatchObject({ whiteElo: expect.any(Number) })
  const settings = await call('settings', {})
  expect(await call('saveSettings', { ...settings, theme: 'dark', threads: 1 })).toMatchObject({
    theme: 'dark',
    threads: 1,
  })
  expect(events.some(([n]) => n === 'libraryChanged')).toBe(true)
  const cards = await call('experiments', {})
  expect(cards.length).toBe(8)
  for (const { kind, demo } of cards) {
    const spec = await call('resolveSpec', demo)
    expect(spec.experiment.kind).toBe(kind)
    const [example] = await call('previewExamples', { spec: demo, count: 1 })
    expect(example?.pieces.some(p => p.role === 'label')).toBe(true)
  }
})
