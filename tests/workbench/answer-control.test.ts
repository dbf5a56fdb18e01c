// The control of an answer: every completion behind another prompt, none lost, tested on the true pairs.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveSpec } from '../../src-worker/spec/resolve'
import {
  controlsFolder,
  shuffledCompletions,
  shuffledData,
} from '../../src-worker/workbench/answer-control'
import { temporaryFolder } from '../temporary'

test.each([2, 3, 10, 101])('%d completions: none stays, none is lost', count => {
  const records = Array.from({ length: count }, (_, i) => ({
    prompt: `p${i}`,
    completion: `c${i}`,
  }))
  const shuffled = shuffledCompletions(records, 'completion')
  expect(shuffled.map(r => r.prompt)).toEqual(records.map(r => r.prompt))
  expect(shuffled.every((r, i) => r.completion !== `c${i}`)).toBe(true)
  expect(shuffled.map(r => String(r.completion)).sort()).toEqual(
    records.map(r => r.completion).sort(),
  )
})

const specOf = (path: string) =>
  resolveSpec({ experiment: { kind: 'custom' }, model: 'demo', data: { path } })

test('a file of its own, tested on the true pairs; the same file again', async () => {
  const home = temporaryFolder()
  const path = join(home, 'pairs.jsonl')
  await writeFile(
    path,
    ['a', 'b', 'c'].map(x => JSON.stringify({ prompt: x, completion: x })).join('\n'),
  )
  const places = { home, resources: '' }
  const data = await shuffledData(specOf(path), places)
  expect(data.testPath).toBe(path)
  expect(data.path.startsWith(controlsFolder(home))).toBe(true)
  const lines = (await readFile(data.path, 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(3)
  expect(await shuffledData(specOf(path), places)).toEqual(data)
})

test('data without completions are refused in words', async () => {
  const home = temporaryFolder()
  const path = join(home, 'texts.jsonl')
  await writeFile(path, '{"text":"one"}\n{"text":"two"}\n')
  await expect(shuffledData(specOf(path), { home, resources: '' })).rejects.toMatchObject({
    code: 'bad-file',
    message: `${path} has no field "completion" in each of its 2 lines to shuffle for the control`,
  })
})
