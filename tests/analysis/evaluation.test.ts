// An evaluation of a snapshot is no run of a curve, however many there are.
import { expect, test } from 'vitest'
import { grouped } from '../../src-worker/analysis/group'
import { analysedRun } from '../../src-worker/analysis/runs'
import { createRun } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { tinySpec } from '../train/runs'
import { run, sweep } from './fixtures'

test('two evaluations add no curve and rename none; they are listed as left out', () => {
  const curve = sweep({ losses: { 1: 3, 4: 2.5, 16: 2.2 }, none: 4 })
  const evaluations = [1, 2].map(i =>
    run({
      id: `eval-${i}`,
      baseline: 'evaluation',
      settings: { 'prompt.init.kind': 'snapshot', 'prompt.init.path': `/${i}` },
    }),
  )
  const [alone, beside] = [grouped(curve), grouped([...curve, ...evaluations])]
  expect(alone.groups).toHaveLength(1)
  expect(beside.groups).toEqual(alone.groups)
  expect(beside.skipped.filter(s => s.run.startsWith('eval'))).toEqual(
    evaluations.map(({ id }) => ({
      run: id,
      reason: 'it evaluates a snapshot, and trained nothing',
    })),
  )
})

test.each([
  ['a snapshot that is tested', 0, { kind: 'snapshot', path: '/s' }, 'evaluation'],
  ['a prompt that was never trained', 0, { kind: 'vocabulary' }, 'untrained'],
  ['training that goes on from a snapshot', 4, { kind: 'snapshot', path: '/s' }, undefined],
] as const)('%s', async (_, steps, init, expected) => {
  const home = temporaryFolder()
  const spec = tinySpec('demo', { prompt: { init }, training: { steps } })
  expect((await analysedRun(await createRun(home, spec))).baseline).toBe(expected)
})
