// spw doctor: each kind of damage is found; what can be repaired is, and a second look finds nothing.
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { fetchFile } from '../../src-worker/dataset/remote'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { temporaryPath } from '../../src-worker/weights/atomic'
import { openSnapshot } from '../../src-worker/weights/snapshot-file'
import { writeCache } from '../../src-worker/workbench/metric-cache'
import { column } from '../../src-worker/workbench/metric-table'
import { trashFiles } from '../../src-worker/workbench/trash'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec, writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

/** Changes one bit of a file, so many bytes from its end. */
function flip(path: string, fromEnd = 3): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - fromEnd]! ^= 0x80
  writeFileSync(path, bytes)
}

async function trainedHome() {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), {
    training: { steps: 4, checkpointEvery: 2 },
    results: { prompts: 0, metricSamples: 0 },
  })
  const folder = await createRun(home, spec)
  await runToEnd(folder, home)
  const { call } = await openEngine(home)
  const check = async (fix: boolean) =>
    (await call('checkHome', { request: 'c', fix })).findings.map(
      f => [f.path, f.state, f.what] as const,
    )
  return { home, folder, files: runFiles(folder), call, check }
}

test('a whole home has no findings; leftovers of dead processes are removed', async () => {
  const { home, folder, check } = await trainedHome()
  expect(await check(true)).toEqual([])
  const half = join(home, 'runs', '.2026-11-28-half-made')
  mkdirSync(half)
  const left = temporaryPath(join(folder, 'state.json'))
  writeFileSync(left, '')
  expect(await check(true)).toEqual([]) // this process lives, and both are young
  for (const path of [half, left]) utimesSync(path, 0, 0)
  expect((await check(false)).map(([path, state]) => [basename(path), state])).toEqual([
    [basename(left), 'fixable'],
    [basename(half), 'fixable'],
  ])
  expect((await check(true)).every(([, state]) => state === 'fixed')).toBe(true)
  expect(await check(false)).toEqual([])
  expect(readdirSync(folder)).not.toContain(basename(left))
})

test('state, label and snapshot are made again from the files beside them; a spec is a person’s to restore', async () => {
  const { files, call, check } = await trainedHome()
  const before = await call('runs', {})
  const snapshot = await openSnapshot(files.snapshot)
  writeFileSync(files.state, '{')
  writeFileSync(files.label, 'junk')
  writeFileSync(files.snapshot, readFileSync(files.snapshot).subarray(0, -5))
  expect((await check(true)).map(([path, state]) => [basename(path), state])).toEqual([
    ['label.json', 'fixed'],
    ['state.json', 'fixed'],
    ['snapshot.safetensors', 'fixed'],
  ])
  expect(await check(false)).toEqual([])
  const again = await openSnapshot(files.snapshot)
  expect(again.parameters).toEqual(snapshot.parameters)
  expect(again.metadata.finalTestLoss).toBe(snapshot.metadata.finalTestLoss)
  const [run] = await call('runs', {})
  expect(run).toMatchObject({ state: { kind: 'stopped' }, step: 4, metrics: before[0]?.metrics })
  writeFileSync(files.spec, '')
  expect((await check(true)).map(([path, state]) => [basename(path), state])).toEqual([
    ['spec.json', 'manual'],
  ])
})

test('whatever of a run’s other files is damaged, everything goes on without it, and the check names it', async () => {
  const { home, folder, call, check } = await trainedHome()
  const names = ['behaviour.json', 'checkpoint-tests.json', 'data-report.json', 'final-test.json']
  const damaged = [...names, 'memory.json', 'provenance.json', 'results.jsonl']
  for (const name of damaged) writeFileSync(join(folder, name), '{"loss": 3, "sums": [1,')
  for (const [folderName, name] of [
    ['answers', 'a.json'],
    ['.', 'allowed-commands.json'],
    ['jobs/one', 'job.json'],
  ] as const) {
    mkdirSync(join(home, folderName), { recursive: true })
    writeFileSync(join(home, folderName, name), '[')
  }
  const id = basename(folder)
  const [run] = await call('runs', {})
  expect(run).toMatchObject({ id, state: { kind: 'done' }, step: 4 })
  const detail = await call('run', { id })
  expect([detail.dataReport, detail.provenance]).toEqual([{}, null])
  expect(await call('results', { id })).toEqual([])
  expect((await call('analyse', { runs: [id], options: {} })).behaviours).toHaveLength(1)
  expect([await call('answers', {}), await call('jobs', {})]).toEqual([[], []])
  const found = (await check(true)).map(([path, state]) => [basename(path), state])
  expect(found).toEqual(
    ['allowed-commands.json', 'a.json', ...damaged].map(name => [name, 'fixed']),
  )
  expect(await check(false)).toEqual([])
})

test('a damaged checkpoint goes to the trash, and bits that turn there are seen', async () => {
  const { home, files, check } = await trainedHome()
  const checkpoint = join(files.checkpoints, 'step-000002.safetensors')
  writeFileSync(checkpoint, readFileSync(checkpoint).subarray(0, -1))
  const path = `runs/${basename(join(files.checkpoints, '..'))}/checkpoints/step-000002.safetensors`
  const [found] = await check(true)
  expect(found?.slice(0, 2)).toEqual([path, 'fixed'])
  expect(found?.[2]).toMatch(/truncated/)
  const [id = ''] = readdirSync(join(home, 'trash'))
  flip(trashFiles(home, id).content)
  expect((await check(true)).map(([p, state]) => [p, state])).toEqual([
    [`trash/${id}/content`, 'manual'],
  ])
})

test('a bit flipped in a cache: columns, fetched files; settings that nothing can read', async () => {
  const { home, check } = await trainedHome()
  const columns = join(home, 'cache', 'series', 'r.columns')
  const numbers = column(Float64Array.of(1, 2, 3), 3)
  await writeCache(
    columns,
    {
      mark: { inode: 1, end: 9, tail: '' },
      x: { step: numbers, tokens: numbers, time: numbers },
      tags: new Map([['Loss', { rows: numbers, y: numbers }]]),
    },
    { inode: 1, size: 9, modified: 1 },
  )
  expect(await check(false)).toEqual([])
  const whole = readFileSync(columns)
  const header = whole.toString('latin1')
  // numbers of rows beyond any file, which once ended the process
  for (const rows of ['9007199254740991', '2305843009213693952']) {
    writeFileSync(columns, header.replace('"rows":3', `"rows":${rows}`), 'latin1')
    expect((await check(false)).map(([p]) => p)).toEqual(['cache/series/r.columns'])
  }
  writeFileSync(columns, whole)
  flip(columns)
  writeFileSync(join(home, 'settings.json'), '{"theme": 7}')
  expect((await check(true)).map(([p, state]) => [p, state])).toEqual([
    ['settings.json', 'fixed'],
    ['cache/series/r.columns', 'fixed'],
  ])
  expect(await check(false)).toEqual([])
})

test('a fetched file that changed on the disk is fetched again', async () => {
  const home = temporaryFolder()
  const { createServer } = await import('node:http')
  let asked = 0
  const server = createServer((_, answer) => {
    asked++
    answer.end('the whole text\n'.repeat(100))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  try {
    const path = await fetchFile(`http://127.0.0.1:${port}/a.txt`, { home })
    const text = readFileSync(path, 'utf8')
    await fetchFile(`http://127.0.0.1:${port}/a.txt`, { home })
    expect(asked).toBe(1)
    flip(path)
    utimesSync(path, 1, 1)
    await fetchFile(`http://127.0.0.1:${port}/a.txt`, { home })
    expect(asked).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe(text)
  } finally {
    server.close()
  }
})
