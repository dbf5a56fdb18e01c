// Several event files in one folder: a restart is joined, a run over an older one stands alone, steps are the last step.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { scalarEvent, versionEvent } from '../../src-worker/analysis/tensorboard-event'
import { readTensorboard } from '../../src-worker/analysis/tensorboard-import'
import { frame } from '../../src-worker/analysis/tensorboard-record'
import { tensorboardRun } from '../../src-worker/analysis/tensorboard-runs'

const scratch = mkdtempSync(join(tmpdir(), 'spw-joined-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Part {
  readonly from: number
  readonly to: number
  readonly every?: number
  readonly final?: readonly number[]
}

/** As torch's SummaryWriter logs a run: a loss a step, then the batches of the final test. */
function eventFile({ from, to, every = 1, final = [] }: Part): Buffer {
  const scalars: { tag: string; step: number; value: number }[] = []
  for (let step = from; step < to; step += every)
    scalars.push({ tag: 'Loss', step, value: 3 - step * 0.01 })
  for (const [step, value] of final.entries()) scalars.push({ tag: 'Final Test Loss', step, value })
  const mean = final.reduce((a, b) => a + b, 0) / final.length
  if (final.length > 0) scalars.push({ tag: 'Final Test Loss Average', step: to, value: mean })
  const records = scalars.map(scalar => frame(scalarEvent({ ...scalar, wall: 1000 })))
  return Buffer.concat([frame(versionEvent(1000)), ...records])
}

/** Runs that were logged into one file, one after another. */
const together = (parts: readonly Part[]): Buffer => Buffer.concat(parts.map(eventFile))

const eight = (value: number): number[] => Array(8).fill(value)

test.each<[string, Part[], { steps: number; final: number; points: number; told: RegExp }]>([
  [
    'a run that went on from step 40 of 60',
    [
      { from: 0, to: 60 },
      { from: 40, to: 100, final: eight(1) },
    ],
    { steps: 100, final: 1, points: 100, told: /^$/ },
  ],
  [
    'a run over a finished one',
    [
      { from: 0, to: 50, final: eight(9) },
      { from: 0, to: 100, final: eight(1) },
    ],
    {
      steps: 100,
      final: 1,
      points: 100,
      told: /an earlier run of 50 points in this folder is left out/,
    },
  ],
  [
    'a finished run that was carried on',
    [
      { from: 0, to: 50, final: eight(9) },
      { from: 50, to: 100, final: eight(1) },
    ],
    { steps: 100, final: 1, points: 100, told: /^$/ },
  ],
  [
    'logged every 10 steps',
    [{ from: 0, to: 100, every: 10, final: eight(2) }],
    { steps: 91, final: 2, points: 10, told: /^$/ },
  ],
  [
    'counted from 1',
    [{ from: 1, to: 101, final: eight(2) }],
    { steps: 100, final: 2, points: 100, told: /^$/ },
  ],
])('%s', async (name, parts, expected) => {
  const folder = join(scratch, name, 'run, 16')
  await mkdir(folder, { recursive: true })
  for (const [i, part] of parts.entries())
    writeFileSync(join(folder, `events.out.tfevents.${i}`), eventFile(part))
  const [log] = await readTensorboard(join(scratch, name))
  if (log === undefined) throw new Error('no run')
  const run = tensorboardRun(log)
  expect(run.steps).toBe(expected.steps)
  expect(run.trainLoss.steps).toHaveLength(expected.points)
  // every step once, in order
  expect([...run.trainLoss.steps].sort((a, b) => a - b)).toEqual(run.trainLoss.steps)
  expect(new Set(run.trainLoss.steps).size).toBe(expected.points)
  expect(run.heldOut['Final Test Loss Average']?.sums).toEqual(eight(expected.final))
  expect(log.problems.join()).toMatch(expected.told)
  // in one file the same
  writeFileSync(join(scratch, `events.out.tfevents.${name}`), together(parts))
  const [one] = await readTensorboard(join(scratch, `events.out.tfevents.${name}`))
  if (one === undefined) throw new Error('no run')
  expect(tensorboardRun(one).trainLoss).toEqual(run.trainLoss)
  expect(tensorboardRun(one).heldOut['Final Test Loss Average']?.sums).toEqual(
    eight(expected.final),
  )
  // what was tested before a run went on in its file is told, too
  expect(one.problems.join().replace(/^the final test was made more.*/, '')).toMatch(expected.told)
})

test('of several final tests the last one counts, and what is no number is counted', async () => {
  const folder = join(scratch, 'tested twice', 'run, 16')
  await mkdir(folder, { recursive: true })
  const again = { from: 0, to: 0, final: [...eight(1).slice(1), Number.NaN] }
  writeFileSync(
    join(folder, 'events.out.tfevents.0'),
    together([{ from: 0, to: 50, final: eight(9) }, again]),
  )
  const [log] = await readTensorboard(join(scratch, 'tested twice'))
  if (log === undefined) throw new Error('no run')
  const run = tensorboardRun(log)
  expect(run.heldOut['Final Test Loss Average']?.sums).toEqual(eight(1).slice(1))
  expect(run.provenance).toMatchObject({
    problems: [
      'the final test was made more than once: 8 values of earlier ones are left out',
      '1 of 8 values of Final Test Loss are no numbers',
      '1 of 2 values of Final Test Loss Average are no numbers',
    ],
  })
})

test.each([
  ['skip, 4/train', 'skip, 4/train', 4, ''],
  ['skip, 4', 'skip, 4', 4, ''],
  ['a, 1/b, 16/x', 'b, 16/x', 16, ''],
  ['skip/train', 'train', 0, 'its name holds no number of soft prompt tokens'],
])('%s is called %s, of %i tokens', (path, name, tokens, problem) => {
  const run = tensorboardRun({ name: path, files: [], scalars: new Map(), problems: [] })
  expect([run.name, run.tokens]).toEqual([name, tokens])
  expect(JSON.stringify(run.provenance)).toContain(problem)
})

/** What is logged into a folder of its own: pairs of tag and values at steps 0, 1, … */
async function logged(path: string, scalars: Record<string, readonly [number, number][]>) {
  await mkdir(join(scratch, path), { recursive: true })
  const records = Object.entries(scalars).flatMap(([tag, points]) =>
    points.map(([step, value]) => frame(scalarEvent({ tag, step, value, wall: 1000 }))),
  )
  const bytes = Buffer.concat([frame(versionEvent(1000)), ...records])
  writeFileSync(join(scratch, path, 'events.out.tfevents.0'), bytes)
}
const curve = (value: number): Record<string, readonly [number, number][]> => ({
  Loss: [
    [0, value],
    [1, value / 2],
  ],
  accuracy: [[1, value]],
})

test('folders of training and tests are one run, whose test curve is what was looked at during training', async () => {
  await logged('split/skip, 4/train', curve(3))
  await logged('split/skip, 4/test', { ...curve(5), 'Final Test Loss Average': [[1, 2]] })
  await logged('split/skip, 4/validation', { ...curve(4), 'Final Test Loss Average': [[1, 9]] })
  await logged('split/skip, 8', curve(1))
  await logged('split/skip, 8/Eval', curve(2))
  // one of each alone, or beside others, is a run of its own
  await logged('split/a, 2/train', curve(3))
  await logged('split/b/train', curve(3))
  await logged('split/b/test', curve(3))
  await logged('split/b/other, 1', curve(3))
  const runs = await readTensorboard(join(scratch, 'split'))
  expect(runs.map(({ name }) => name)).toEqual([
    ...['a, 2/train', 'b/other, 1', 'b/test', 'b/train', 'skip, 4', 'skip, 8'],
  ])
  const [four, eight] = runs.slice(4)
  const last = (run = four) =>
    Object.fromEntries([...(run?.scalars ?? [])].map(([tag, { values }]) => [tag, values.at(-1)]))
  expect(last()).toEqual({
    ...{ Loss: 1.5, accuracy: 3, 'Test Loss': 2, 'Final Test Loss Average': 2 },
    ...{ 'test/Loss': 2.5, 'test/accuracy': 5, 'validation/accuracy': 4 },
    'validation/Final Test Loss Average': 9,
  })
  expect(four?.files).toHaveLength(3)
  expect(four?.problems).toEqual([
    "train, validation, test are read as one run; 'Loss' of test is called 'test/Loss'; 'accuracy' of test is called 'test/accuracy'; 'Loss' of validation is called 'Test Loss'; 'accuracy' of validation is called 'validation/accuracy'; 'Final Test Loss Average' of validation is called 'validation/Final Test Loss Average'",
  ])
  expect(last(eight)).toEqual({ Loss: 0.5, accuracy: 1, 'Test Loss': 1, 'Eval/accuracy': 2 })
  expect(eight?.problems.join()).toMatch(/^its own logs, Eval are read as one run; /)
  // a run that was chosen itself has the name of its folder
  const [chosen, ...no] = await readTensorboard(join(scratch, 'split', 'skip, 4'))
  expect([chosen?.name, no]).toEqual(['skip, 4', []])
})

test('of two values of one tag at one step the last one counts, which is told', async () => {
  await logged('again, 2', {
    Loss: [
      [0, 3],
      [1, 2],
      [1, 1],
      [2, 0.5],
    ],
    accuracy: [
      [7, 1],
      [3, 5],
      [7, 2],
    ],
    'Final Test Loss': [
      [0, 1],
      [0, 2],
    ],
  })
  const [run] = await readTensorboard(join(scratch, 'again, 2'))
  const values = (tag: string) => run?.scalars.get(tag)?.values
  expect([values('Loss'), values('accuracy')]).toEqual([
    [3, 1, 0.5],
    [5, 2],
  ])
  expect(values('Final Test Loss')).toEqual([1, 2])
  expect(run?.problems).toEqual([
    "values that were logged again at their step are left out, the last one counts: 1 of 'Loss', 1 of 'accuracy'",
  ])
})
