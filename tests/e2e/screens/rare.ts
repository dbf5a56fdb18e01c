// What stands on few screens, on the home of the screens: an evaluation of Inspect, a training read in bits, a prompt
// that learned chats on a day that nobody wrote down, a length that diverged, instructions with inputs.
import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { openSnapshot, writeSnapshot } from '../../../src-worker/weights/snapshot-file'
import { type App, ask } from '../open-app'
import { settled } from './settled'

const note = (what: string) => (error: unknown) => console.error(`no ${what}: ${error}`)

async function evaluation({ page, home }: App, id: string): Promise<void> {
  const path = join(home, 'small.eval')
  cpSync('tests/dataset/fixtures/inspect/small.eval', path)
  const { evaluations } = await ask(page, 'run', { id })
  if (evaluations.length === 0) await ask(page, 'importEvaluation', { id, path })
}

async function readInBits(app: App, id: string): Promise<void> {
  const { page } = app
  if ((await ask(page, 'run', { id })).bits !== null) return
  const { run } = await ask(page, 'startControl', { request: 'control', id })
  await settled(app)
  await ask(page, 'bits', { request: 'bits', id, control: run })
}

/** A chat of one step, and its snapshot as it was written before there was a day in it. */
async function undatedChat(app: App): Promise<void> {
  const { page, home } = app
  const model = join(home, 'models/dated')
  if (existsSync(model)) return
  const cases = (name: string) => join('tests/reference/custom/cases', name)
  cpSync('tests/reference/models/tiny-llama', model, { recursive: true })
  cpSync(cases('tokenizer_config.date.json'), join(model, 'tokenizer_config.json'))
  for (const name of ['trainc.jsonl', 'chat1.jsonl']) cpSync(cases(name), join(home, name))
  const base = {
    ...{ model, experiment: { kind: 'custom' as const }, device: 'cpu' },
    ...{ name: 'old chat', prompt: { type: 'direct' as const, tokens: 2 } },
    training: { steps: 1, lanes: 1, accumulation: 1, length: 128, finalTestBatches: 1 },
    data: { path: join(home, 'trainc.jsonl'), testPath: join(home, 'chat1.jsonl') },
    results: { prompts: 0, metricSamples: 0 },
  }
  await ask(page, 'startSweep', { sweep: { base }, frozen: '' })
  await settled(app)
  const entry = (await ask(page, 'snapshots', {})).find(
    one => one.kind === 'snapshot' && basename(one.metadata.model) === 'dated',
  )
  if (entry === undefined) throw new Error('its run left no snapshot')
  const { metadata, parameters } = await openSnapshot(entry.path)
  const { date: _date, ...training } = metadata.training
  await writeSnapshot(entry.path, { parameters, metadata: { ...metadata, training } })
}

/** Two lengths at a rate that no training survives. */
async function diverging(app: App): Promise<void> {
  const { page, home } = app
  if ((await ask(page, 'runs', {})).some(run => run.sweep === 'diverging')) return
  const base = {
    ...{ model: 'workbench-demo-base', experiment: { kind: 'custom' as const }, device: 'cpu' },
    ...{ data: { path: join(home, 'pairs.jsonl') }, optimizer: { learningRate: 1e30 } },
    training: { steps: 4, lanes: 4, accumulation: 1, length: 48, finalTestBatches: 1 },
    results: { prompts: 1, metricSamples: 8 },
  }
  const sweep = { name: 'diverging', base, tokens: [0, 1, 4] }
  await ask(page, 'startSweep', { sweep, frozen: '' })
  await settled(app)
}

async function instructions({ page, home }: App): Promise<void> {
  const path = join(home, 'instructions.jsonl')
  if (existsSync(path)) return
  const records = Array.from({ length: 60 }, (_, i) => ({
    instruction: `Add ${i} to the number.`,
    input: i % 3 === 0 ? '' : String(7 * i),
    output: String(8 * i),
  }))
  writeFileSync(path, records.map(record => JSON.stringify(record)).join('\n'))
  await ask(page, 'addDataset', { path, field: '' })
}

/** What is there already, is left as it is. @param custom a run that a control can be trained for */
export async function seedRare(app: App, evaluated: string, custom: string): Promise<void> {
  await evaluation(app, evaluated).catch(note('evaluation'))
  await readInBits(app, custom).catch(note('bits'))
  await undatedChat(app).catch(note('chat'))
  await diverging(app).catch(note('length that diverged'))
  await instructions(app).catch(note('instructions'))
}
