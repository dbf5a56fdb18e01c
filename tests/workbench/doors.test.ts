// The strictness law: what one door refuses, all refuse, with the same words. And what is no door: files of our own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { sweepOf } from '../../src-worker/cli/spec-options'
import type { RunSpecInput, SweepSpecInput } from '../../src-worker/contract/run-spec'
import { sweepOfFile } from '../../src-worker/contract/spec-check'
import { createRun, readSpec, runFiles } from '../../src-worker/train/run-folder'
import { writeSnapshot } from '../../src-worker/weights/snapshot-file'
import { temporaryFolder } from '../temporary'
import { tinySpec, writeTexts } from '../train/runs'
import { openEngine } from './open-engine'

let data: string
let snapshot: string
beforeEach(async () => {
  const folder = temporaryFolder()
  data = writeTexts(folder)
  snapshot = join(folder, 'prompt.safetensors')
  const shape = { type: 'direct', tokens: 1, width: 2 } as const
  const rows = { shape: [1, 2], data: Float32Array.of(1, 2) }
  await writeSnapshot(snapshot, {
    metadata: { source: 'workbench', model: 'm', shape, conditionNames: [], training: {} },
    parameters: new Map([['embedding', rows]]),
  })
})

type Call = Awaited<ReturnType<typeof openEngine>>['call']
type Door = (spec: RunSpecInput, call: Call) => Promise<unknown>
const sweepFrom = (base: RunSpecInput): SweepSpecInput => ({ base })
const file = (content: unknown): string => {
  const path = join(temporaryFolder(), 'spec.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}

/** Where a whole run is asked for. */
const doors: Readonly<Record<string, Door>> = {
  resolveSpec: (spec, call) => call('resolveSpec', spec),
  previewExamples: (spec, call) => call('previewExamples', { spec, count: 1 }),
  planSweep: (spec, call) =>
    call('planSweep', { request: 'p', sweep: sweepFrom(spec), measure: false }),
  startSweep: (spec, call) => call('startSweep', { sweep: sweepFrom(spec), frozen: '' }),
  freezeSweep: (spec, call) =>
    call('freezeSweep', { sweep: sweepFrom(spec), thresholds: {}, note: '' }),
  forkRun: (spec, call) => call('forkRun', { snapshot, changes: spec }),
}
/** Where a run may still lack something. */
const openDoors: Readonly<Record<string, Door>> = {
  commandLine: (spec, call) => call('commandLine', sweepFrom(spec)),
  savePreset: (spec, call) => call('savePreset', { name: 'mine', sweep: sweepFrom(spec) }),
  'a preset file in the window': async spec =>
    sweepOfFile(JSON.stringify({ name: 'n', sweep: { base: spec } }), 'a file'),
  'spw --spec with a run': spec => sweepOf({ spec: file(spec) }),
  'spw --spec with a sweep': spec => sweepOf({ spec: file({ base: spec, tokens: [1, 2] }) }),
}

interface Refused {
  readonly code: string
  readonly message: string
  readonly fix: string
}
async function refusal(door: Door, spec: unknown): Promise<Refused> {
  const { call } = await openEngine(temporaryFolder())
  const said = door(spec as RunSpecInput, call).then(() => 'let through')
  const { code, message, fix } = (await said.catch(error => error)) as Refused
  return { code, message, fix }
}

const good = () => ({
  experiment: { kind: 'skip-tokens', skip: 2 },
  model: 'm',
  data: { path: data },
  prompt: { type: 'direct', tokens: 1 },
})

const wrong: readonly (readonly [change: object, message: string, fix: string])[] = [
  [
    { training: { stepss: 5 } },
    'a spec of skip-tokens has no field training.stepss',
    'Did you mean training.steps?',
  ],
  [{ steps: 5 }, 'a spec of skip-tokens has no field steps', 'Did you mean training.steps?'],
  [
    { optimizer: { learning_rate: 0.1 } },
    'a spec of skip-tokens has no field optimizer.learning_rate',
    'Did you mean optimizer.learningRate?',
  ],
  [
    { traning: {}, data: { path: 'demo', zork: 1 } },
    'a spec of skip-tokens has no field data.zork, traning',
    'Did you mean training? Leave data.zork out.',
  ],
  [
    { experiment: { kind: 'pathfinding', width: 5 } },
    'a spec of pathfinding has no field experiment.width',
    'Did you mean experiment.boardWidth?',
  ],
  [
    { experiment: { kind: 'chess', filter: { minelo: 5 } } },
    'a spec of chess has no field experiment.filter.minelo',
    'Did you mean experiment.filter.minElo?',
  ],
  [
    { prompt: { type: 'direct', tokens: 1, hiddenWidth: 8 } },
    'a spec of skip-tokens has no field prompt.hiddenWidth',
    'Leave prompt.hiddenWidth out.',
  ],
  [
    { prompt: { tokens: 1, init: { kind: 'zero', std: 1 } } },
    'a spec of skip-tokens has no field prompt.init.std',
    'Leave prompt.init.std out.',
  ],
  [{ training: 'long' }, 'training is "long", no object of fields', 'Correct these fields.'],
  [
    { training: { steps: -1 } },
    'training.steps is -1: Too small: expected number to be >=0',
    'Correct these fields.',
  ],
  [
    { experiment: { kind: 'chss' } },
    'there is no experiment "chss"',
    'Did you mean chess? Choose one of autoregressive, skip-tokens, repetition, chat-detuning, chess, pathfinding, favor-future, custom.',
  ],
]

describe.each(wrong)('%j', (change, message, fix) => {
  test.each(Object.entries({ ...doors, ...openDoors }))('%s', async (_, door) => {
    const refused = await refusal(door, { ...good(), ...change })
    expect(refused).toEqual({ code: 'usage', message, fix })
  })
})

// only the defaults show these
const inconsistent: readonly (readonly [change: object, message: string])[] = [
  [
    { training: { lanes: 10, accumulation: 4 } },
    'training.accumulation is 4: accumulation must divide lanes',
  ],
  [
    { prompt: { type: 'none' }, training: { steps: 5 } },
    'prompt.type none has nothing to train, but training.steps is 5',
  ],
  [
    { training: { length: 16 }, start: { kind: 'index', index: 17 } },
    'start.index is 17, but samples have at most 16 tokens (training.length)',
  ],
]

describe.each(inconsistent)('%j', (change, message) => {
  test.each(Object.entries(doors))('%s', async (_, door) => {
    expect(await refusal(door, { ...good(), ...change })).toMatchObject({ code: 'usage', message })
  })
})

test.each<[string, (sweep: unknown, call: Call) => Promise<unknown>]>([
  [
    'planSweep',
    (sweep, call) =>
      call('planSweep', { request: 'p', sweep: sweep as SweepSpecInput, measure: false }),
  ],
  [
    'startSweep',
    (sweep, call) => call('startSweep', { sweep: sweep as SweepSpecInput, frozen: '' }),
  ],
  ['commandLine', (sweep, call) => call('commandLine', sweep as SweepSpecInput)],
  [
    'savePreset',
    (sweep, call) => call('savePreset', { name: 'n', sweep: sweep as SweepSpecInput }),
  ],
  ['spw --spec', sweep => sweepOf({ spec: file(sweep) })],
])('%s: an axis by a wrong name', async (_, door) => {
  const { call } = await openEngine(temporaryFolder())
  await expect(door({ base: good(), tokenz: [1] }, call)).rejects.toMatchObject({
    message: 'a sweep has no field tokenz',
    fix: 'Did you mean tokens?',
  })
})

test('what another version wrote into a run folder, or saved as a preset, is read all the same', async () => {
  const home = temporaryFolder()
  const spec = tinySpec(data)
  const folder = await createRun(home, spec)
  const { spec: path } = runFiles(folder)
  const written = JSON.parse(readFileSync(path, 'utf8'))
  const older = { ...written, training: { ...written.training, warp: 9 }, colour: 'red' }
  writeFileSync(path, JSON.stringify(older))
  expect(await readSpec(folder)).toEqual(written)
  const { call } = await openEngine(home)
  expect((await call('runs', {})).map(r => r.spec)).toEqual([written])
  const preset = { name: 'old', sweep: { base: good(), tokens: [1], warp: 9 }, shade: 1 }
  mkdirSync(join(home, 'presets'))
  writeFileSync(join(home, 'presets', 'old.json'), JSON.stringify(preset))
  const found = (await call('presets', {})).find(p => p.name === 'old')
  expect(found?.sweep).toMatchObject({ base: good(), tokens: [1] })
})
