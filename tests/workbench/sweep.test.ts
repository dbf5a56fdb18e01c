// The grid of a sweep, the command that stands for it, and what exists of it already.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sweepOf } from '../../src-worker/cli/spec-options'
import { type RunSpecInput, sweepSpecSchema, tokensOf } from '../../src-worker/contract/run-spec'
import { laidOver } from '../../src-worker/shared/plain-object'
import { commandOf } from '../../src-worker/spec/command-line'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { cellsOf } from '../../src-worker/spec/sweep'
import { runIds } from '../../src-worker/train/find-run'
import { createRun, emptyState, readSummary, writeState } from '../../src-worker/train/run-folder'
import { existingCells } from '../../src-worker/workbench/cells'
import { differencesOf, planSweep } from '../../src-worker/workbench/plan'
import { placesOf } from '../../src-worker/workbench/queue'
import { temporaryFolder } from '../temporary'

const base: RunSpecInput = {
  experiment: { kind: 'skip-tokens', skip: 2 },
  model: 'm',
  data: { path: 'demo' },
}

test('0 tokens stand for the two baselines, once whatever the seeds; other cells are the whole grid', () => {
  const sweep = sweepSpecSchema.parse({
    base,
    tokens: [0, 1, 4],
    models: ['a', 'b'],
    seeds: [1, 2, 3],
  })
  const cells = cellsOf(sweep)
  const kinds = cells.map(c => `${c.model} ${c.prompt.type} ${tokensOf(c.prompt)} ${c.seed}`)
  expect(new Set(kinds).size).toBe(kinds.length)
  expect(cells.length).toBe(2 * (2 + 2 * 3))
  expect(cells.filter(c => c.prompt.type === 'none').every(c => c.training.steps === 0)).toBe(true)
})

test('untrained prompts are the same cells without steps', () => {
  const cells = cellsOf(sweepSpecSchema.parse({ base, tokens: [4], seeds: [1], untrained: true }))
  expect(cells.map(c => c.training.steps)).toEqual([1536, 0])
})

test("the paper's settings come by themselves, and what is said is laid over them", () => {
  const spec = resolveSpec({
    ...base,
    model: 'EleutherAI/pythia-410m-deduped',
    training: { lanes: 64 },
  })
  expect(spec.training).toMatchObject({ steps: 1536, lanes: 64, accumulation: 4, length: 256 })
  expect(spec.prompt).toEqual({
    type: 'direct',
    tokens: expect.any(Number),
    init: { kind: 'vocabulary' },
  })
  expect(spec.start).toEqual({ kind: 'random' })
})

const init = 'prompt.init.kind is "vocabulary", not "zero"'
test.each<[string, RunSpecInput, readonly string[]]>([
  ['nothing but what it starts from', {}, [init]],
  ['lists that are the same', { experiment: { kind: 'chess' } }, []],
  ['other data and another seed', { data: { path: 'mine.csv', field: 'body' }, seed: 3 }, [init]],
  [
    'the rate, which is the paper’s for all experiments',
    { optimizer: { learningRate: 0.5 } },
    [init, 'optimizer.learningRate is 0.5, not 0.001'],
  ],
  [
    'the held-out share and the steps',
    { data: { holdout: 0.5 }, training: { steps: 9 } },
    ['data.holdout is 0.5, not 0.05', init, 'training.steps is 9, not 1536'],
  ],
  [
    'a baseline, which has no tokens',
    { prompt: { type: 'none' }, training: { steps: 0 } },
    ['prompt.type is "none", not "direct"', 'training.steps is 0, not 1536'],
  ],
])('what differs from the paper: %s', (_, over, differences) => {
  expect(differencesOf(resolveSpec(laidOver(base, over) as RunSpecInput))).toEqual(differences)
})

test('a plan is not made of a setting by a wrong name', async () => {
  const sweep = sweepSpecSchema.parse({ base: { ...base, training: { step: 5 } } })
  const places = { home: temporaryFolder(), resources: '' }
  const plan = planSweep(sweep, { ...places, measure: null, runs: [] })
  await expect(plan).rejects.toThrow('a spec of skip-tokens has no field training.step')
})

