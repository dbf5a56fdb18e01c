import { mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { removeTemporaries, temporaryPath, writeAtomically } from '../../src-worker/weights/atomic'

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'spw-atomic-'))

test('a file is replaced whole, missing folders are made, nothing else is left behind', async () => {
  const folder = join(await newFolder(), 'a', 'b')
  const path = join(folder, 'state.json')
  await writeAtomically(path, 'old and longer')
  await writeAtomically(path, 'new')
  expect(await readFile(path, 'utf8')).toBe('new')
  await writeAtomically(path, [new Uint8Array([1, 2]), new Uint8Array([3])])
  expect([...(await readFile(path))]).toEqual([1, 2, 3])
  expect(await readdir(folder)).toEqual(['state.json'])
})

test('a failure while writing leaves the old file and no temporary one', async () => {
  const folder = await newFolder()
  const path = join(folder, 'state.json')
  await writeAtomically(path, 'old')
  function* broken(): Generator<Uint8Array> {
    yield new Uint8Array(1000)
    throw new Error('interrupted')
  }
  await expect(writeAtomically(path, broken())).rejects.toThrow('interrupted')
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['state.json'])
})

test('writers at the same time never mix', async () => {
  const path = join(await newFolder(), 'state.json')
  const texts = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(100_000))
  await Promise.all(texts.map(text => writeAtomically(path, text)))
  expect(texts).toContain(await readFile(path, 'utf8'))
})

test('what killed processes left is removed when it is old enough; other files stay', async () => {
  const folder = await newFolder()
  const [old, fresh] = [
    temporaryPath(join(folder, 'a.json')),
    temporaryPath(join(folder, 'b.json')),
  ]
  for (const path of [old, fresh, join(folder, 'c.tmp'), join(folder, '.d')])
    await writeFile(path, '')
  await utimes(old, 0, 0)
  await removeTemporaries(folder, 60_000)
  expect(await readdir(folder)).not.toContain(basename(old))
  expect(await readdir(folder)).toContain(basename(fresh))
  await removeTemporaries(folder, 0)
  expect((await readdir(folder)).sort()).toEqual(['.d', 'c.tmp'])
  await removeTemporaries(join(folder, 'nowhere'), 0)
})
