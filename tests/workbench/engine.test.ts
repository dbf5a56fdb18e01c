// The engine through its contract, as the app sees it: runs and sweeps.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RunSummary } from '../../src-worker/contract/run'
import type { SweepSpec } from '../../src-worker/contract/run-spec'
import { createRun } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { tinySpec, writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

const ended = ({ state }: RunSummary): boolean =>
  ['done', 'failed', 'stopped', 'paused'].includes(state.kind)

const isLibrary = (data: unknown): boolean => (data as { what?: string }).what === 'snapshots'

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
  const { call, until, events } = await openEngine(home)
  const sweep = tinySweep(home, [0, 2])
  const { runs } = await call('startSweep', { sweep, frozen: '' })
  expect(runs.length).toBe(3)
  const summaries: RunSummary[] = []
  for (const id of runs) summaries.push(await until(id, ended))
  expect(summaries.map(s => s.state)).toEqual(Array(3).fill({ kind: 'done' }))
  expect(new Set(summaries.map(s => s.sweep))).toEqual(new Set(['tiny']))
  expect((await call('startSweep', { sweep, frozen: '' })).runs).toEqual(runs)
  expect((await call('runs', {})).length).toBe(3)
  await call('renameSweep', { sweep: 'tiny', name: 'as I call it' })
  const renamed = await call('runs', {})
  expect(renamed.map(s => [s.sweep, s.sweepName])).toEqual(Array(3).fill(['tiny', 'as I call it']))
  expect((await call('startSweep', { sweep, frozen: '' })).runs).toEqual(runs)
  await expect(call('renameSweep', { sweep: 'other', name: '' })).rejects.toThrow(
    'no run belongs to the sweep other',
  )
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
  const lines = csv.trimEnd().split('\r\n')
  expect(lines[0]).toBe('run,tag,step,tokens,seconds,value')
  // the same batches before the first step and behind the last
  expect(lines.slice(1).map(line => line.split(',').slice(1, 3))).toEqual([
    ['Test Loss', '0'],
    ['Test Loss', '8'],
  ])
  expect(await call('runCommand', { id: trained.id })).toMatch(
    /^spw train --experiment autoregressive/,
  )
  const analysis = await call('analyse', { runs, options: { draws: 50 } })
  expect(analysis.curves.some(c => c.points.some(p => p.tokens === 2))).toBe(true)
})

test('pause, stop, resume, fork, rename, trash and undo', async () => {
  const home = temporaryFolder()
  const { call, until, events } = await openEngine(home)
  const tiny = tinySweep(home, [2], 400)
  const sweep = { ...tiny, base: { ...tiny.base, name: 'the first' } }
  const { runs } = await call('startSweep', { sweep, frozen: '' })
  const id = runs[0] as string
  expect((await until(id, r => r.step > 2)).spec.name).toBe('the first')
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

  const shelf = events.filter(([name, data]) => name === 'libraryChanged' && isLibrary(data))
  // one for the checkpoint of each stop, at least
  expect(shelf.length).toBeGreaterThanOrEqual(2)
  const detail = await call('run', { id })
  expect(detail.checkpoints[0]?.trainLoss).toBeGreaterThan(0)
  const from = detail.checkpoints[0]?.path as string
  const { run } = await call('forkRun', { snapshot: from, changes: { training: { steps: 400 } } })
  await until(run, r => r.step > 1)
  // one of two trains: none is moved
  await expect(call('trashRuns', { ids: [id, run] })).rejects.toThrow(/is (training|testing)/)
  expect((await call('runs', {})).map(r => r.id).sort()).toEqual([id, run].sort())
  await call('stopRun', { id: run })
  const forked = await until(run, ended)
  expect(forked.state.kind).toBe('stopped')
  expect(forked.spec.prompt).toMatchObject({ init: { kind: 'snapshot', path: from } })
  // two runs of one name would have to be told apart by their ids
  expect(forked.spec.name).toBe('')

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
  const { events } = await openEngine(home)
  await createRun(home, tinySpec(writeTexts(home)))
  for (let i = 0; i < 60 && !events.some(([n]) => n === 'runsChanged'); i++) await sleep(50)
  expect(events.some(([n]) => n === 'runsChanged')).toBe(true)
})