test.each([
  ['no experiment', {}, /no experiment is given/],
  ['no model', { experiment: { kind: 'chess' } }, /no model is given/],
  ['no data', { experiment: { kind: 'custom' }, model: 'm' }, /no data are given/],
  ['a wrong field', laidOver(base, { training: { steps: -1 } }), /training\.steps/],
  [
    'lanes that do not divide',
    laidOver(base, { training: { lanes: 10, accumulation: 4 } }),
    /accumulation must divide lanes/,
  ],
  [
    'steps without a prompt',
    laidOver(base, { prompt: { type: 'none' }, training: { steps: 5 } }),
    /nothing to train/,
  ],
])('%s is a usage fault that names it', (_, input, words) => {
  expect(() => resolveSpec(input as RunSpecInput)).toThrow(words)
})

test('unions with different kinds share nothing', () => {
  const merged = laidOver(
    { start: { kind: 'index', index: 3 }, a: [1] },
    { start: { kind: 'random' }, a: [2] },
  )
  expect(merged).toEqual({ start: { kind: 'random' }, a: [2] })
})

test('the command of a sweep, read back, is the sweep', async () => {
  const sweep = sweepSpecSchema.parse({
    base: {
      experiment: { kind: 'repetition', text: "it's" },
      prompt: { type: 'direct', init: { kind: 'text', text: 'Once upon' } },
      start: { kind: 'random' },
      training: { steps: 7, lanes: 8 },
      optimizer: { learningRate: 0.01 },
      original: true,
    },
    tokens: [1, 4],
    models: ['a b', 'c'],
    datasets: ['x.jsonl'],
    seeds: [3, 4],
  })
  const words = shellWords(commandOf(sweep))
  expect(words.slice(0, 2)).toEqual(['spw', 'sweep'])
  const options: Record<string, unknown> = {}
  let flag = ''
  for (const word of words.slice(2)) {
    if (word.startsWith('--')) {
      flag = word.slice(2).replace(/-([a-z])/g, (_, c: string) => c.toUpperCase())
      options[flag] = true
    } else {
      const before = options[flag]
      const isList = ['tokens', 'model', 'data', 'seed'].includes(flag)
      options[flag] = isList ? [...(Array.isArray(before) ? before : []), word] : word
    }
  }
  const again = await sweepOf(options)
  expect(cellsOf(again)).toEqual(cellsOf(sweep))
})

test('fields of a file by flags: they are the experiment’s own, which the command says once', async () => {
  const sweep = await sweepOf({
    ...{ model: ['m'], data: ['pairs.csv'], tokens: ['2'], experiment: ['custom'] },
    ...{ promptField: ['q'], completionField: ['a'], separator: [' '] },
  })
  const [cell] = cellsOf(sweep)
  const { fields, ...experiment } = { fields: {}, ...cell?.experiment }
  expect(fields).toMatchObject({ prompt: 'q', completion: 'a', messages: 'messages' })
  expect(experiment).toMatchObject({ kind: 'custom', separator: ' ' })
  const command = commandOf(sweep)
  expect(command).not.toContain('--separator')
  const [, json = ''] = /--experiment '([^']*)'/.exec(command) ?? []
  expect(
    cellsOf(
      await sweepOf({
        ...{ model: ['m'], data: ['pairs.csv'], tokens: ['2'] },
        experiment: [json],
      }),
    ),
  ).toEqual([cell])
  const elsewhere = sweepOf({
    model: ['m'],
    experiment: ['chess'],
    tokens: ['2'],
    promptField: ['q'],
  })
  await expect(elsewhere.then(cellsOf)).rejects.toThrow('has no field experiment.fields')
})

