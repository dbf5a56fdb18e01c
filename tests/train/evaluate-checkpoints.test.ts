// Every checkpoint of a run tested on the same batches: the order of the numbers is the order of the prompts.
import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { ratedCheckpoints } from '../../src-worker/train/checkpoint-losses'
import { evaluateCheckpoints } from '../../src-worker/train/evaluate-checkpoints'
import { createRun, readSpec, readSummary } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { resources, runToEnd, tinySpec, writeTexts } from './runs'

const evaluated = (folder: string, home: string, signal = new AbortController().signal) => {
  const said: [string, number][] = []
  const work = evaluateCheckpoints(folder, {
    ...{ home, resources, threads: 1, signal },
    onProgress: () => undefined,
    onShare: (doing, share) => void said.push([doing, share]),
  })
  return { work, said }
}

async function ran(changes: RunSpecInput) {
  const home = temporaryFolder()
  const data = writeTexts(home)
  const folder = await createRun(home, tinySpec(data, changes))
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
  return { home, folder, data }
}

const results = { prompts: 0, metricSamples: 0 }

test('the whole held-out side for each checkpoint; where nothing is cut, the last is the final test', async () => {
  const { home, folder } = await ran({ data: { validation: false }, results })
  const before = await ratedCheckpoints(folder, await readSpec(folder))
  expect(before.map(c => [c.step, c.fullTest === null])).toEqual([
    [8, true],
    [16, true],
    [24, false],
  ])
  const { work, said } = evaluated(folder, home)
  expect(await work).toBe(3)
  expect(said.at(-1)?.[0]).toBe('testing step 24')
  expect(said.map(([, share]) => share)).toEqual(
    [...said.map(([, share]) => share)].sort((a, b) => a - b),
  )
  const after = await ratedCheckpoints(folder, await readSpec(folder))
  const final = (await readSummary(folder, new Set())).metrics['Final Test Loss Average']?.last
  expect(after[2]?.fullTest).toBe(final)
  // the quick test looks at fewer batches: it is another number, and stays where it was
  expect(after[0]?.quickTest).toBe(before[0]?.quickTest)
  expect(after[0]?.fullTest).not.toBe(after[0]?.quickTest)
  // what is there is not tested again
  expect(await evaluated(folder, home).work).toBe(0)
})

test('the validation half, which the final number does not see; a stop keeps what was tested', async () => {
  const { home, folder, data } = await ran({ results })
  const stop = new AbortController()
  const first = evaluated(folder, home, stop.signal)
  const timer = setInterval(() => {
    if (first.said.some(([doing]) => doing === 'testing step 16')) stop.abort()
  }, 1)
  await expect(first.work).rejects.toThrow('the evaluation was stopped')
  clearInterval(timer)
  const left =
    3 -
    (await ratedCheckpoints(folder, await readSpec(folder))).filter(c => c.fullTest !== null).length
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(3)
  expect(await evaluated(folder, home).work).toBe(left)
  const rated = await ratedCheckpoints(folder, await readSpec(folder))
  const final = (await readSummary(folder, new Set())).metrics['Final Test Loss Average']?.last
  expect(rated.every(c => c.fullTest !== null)).toBe(true)
  expect(rated[2]?.fullTest).not.toBe(final)
  // the last point of the curve is there, too
  expect(rated[2]?.quickTest).not.toBeNull()
  // other data would give numbers of something else
  writeFileSync(data, 'not what it was')
  await expect(evaluated(folder, home).work).rejects.toThrow(
    /is not what this run was trained on|usable|read/,
  )
})
