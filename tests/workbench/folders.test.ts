// Folders of the engine's machine, as another one sees them.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderCalls } from '../../src-worker/workbench/folders'
import { temporaryFolder } from '../temporary'

const { listFolder } = folderCalls

test('names and sizes, sorted as people count; links as what they lead to; what is neither is counted', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'b'))
  for (const name of ['part-10', 'part-9']) writeFileSync(join(folder, name), name)
  symlinkSync(join(folder, 'b'), join(folder, 'a'))
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
  expect(await listFolder({ folder })).toEqual({
    path: folder,
    parent: join(folder, '..'),
    folders: ['a', 'b'],
    files: [
      { name: 'part-9', bytes: 6 },
      { name: 'part-10', bytes: 7 },
    ],
    left: 1,
  })
})

test('what is more than a person reads is counted, not shown', async () => {
  const folder = temporaryFolder()
  for (let i = 0; i < 2010; i++) writeFileSync(join(folder, `f${i}`), '')
  const { files, left } = await listFolder({ folder })
  expect([files.length, left]).toEqual([2000, 10])
})

test('no name is the folder of the user; the topmost has none above', async () => {
  expect((await listFolder({ folder: '' })).path).toBe(homedir())
  expect((await listFolder({ folder: '/' })).parent).toBeNull()
})

test('a file and a folder that is not there are faults that name them', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  for (const name of ['file', 'lost']) {
    const path = join(folder, name)
    await expect(listFolder({ folder: path })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(path),
    })
  }
})
