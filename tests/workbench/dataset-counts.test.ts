// Numbers of documents through the contract: in the background, kept, and asked for when the data are large.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../temporary'
import { writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

type Opened = Awaited<ReturnType<typeof openEngine>>

/** What the library says of a data set, once it counts no longer. */
async function documentsOf({ call }: Opened, path: string) {
  const now = async () => (await call('datasets', {})).find(d => d.path === path)?.documents
  await expect.poll(async () => (await now())?.kind, { timeout: 10_000 }).not.toBe('counting')
  return now()
}

test('counted once, kept by the fingerprint, counted anew when the data change', async () => {
  const home = temporaryFolder()
  const engine = await openEngine(home)
  const path = writeTexts(temporaryFolder(), 120)
  const added = await engine.call('addDataset', { path, field: '' })
  expect(added.documents).toEqual({ kind: 'counting' })
  expect(await documentsOf(engine, path)).toEqual({ kind: 'counted', count: 120 })
  expect(engine.events).toContainEqual(['libraryChanged', { what: 'datasets' }])

  const kept = join(home, 'cache', 'documents.json')
  const counts = () => Object.values(JSON.parse(readFileSync(kept, 'utf8'))).filter(n => n === 120)
  const moved = join(temporaryFolder(), 'moved.jsonl')
  copyFileSync(path, moved)
  await engine.call('addDataset', { path: moved, field: '' })
  expect(await documentsOf(engine, moved)).toEqual({ kind: 'counted', count: 120 })
  expect(counts().length).toBe(1)

  appendFileSync(path, `\n${JSON.stringify({ text: 'one more' })}`)
  expect(await documentsOf(engine, path)).toEqual({ kind: 'counted', count: 121 })
})

test('bundled data are counted; what is elsewhere or made is not, and says so', async () => {
  const engine = await openEngine(temporaryFolder())
  await engine.call('addDataset', { path: 'https://127.0.0.1/far.jsonl', field: '' })
  const entries = await engine.call('datasets', {})
  for (const { path, kind } of entries) {
    const documents = await documentsOf(engine, path)
    if (kind === 'procedural' || path.startsWith('https'))
      expect(documents).toMatchObject({ kind: 'not-counted', countable: false })
    else expect(documents).toMatchObject({ kind: 'counted' })
  }
})

test('data that cannot be read say why, and can be tried again', async () => {
  const engine = await openEngine(temporaryFolder())
  const path = join(temporaryFolder(), 'a.jsonl')
  writeFileSync(path, [1, 2, 3].map(n => JSON.stringify({ text: String(n) })).join('\n'))
  await engine.call('addDataset', { path, field: '' })
  await documentsOf(engine, path)
  writeFileSync(path, 'no JSON\n'.repeat(60))
  expect(await documentsOf(engine, path)).toEqual({
    kind: 'not-counted',
    countable: true,
    why: expect.stringContaining('records are unusable'),
  })
  writeFileSync(path, JSON.stringify({ text: 'well again' }))
  expect(await documentsOf(engine, path)).toEqual({ kind: 'counted', count: 1 })
})

test('large data wait until somebody asks, and can be stopped', async () => {
  const home = temporaryFolder()
  const engine = await openEngine(home)
  const path = join(temporaryFolder(), 'large.txt')
  writeFileSync(path, 'a line\n')
  await engine.call('addDataset', { path, field: '' })
  await documentsOf(engine, path)
  truncateSync(path, 3e9) // zeros, which take no disk
  expect(await documentsOf(engine, path)).toEqual({
    kind: 'not-counted',
    why: '',
    countable: true,
  })
  await engine.call('countDataset', { path })
  const now = async () => (await engine.call('datasets', {})).find(d => d.path === path)?.documents
  expect(await now()).toEqual({ kind: 'counting' })
  await engine.call('cancel', { request: `count ${path}` })
  expect(await documentsOf(engine, path)).toMatchObject({ kind: 'not-counted', countable: true })
  await expect(engine.call('countDataset', { path: '/nowhere' })).rejects.toMatchObject({
    code: 'not-found',
    message: '/nowhere is not in the library',
  })
  expect(existsSync(join(home, 'cache'))).toBe(true)
})