/** Words as a POSIX shell splits single-quoted text. */
function shellWords(line: string): string[] {
  const words: string[] = []
  for (const [, word = ''] of line.matchAll(/((?:'[^']*'|\\'|[^\s'])+)/g))
    words.push(
      word.replace(
        /'([^']*)'|\\(.)/g,
        (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? '',
      ),
    )
  return words
}

test('a cell exists when a run of exactly this spec is there; failed ones do not count', async () => {
  const home = temporaryFolder()
  const [one, two] = cellsOf(sweepSpecSchema.parse({ base, tokens: [1, 4] }))
  if (one === undefined || two === undefined) throw new Error('two cells')
  const folder = await createRun(home, { ...one, name: 'other name' })
  await writeState(folder, { ...emptyState(), state: { kind: 'done' } })
  const bad = await createRun(home, two)
  const fault = { code: 'memory' as const, message: 'm', fix: 'f' }
  await writeState(bad, { ...emptyState(), state: { kind: 'failed', fault } })
  const known = (await runIds(home)).map(id => readSummary(join(home, 'runs', id), new Set()))
  const found = existingCells(await Promise.all(known), [one, two])
  expect(found.map(f => f?.folder)).toEqual([folder, undefined])
})

test.each([
  ['auto', ['cpu'], ['cpu']],
  ['auto', ['cpu', 'cuda:0', 'cuda:1'], ['cuda:0', 'cuda:1']],
  ['cuda', ['cpu', 'cuda:0', 'cuda:1'], ['cuda:0']],
  ['cuda:1', ['cpu'], ['cuda:1']],
  ['cpu', ['cpu', 'cuda:0'], ['cpu']],
] as const)('a run on %s, where %j is there, may train in %j', (device, devices, places) => {
  const [spec] = cellsOf(sweepSpecSchema.parse({ base: { ...base, device }, tokens: [1] }))
  expect(placesOf({ spec: spec as NonNullable<typeof spec> }, devices)).toEqual(places)
})

test('every flag is an axis: rate × decay, sizes of a generator, experiments; baselines once', async () => {
  const flags = { model: ['m'], data: ['demo'], tokens: ['0', '4'], seed: ['1', '2'] }
  const rates = await sweepOf({
    ...flags,
    experiment: ['autoregressive'],
    lr: ['0.001', '0.01', '0.1'],
    weightDecay: ['0', '0.01'],
    steps: ['8'],
  })
  const cells = cellsOf(rates)
  expect(cells.length).toBe(2 + 3 * 2 * 2)
  const pairs = cells
    .filter(c => c.training.steps > 0)
    .map(c => `${c.optimizer.learningRate} ${c.optimizer.weightDecay} ${c.seed}`)
  expect(new Set(pairs).size).toBe(12)
  expect(cells.every(c => c.training.steps === (c.prompt.type === 'direct' ? 8 : 0))).toBe(true)
  expect(commandOf(rates)).toBe(
    'spw sweep --experiment autoregressive --model m --data demo --tokens 0 4 --seed 1 2 --steps 8 --lr 0.001 0.01 0.1 --weight-decay 0 0.01',
  )
  const kinds = await sweepOf({
    ...{ model: ['m'], data: ['demo'], tokens: ['2'] },
    experiment: ['autoregressive', 'skip-tokens:3'],
  })
  expect(cellsOf(kinds).map(c => c.experiment)).toEqual([
    { kind: 'autoregressive' },
    { kind: 'skip-tokens', skip: 3 },
  ])
  expect(commandOf(kinds)).toContain('--experiment autoregressive skip-tokens:3 ')
  const sizes = await sweepOf({
    ...{ model: ['m'], experiment: ['chess'], type: ['mlp'], tokens: ['2'] },
    ...{ hiddenWidth: ['8', '16'], hiddenLayers: ['1', '2'] },
  })
  expect(cellsOf(sizes).length).toBe(4)
  const wrong = sweepSpecSchema.parse({ base, over: { 'optimizer.rate': [1, 2] } })
  expect(() => cellsOf(wrong)).toThrow(/optimizer\.rate/)
})
