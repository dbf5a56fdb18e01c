// A chat with a soft prompt gets the day that the prompt learned with, if the template asks for one: the same text on any day.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isoDate } from '../../src-worker/dataset/strftime'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { openSnapshot, writeSnapshot } from '../../src-worker/weights/snapshot-file'
import { forkSpec } from '../../src-worker/workbench/fork'
import { referencePath } from '../reference-path'
import { resources, runToEnd } from '../train/runs'
import { openEngine } from './open-engine'

const cases = (name: string): string => referencePath('reference', 'custom', 'cases', name)

const home = mkdtempSync(join(tmpdir(), 'spw-day-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const model = join(home, 'dated')
cpSync(referencePath('models', 'tiny-llama'), model, { recursive: true })
cpSync(cases('tokenizer_config.date.json'), join(model, 'tokenizer_config.json'))
const training = { steps: 1, lanes: 1, accumulation: 1, length: 128, finalTestBatches: 1 }
const spec = resolveSpec({
  ...{ model, experiment: { kind: 'custom' }, device: 'cpu', training },
  prompt: { type: 'direct', tokens: 2 },
  data: { path: cases('trainc.jsonl'), testPath: cases('chat1.jsonl'), date: '2024-02-29' },
  results: { prompts: 0, metricSamples: 0 },
})
let folder = ''
beforeAll(async () => {
  folder = await createRun(home, spec)
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
})

/** The snapshot as versions before wrote it: without the day. */
async function undated(name: string): Promise<string> {
  const path = join(home, name)
  const { metadata, parameters } = await openSnapshot(runFiles(folder).snapshot)
  const { date: _date, ...rest } = metadata.training
  await writeSnapshot(path, { parameters, metadata: { ...metadata, training: rest } })
  return path
}

test('the day of the spec, of the request, or today, and which it was', async () => {
  const { call } = await openEngine(home)
  const ask = (snapshot: string, date = '', messages = [{ role: 'user', content: 'hi' }]) =>
    call('sample', {
      ...{ request: 'r', prompt: 'hi', softPromptAt: 'start', conditions: [], samples: 1, seed: 0 },
      ...{ messages: messages as never, date, top: 3, sampling: { maxTokens: 1, temperature: 0 } },
      promptedModel: { model, snapshot, startToken: false },
    } as never)
  const { snapshot } = runFiles(folder)
  const learned = await ask(snapshot)
  expect(learned.date).toBe('2024-02-29')
  expect(learned.command).toContain(` --messages '[{"role":"user","content":"hi"}]' `)
  const [other, same] = [await ask(snapshot, '2026-11-28'), await ask(snapshot, '2024-02-29')]
  expect(same.samples).toEqual(learned.samples)
  expect(other.date).toBe('2026-11-28')
  expect(other.samples[0]?.tokens[0]?.logProb).not.toBe(learned.samples[0]?.tokens[0]?.logProb)
  expect((await ask('')).date).toMatch(/^20\d\d-\d\d-\d\d$/)
  expect((await ask(snapshot, '', [])).date).toBe('')
  expect([learned, same, other].map(answer => answer.dateNote)).toEqual(['', '', ''])

  // a snapshot that does not say its day: a person is told, whichever day it gets
  const old = await undated('old.safetensors')
  const today = isoDate(new Date())
  const note = 'does not say which day it learned with, and the chat template asks for one: it gets'
  expect((await ask(old)).dateNote).toBe(`The snapshot ${note} ${today}, another one tomorrow.`)
  expect((await ask(old, '2024-02-29')).dateNote).toBe(`The snapshot ${note} 2024-02-29.`)
  expect((await ask(old, '', [])).dateNote).toBe('')
  expect((await ask('')).dateNote).toBe('')
  const served = (snapshot: string) => ({
    name: snapshot === old ? 'old' : 'new',
    promptedModel: { model, snapshot, startToken: false },
  })
  const state = await call('startServing', { models: [served(old), served(snapshot)], port: 0 })
  expect(state.notes).toEqual([`old: The snapshot ${note} ${today}, another one tomorrow.`])
  await call('stopServing', {})
})

test('a soft prompt stands where it was trained to stand, if no other place is asked for', async () => {
  const { metadata, parameters } = await openSnapshot(runFiles(folder).snapshot)
  const after = join(home, 'after.safetensors')
  const experiment = { kind: 'custom', softPromptAt: 'after' }
  const training = { ...metadata.training, experiment }
  await writeSnapshot(after, { parameters, metadata: { ...metadata, training } })
  const { call } = await openEngine(home)
  const first = async (snapshot: string, at: object) => {
    const promptedModel = { model, snapshot, startToken: false }
    const asked = { request: 'r', prompt: 'hi there', promptedModel, ...at }
    const { samples } = await call('sample', { ...asked, sampling: { maxTokens: 1 }, top: 3 })
    return samples[0]?.tokens[0]?.top
  }
  const [own, end, start] = [{}, { softPromptAt: 'end' }, { softPromptAt: 'start' }]
  expect(await first(after, own)).toEqual(await first(after, end))
  expect(await first(after, own)).not.toEqual(await first(after, start))
  const { snapshot } = runFiles(folder)
  expect(await first(snapshot, own)).toEqual(await first(snapshot, start))
})

test('a run that begins with a snapshot gets its day, or tells of another', async () => {
  const { snapshot } = runFiles(folder)
  const places = { home, resources }
  const data = { path: cases('trainc.jsonl'), testPath: cases('chat1.jsonl') }
  const copy = join(home, 'copy.safetensors')
  cpSync(snapshot, copy)
  const changes = { data, training: { ...training, steps: 0 } }
  const fork = async (from: string, date?: string) => {
    const asked = date === undefined ? changes : { ...changes, data: { ...data, date } }
    const forked = await forkSpec(places, from, asked)
    const made = await createRun(home, forked)
    expect((await runToEnd(made, home)).state).toEqual({ kind: 'done' })
    const report = JSON.parse(readFileSync(runFiles(made).dataReport, 'utf8'))
    const told = report.warnings.filter((warning: string) => warning.includes('chat template'))
    return { date: forked.data.date, told }
  }
  const same = await fork(copy)
  expect([same.date, same.told]).toEqual(['2024-02-29', []])
  const other = await fork(copy, '2026-11-28')
  expect(other.told).toEqual([
    'The snapshot that this run begins with learned with the day 2024-02-29; the chat template gets 2026-11-28.',
  ])
  const old = await fork(await undated('older.safetensors'), '2024-02-29')
  expect(old.told).toEqual([
    'The snapshot that this run begins with does not say which day it learned with, and the chat template asks for one: it gets 2024-02-29.',
  ])
})

test('a day that no calendar has is refused', () => {
  const on = (date: string) => () => resolveSpec({ ...spec, data: { ...spec.data, date } })
  expect(on('2024-02-30')).toThrow(/data\.date is "2024-02-30": not a day like 2026-11-28/)
  expect(on('2024-02-29')).not.toThrow()
  expect(on('')).not.toThrow()
})
