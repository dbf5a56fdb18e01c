// From flags to specs: whole paths, no silent typing errors, every flag counts; and what the data had to say.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { dataNotes, newNotes } from '../../src-worker/cli/data-notes'
import { parsedOptions } from '../../src-worker/cli/parsed-options'
import { changesOf, sweepOf } from '../../src-worker/cli/spec-options'
import { type RunSpecInput, samplingSpecSchema } from '../../src-worker/contract/run-spec'
import {
  experimentFrom,
  experimentText,
  initFrom,
  initText,
} from '../../src-worker/spec/short-forms'
import { cellsOf } from '../../src-worker/spec/sweep'
import { temporaryFolder } from '../temporary'

const here = (path: string): string => relative(process.cwd(), path)

test('a spec keeps whole paths of what is there, and leaves names and URLs alone', async () => {
  const folder = temporaryFolder()
  const model = join(folder, 'm')
  const data = join(folder, 'a b.txt')
  mkdirSync(model)
  writeFileSync(join(model, 'config.json'), '{}')
  writeFileSync(data, 'text')
  const sweep = await sweepOf({
    model: [here(model), 'org/name'],
    data: [here(data), 'demo', 'https://host/x.jsonl', 'not-there.txt'],
    testData: here(data),
    init: `snapshot:${here(data)}`,
  })
  expect(sweep.models).toEqual([model, 'org/name'])
  expect(sweep.datasets).toEqual([data, 'demo', 'https://host/x.jsonl', 'not-there.txt'])
  expect(sweep.base).toMatchObject({
    data: { testPath: data },
    prompt: { init: { kind: 'snapshot', path: data } },
  })
})

test.each([
  ['{"kind":"custom","softPromptAd":"after"}', 'experiment.softPromptAd'],
  ['{"kind":"custom","fields":{"promt":"q"}}', 'experiment.fields.promt'],
  ['{"kind":"pathfinding","width":5}', 'experiment.width'],
])('a field that nothing reads is refused: %s', async (experiment, field) => {
  const sweep = sweepOf({ experiment, model: ['m'], data: ['demo'], tokens: ['1'] })
  await expect(sweep).rejects.toThrow(`has no field ${field}`)
})

test('a spec file with a misspelt part is refused; its baselines and other prompt types are not', async () => {
  const spec = join(temporaryFolder(), 'spec.json')
  const base = { experiment: { kind: 'chess' }, model: 'm', data: { path: 'demo' } }
  writeFileSync(spec, JSON.stringify({ ...base, traning: { steps: 3 }, prompt: { tokns: 2 } }))
  await expect(sweepOf({ spec })).rejects.toMatchObject({
    message: 'a spec of chess has no field traning, prompt.tokns',
    fix: 'Did you mean training, prompt.tokens?',
  })
  const right = await sweepOf({
    experiment: 'chess',
    model: ['m'],
    data: ['demo'],
    tokens: ['0', '2'],
    type: 'mlp',
    hiddenWidth: '8',
  })
  expect(cellsOf(right).map(c => c.prompt.type)).toEqual(['none', 'start-token', 'mlp'])
})

test('fork and eval take every flag, each with one value', async () => {
  const changes = await changesOf({ seed: ['5'], data: ['demo'], model: ['m'], steps: '7' })
  expect(changes).toMatchObject({
    seed: 5,
    data: { path: 'demo' },
    model: 'm',
    training: { steps: 7 },
  })
  await expect(changesOf({ seed: ['1', '2'] })).rejects.toThrow('--seed has 2 values')
})

test('what the data report has to say', () => {
  const warnings = ['Nothing is held out.']
  expect(dataNotes({ skipped: { 'not JSON': 2, 'not text': 1 }, warnings })).toEqual([
    'records left out: 2 × not JSON, 1 × not text',
    'Nothing is held out.',
  ])
  expect(dataNotes({})).toEqual([])
})

test('wrong values of options are usage, named by field', () => {
  const schema = samplingSpecSchema
  expect(() => parsedOptions(schema, { topP: 2, temperature: -1 })).toThrow(
    /^temperature is -1: Too small.*; topP is 2: Too big/,
  )
  expect(parsedOptions(schema, {}).topP).toBe(0.7)
})

