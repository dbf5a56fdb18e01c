// The index reports each change once, from any process, and nothing when nothing changed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Emit, EventData } from '../../src-worker/contract/api'
import { runSpecSchema } from '../../src-worker/contract/run-spec'
import { newLease, processStart } from '../../src-worker/train/lease'
import {
  createRun,
  emptyState,
  readLabel,
  runFiles,
  writeLabel,
  writeState,
} from '../../src-worker/train/run-folder'
import { openContext } from '../../src-worker/workbench/context'
import { openRunIndex, type RunIndex } from '../../src-worker/workbench/run-index'
import { moveToTrash, restoreFromTrash } from '../../src-worker/workbench/trash'
import { temporaryFolder } from '../temporary'

const spec = runSpecSchema.parse({
  experiment: { kind: 'autoregressive' },
  model: 'workbench-demo-base',
  data: { path: 'demo' },
  prompt: { type: 'none' },
  training: { steps: 10 },
})
const indices: RunIndex[] = []
afterEach(() => {
  for (const index of indices.splice(0)) index.close()
})

function indexOf(home: string) {
  const reported: EventData<'runsChanged'>[] = []
  const library: EventData<'libraryChanged'>[] = []
  const emit = ((name: string, data: unknown) => {
    if (name === 'runsChanged') reported.push(data as EventData<'runsChanged'>)
    if (name === 'libraryChanged') library.push(data as EventData<'libraryChanged'>)
  }) as Emit
  const index = openRunIndex(openContext({ home, resources: '' }, 'me', emit), new Set(['me']))
  indices.push(index)
  /** what one more look reports: ids that changed, ids that are gone */
  const news = async () => {
    reported.length = 0
    await index.list()
    return reported.flatMap(t => [...t.runs.map(r => r.id), ...t.gone.map(id => `- ${id}`)])
  }
  /** how often one more look reports that snapshots changed */
  const libraryNews = async () => {
    library.length = 0
    await index.list()
    return library.filter(({ what }) => what === 'snapshots').length
  }
  return { index, news, libraryNews }
}

test('what is there at first is listed, not reported; changes are reported once', async () => {
  const home = temporaryFolder()
  const first = await createRun(home, spec)
  const { index, news } = indexOf(home)
  expect(await news()).toEqual([])
  expect((await index.list()).map(r => r.id)).toEqual([basename(first)])
  const second = await createRun(home, spec)
  expect(await news()).toEqual([basename(second)])
  expect(await news()).toEqual([])
  await writeLabel(first, { ...(await readLabel(first)), name: 'renamed' })
  expect(await news()).toEqual([basename(first)])
  await writeState(first, { ...emptyState(), step: 3 })
  expect(await news()).toEqual([basename(first)])
  expect((await index.known()).map(r => [r.name, r.step])).toContainEqual(['renamed', 3])
  rmSync(second, { recursive: true })
  expect(await news()).toEqual([`- ${basename(second)}`])
})

test('what comes to the library and leaves it is reported once: checkpoints, the snapshot, a new name', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, spec)
  const files = runFiles(folder)
  const training = async () => {
    const lease = newLease('me')
    await writeState(folder, { ...emptyState(), state: { kind: 'training' }, step: 1, lease })
  }
  await training()
  const { libraryNews } = indexOf(home)
  expect(await libraryNews()).toBe(0)
  await training()
  expect(await libraryNews()).toBe(0)
  writeFileSync(join(files.checkpoints, 'step-000001.safetensors'), 'x')
  expect(await libraryNews()).toBe(1)
  expect(await libraryNews()).toBe(0)
  writeFileSync(files.snapshot, 'x')
  expect(await libraryNews()).toBe(1)
  await writeLabel(folder, { ...(await readLabel(folder)), name: 'renamed' })
  expect(await libraryNews()).toBe(1)
  await createRun(home, spec)
  expect(await libraryNews()).toBe(0)
  rmSync(folder, { recursive: true })
  expect(await libraryNews()).toBe(1)
})

test('a run whose owner dies is reported, though no file changes', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, spec)
  const lease = { ...newLease('other'), heartbeat: Date.now() - 5700 }
  await writeState(folder, { ...emptyState(), state: { kind: 'training' }, lease })
  const { index, news } = indexOf(home)
  const kinds = async () => (await index.known()).map(r => r.state.kind)
  await news()
  expect(await kinds()).toEqual(['training'])
  await new Promise(done => setTimeout(done, 500))
  expect(await news()).toEqual([basename(folder)])
  expect(await kinds()).toEqual(['interrupted'])
})

test('one run is looked at without the others; one that came back from the trash is there again', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, spec)
  const { index, news } = indexOf(home)
  await news()
  await writeState(folder, { ...emptyState(), step: 7 })
  expect((await index.refresh(basename(folder))).step).toBe(7)
  await moveToTrash(home, folder)
  expect(await news()).toEqual([`- ${basename(folder)}`])
  await expect(index.refresh(basename(folder))).rejects.toThrow('ENOENT')
  await restoreFromTrash(home, folder)
  expect(await news()).toEqual([basename(folder)])
})

test('a run that waits for a process is seen as interrupted once that has died, though no file changes', async () => {
  const home = temporaryFolder()
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const lease = { ...newLease('other'), pid: child.pid ?? 0 }
  await createRun(home, spec, {}, { ...lease, processStart: processStart(lease.pid) })
  const { index } = indexOf(home)
  const kind = async () => (await index.list())[0]?.state.kind
  expect(await kind()).toBe('queued')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await expect.poll(kind).toBe('interrupted')
})
