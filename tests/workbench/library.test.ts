// The engine through its contract: snapshots, playgrounds, library.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { referencePath } from '../reference-path'
import { temporaryFolder } from '../temporary'
import { writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

test('snapshots: imported, looked into, sampled, exported, thrown away and back', async () => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'models'))
  symlinkSync(referencePath('models/tiny-neox'), join(home, 'models', 'tiny-neox'))
  const { call } = await openEngine(home)
  const entry = await call('importSnapshot', {
    path: referencePath('reference/snapshots/direct_p5.pt'),
  })
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
    promptedModel: { snapshot: entry.path },
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
    call('trashSnapshot', { path: referencePath('reference/snapshots/direct_p5.pt') }),
  ).rejects.toThrow('does not lie in')
  await expect(
    call('importSnapshot', { path: referencePath('reference/snapshots/direct_p0.pt') }),
  ).rejects.toMatchObject({
    message: 'direct_p0.pt is a soft prompt of 0 tokens: nothing stands before the text',
  })
  await expect(
    call('importSnapshot', {
      path: referencePath('reference/snapshots/malformed/evil_zip_os_system.pt'),
    }),
  ).rejects.toMatchObject({ code: 'bad-snapshot' })
})

test('chess, paths and text of the bundled model, with and without its start token', async () => {
  const { call } = await openEngine(temporaryFolder())
  const promptedModel = { model: 'workbench-demo-base', startToken: true }
  const chess = await call('chess', {
    request: 'c',
    promptedModel,
    moves: ['e2e4', 'e7e5'],
    choose: 'argmax',
  })
  const mass = chess.moves.reduce((n, m) => n + m.probability, 0)
  expect(mass + chess.illegalMass).toBeCloseTo(1, 5)
  expect(chess.chosen).toBe(chess.moves[0]?.uci)
  expect(chess.moves.length).toBe(29)
  const board = await call('randomBoard', { seed: 3, width: 5, height: 7 })
  expect(board).toEqual(await call('randomBoard', { seed: 3, width: 5, height: 7 }))
  const walk = await call('path', {
    request: 'p',
    promptedModel,
    board,
    steps: 20,
    constrained: true,
  })
  expect(walk.steps.length).toBeGreaterThan(0)
  expect(walk.steps.every(s => !s.hit)).toBe(true)
  await expect(
    call('chess', { request: 'c', promptedModel, fen: '8/8/8/8/8/8/8/8 w - - 0 1' }),
  ).rejects.toMatchObject({ code: 'bad-data' })
})

test('library: models with their faults, datasets, settings, cards', async () => {
  const home = temporaryFolder()
  const { call, events } = await openEngine(home)
  expect((await call('models', {})).map(m => [m.id, m.bundled, m.fault])).toEqual([
    ['workbench-demo-base', true, null],
    ['workbench-demo-chat', true, null],
    ['workbench-demo-locked', true, null],
    ['workbench-demo-twin', true, null],
  ])
  const added = await call('addModel', { path: referencePath('models/tiny-llama') })
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
  const cards = await call('behaviours', {})
  expect(cards.length).toBe(8)
  for (const { kind, demo } of cards) {
    const spec = await call('resolveSpec', demo)
    expect(spec.experiment.kind).toBe(kind)
    const { examples } = await call('previewExamples', { spec: demo, count: 1 })
    expect(examples[0]?.chunks.some(p => p.role === 'label')).toBe(true)
  }
})
