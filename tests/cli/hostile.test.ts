// Bad input of every command: a fault with its code and fix, or wrong usage; never a stack trace, nothing broken.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { dataFiles } from '../../src-worker/dataset/files'
import { cachedPath } from '../../src-worker/dataset/remote'
import { runIds } from '../../src-worker/train/find-run'
import { createRun, readSpec, runFiles } from '../../src-worker/train/run-folder'
import { temporaryPath } from '../../src-worker/weights/atomic'
import { extendRun } from '../../src-worker/workbench/fork'
import { temporaryFolder } from '../temporary'
import { runToEnd, tinySpec, writeTexts } from '../train/runs'
import { spw } from './spw'

test.each<[string, readonly string[], number, RegExp]>([
  [
    'a spec that is not there',
    ['train', '--spec', 'nothing.json'],
    1,
    /^\nnot-found: nothing\.json/,
  ],
  ['no experiment', ['train'], 2, /usage: no experiment is given\nChoose one of/],
  ['an unknown run', ['resume', 'nothing'], 1, /not-found: no run is called nothing/],
  ['nothing to evaluate', ['eval', '--snapshot', 'nothing'], 1, /not-found: no snapshot at/],
  [
    'an evaluation that would train',
    ['eval', '--snapshot', 'nothing', '--tokens', '5', '--steps', '2', '--lr', '1'],
    2,
    /usage: --steps, --lr, --tokens: an evaluation trains nothing, and its prompt is the snapshot/,
  ],
  ['nothing to convert', ['convert', 'nothing', 'out'], 1, /not-found: no snapshot at/],
  [
    'a form that is not written',
    ['convert', 'in.pt', 'out.gguf'],
    2,
    /usage: out\.gguf cannot be written/,
  ],
  ['no name to write to', ['convert', 'in.pt', ''], 2, /usage: an empty name cannot be written/],
  ['an unknown unit', ['analyze', '--unit', 'foo'], 2, /usage: .*unit is "foo"/],
  ['a threshold of nothing', ['analyze', '--threshold', 'foo'], 2, /usage: the threshold "foo"/],
  ['draws of nothing', ['analyze', '--draws', 'x'], 2, /usage: /],
  [
    'an unknown demo',
    ['demo', 'foo'],
    2,
    /usage: there is no demo foo\nChoose locked, .*text or sweep/,
  ],
  ['logs that are not there', ['import', '/no/such/folder'], 1, /not-found: \/no\/such\/folder/],
])('%s', async (_, args, code, words) => {
  const said = await spw(temporaryFolder(), ...args)
  expect(said.err).toMatch(words)
  expect(said.code).toBe(code)
  expect(said.err).not.toMatch(/\n {4}at |engine:/)
})

test('a wrong --steps leaves the run as it was; a run that is done says how it goes on', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), {
    training: { steps: 2 },
    results: { prompts: 0, metricSamples: 0 },
  })
  const folder = await createRun(home, spec)
  await runToEnd(folder, home)
  const before = await readSpec(folder)
  await expect(extendRun(folder, 1e99)).rejects.toThrow('training.steps is 1e+99')
  expect(await readSpec(folder)).toEqual(before)
  const { code, out } = await spw(home, 'resume', folder)
  expect(code).toBe(0)
  expect(out).toMatch(/is done, at step 2; with --steps N it goes on/)
})

test('a run whose files are broken is reported, and hides no other', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home))
  const [broken, whole] = [await createRun(home, spec), await createRun(home, spec)]
  writeFileSync(runFiles(broken).state, '{')
  const { code, out, err } = await spw(home, 'runs', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject([{ folder: whole }])
  expect(err).toMatch(/cannot be read: .*state\.json is not JSON/)
})

test.each([
  ['SPW_HOME', (home: string) => home],
  ['its folder of runs', (home: string) => join(home, 'runs')],
])('a file in place of %s is a fault, not an empty list', async (_, place) => {
  const parent = join(temporaryFolder(), 'home')
  const file = place(parent)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'not a folder')
  const { code, out, err } = await spw(parent, 'runs')
  expect(code).toBe(1)
  expect(err).toMatch(/^\nnot-found: .*a part of the path is a file, not a folder \(ENOTDIR\)/)
  expect(out).toBe('')
})

test('a name that steers the terminal is shown; a run is resumed by the name it was given', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(writeTexts(home), {
    training: { steps: 2 },
    results: { prompts: 0, metricSamples: 0 },
  })
  const folder = await createRun(home, spec, { name: 'my run\u202e', note: '\x1b[2J' })
  // what a process that died left while it wrote the state
  const gone = spawnSync(process.execPath, ['-e', '0']).pid
  const left = temporaryPath(runFiles(folder).state).replace(`-${process.pid}-`, `-${gone}-`)
  writeFileSync(left, '{')
  const { code, out } = await spw(home, 'resume', 'my run\u202e')
  expect(code, out).toBe(0)
  expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([])
  const shown = await spw(home, 'show', 'my run\u202e')
  expect(shown.out).toMatch(/^name +my run\\u202e$/m)
  await createRun(home, spec, { name: 'my run\u202e' })
  const both = await spw(home, 'show', 'my run\u202e')
  expect(both.err).toMatch(/^\nnot-found: 2 runs are called my run\\u202e: 20/)
  const evaluated = await spw(home, 'eval', '--snapshot', 'my run\u202e')
  expect(evaluated.err).toMatch(/^\nnot-found: 2 runs are called my run\\u202e: 20/)
})

test('a run appears whole: a half-made one is not listed', async () => {
  const home = temporaryFolder()
  const folder = await createRun(home, tinySpec(writeTexts(home)))
  mkdirSync(join(home, 'runs', '.2026-11-24-half-made'))
  expect((await runIds(home)).map(id => join(home, 'runs', id))).toEqual([folder])
  expect(readdirSync(folder).sort()).toEqual([
    'checkpoints',
    'label.json',
    'spec.json',
    'state.json',
  ])
  expect(readFileSync(runFiles(folder).state, 'utf8')).toContain('queued')
})

test('links in a circle and links to nothing do not keep a folder from being read', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'a', 'x.txt'), 'text')
  symlinkSync(folder, join(folder, 'a', 'up'))
  symlinkSync(join(folder, 'gone'), join(folder, 'dangling'))
  expect(await dataFiles(folder)).toEqual([join(folder, 'a', 'x.txt')])
})

test.each(['http://', 'https://host/%E0%A4%A.jsonl'])('%s is no address', url => {
  expect(() => cachedPath(url, 'home')).toThrow(`${url} is no address of a file`)
})
