// The trash loses nothing: whatever was deleted comes back as it was, or says that it changed.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSnapshot } from '../../src-worker/weights/snapshot-file'
import {
  moveToTrash,
  restoreFromTrash,
  trashFiles,
  trashIds,
} from '../../src-worker/workbench/trash'
import { temporaryFolder } from '../temporary'
import { openEngine } from './open-engine'

const text = (path: string): string => readFileSync(path, 'utf8')

test('two files whose long names end alike, and two that lay at one path, come back with their own content', async () => {
  const home = temporaryFolder()
  const long = 'x'.repeat(80)
  const [a, b] = [join(home, `a-${long}`), join(home, `b-${long}`)]
  writeFileSync(a, 'a')
  writeFileSync(b, 'b')
  await moveToTrash(home, a)
  await moveToTrash(home, b)
  writeFileSync(a, 'later')
  await moveToTrash(home, a)
  expect((await trashIds(home)).length).toBe(3)
  await restoreFromTrash(home, a)
  expect(text(a)).toBe('later')
  await expect(restoreFromTrash(home, a)).rejects.toThrow(/something else lies at/)
  await moveToTrash(home, a)
  await restoreFromTrash(home, b)
  expect(text(b)).toBe('b')
  expect((await trashIds(home)).length).toBe(2)
})

test('what changed in the trash is not given back as if it were whole', async () => {
  const home = temporaryFolder()
  const run = join(home, 'runs', 'r')
  mkdirSync(join(run, 'checkpoints'), { recursive: true })
  writeFileSync(join(run, 'checkpoints', 'c'), 'numbers')
  writeFileSync(join(run, 'spec.json'), '{}')
  await moveToTrash(home, run)
  const [id = ''] = readdirSync(join(home, 'trash'))
  writeFileSync(join(trashFiles(home, id).content, 'checkpoints', 'c'), 'numbets')
  await expect(restoreFromTrash(home, run)).rejects.toThrow(
    /1 files of r changed in the trash, among them checkpoints.c/,
  )
  expect(readdirSync(trashFiles(home, id).content)).toContain('spec.json')
})

test('only single soft prompts are moved by trashSnapshot', async () => {
  const home = temporaryFolder()
  const { call } = await openEngine(home)
  mkdirSync(join(home, 'runs', 'r'), { recursive: true })
  writeFileSync(join(home, 'settings.safetensors'), '')
  for (const path of ['runs', 'runs/r', 'snapshots', 'settings.json', 'settings.safetensors', '.'])
    await expect(call('trashSnapshot', { path: join(home, path) })).rejects.toThrow(
      /is no soft prompt of the library|does not lie in/,
    )
  const path = join(home, 'snapshots', 'p.safetensors')
  await writeSnapshot(path, {
    metadata: {
      source: 'workbench',
      model: 'm',
      shape: { type: 'direct', tokens: 1, width: 2 },
      conditionNames: [],
      training: {},
    },
    parameters: new Map([['embedding', { shape: [1, 2], data: new Float32Array(2) }]]),
  })
  await call('trashSnapshot', { path })
  expect(await call('snapshots', {})).toEqual([])
  await call('restoreSnapshot', { path })
  expect((await call('snapshots', {})).map(s => s.path)).toEqual([path])
})