test.each([
  [{ kind: 'skip-tokens', skip: 2 }, 'skip-tokens:2'],
  [{ kind: 'repetition', text: 'a:b c' }, 'repetition:a:b c'],
  [{ kind: 'favor-future', lookahead: 4 }, 'favor-future:4'],
  [{ kind: 'autoregressive' }, 'autoregressive'],
  [{ kind: 'chess', conditioned: 'none' }, '{"kind":"chess","conditioned":"none"}'],
])('experiments as text and back: %j', (experiment, text) => {
  expect(experimentText(experiment as RunSpecInput['experiment'])).toBe(text)
  expect(experimentFrom(text)).toEqual(experiment)
})

test.each([
  [{ kind: 'zero' }, 'zero'],
  [{ kind: 'normal', std: 0.1 }, 'normal:0.1'],
  [{ kind: 'text', text: 'Once: upon' }, 'text:Once: upon'],
  [{ kind: 'snapshot', path: '/a b.pt' }, 'snapshot:/a b.pt'],
])('starts of prompts as text and back: %j', (init, text) => {
  expect(initText(init)).toBe(text)
  expect(initFrom(text)).toEqual(init)
})

test.each([
  [{ init: 'zero:5' }, 'prompt.init.argument'],
  [{ experiment: 'autoregressive:5' }, 'experiment.argument'],
  [{ experiment: 'autoregressive:' }, 'experiment.argument'],
])('a value that a kind does not take is refused: %j', async (options, field) => {
  const base = { experiment: 'autoregressive', model: ['m'], data: ['demo'], tokens: ['1'] }
  await expect(sweepOf({ ...base, ...options })).rejects.toThrow(`has no field ${field}`)
})

const run = { experiment: { kind: 'autoregressive' }, model: 'm' }

test.each<[string, string]>([
  ['null', 'holds no JSON object'],
  ['[]', 'holds no JSON object'],
  ['{', 'is not JSON'],
  [JSON.stringify({ base: run, tokenz: [1] }), 'a sweep has no field tokenz'],
  [JSON.stringify({ base: run, tokens: ['a'] }), 'tokens.0 is "a"'],
  // a text where an object should be must not give way to the defaults
  [JSON.stringify({ ...run, data: 'my.jsonl' }), 'data is "my.jsonl", no object'],
  [JSON.stringify({ ...run, prompt: null }), 'prompt is null, no object'],
])('a file that is no spec: %s', async (text, words) => {
  const file = join(temporaryFolder(), 'a spec.json')
  writeFileSync(file, text)
  await expect(sweepOf({ spec: file, field: 'text' })).rejects.toThrow(words)
})

test('a spec file with the byte order mark of Windows is read; a folder is reported by its path', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'spec.json')
  writeFileSync(file, `\ufeff${JSON.stringify(run)}`)
  expect((await sweepOf({ spec: file })).base).toMatchObject(run)
  await expect(sweepOf({ spec: folder })).rejects.toThrow(`${folder}: it is a folder, not a file`)
})

test.each([
  [{ experiment: 'repetition:' }, 'experiment.text is ""'],
  [{ experiment: 'skip-tokens:' }, 'experiment.skip is NaN'],
  [{ init: 'text:' }, 'prompt.init.text is ""'],
  [{ init: 'normal:' }, 'prompt.init.std is NaN'],
  [{ start: '' }, 'start.index is NaN'],
])('nothing after the colon is no default: %j', async (options, words) => {
  const base = { experiment: 'autoregressive', model: ['m'], data: ['demo'], tokens: ['1'] }
  // what needs no defaults to be seen is refused at once, the rest with the defaults
  await expect(sweepOf({ ...base, ...options }).then(cellsOf)).rejects.toThrow(words)
})

test.each([
  ['beside the experiment', { experiment: 'custom', separator: ' ' }, ' '],
  [
    'over the JSON of one',
    { experiment: '{"kind":"custom","separator":"-"}', separator: ' ' },
    ' ',
  ],
  ['absent', { experiment: 'custom' }, ''],
])('--separator %s reaches the spec', async (_, options, separator) => {
  const [cell] = cellsOf(await sweepOf({ model: ['m'], data: ['demo'], tokens: ['1'], ...options }))
  expect(cell?.experiment).toMatchObject({ kind: 'custom', separator })
})

test('what the data of several runs say is shown once by a terminal', () => {
  const [terminal, other] = [{}, {}]
  expect(newNotes(terminal, ['50 read', '2 unusable'])).toEqual(['50 read', '2 unusable'])
  expect(newNotes(terminal, ['50 read', '3 unusable'])).toEqual(['3 unusable'])
  expect(newNotes(other, ['50 read'])).toEqual(['50 read'])
})
