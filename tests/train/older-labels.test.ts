// A run whose spec an older version wrote, before labels changed: it does not go on under other labels without a word.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveSpec } from '../../src-worker/spec/resolve'
import { createRun, runFiles } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { runToEnd, tensorHash, tinySpec, writeTexts } from './runs'

/** Stopped after some steps, with a checkpoint; then its spec is as `change` leaves it. */
async function stopped(home: string, change: (experiment: Record<string, unknown>) => void) {
  const data = writeTexts(home)
  const folder = await createRun(home, tinySpec(data, { experiment: { kind: 'custom' } }))
  const { state } = await runToEnd(folder, home, update =>
    update.kind === 'metrics' && update.lines.some(l => l.step >= 8) ? 'stop' : 'go',
  )
  expect(state.kind).toBe('stopped')
  const { spec: path } = runFiles(folder)
  const spec = JSON.parse(readFileSync(path, 'utf8'))
  change(spec.experiment)
  writeFileSync(path, JSON.stringify(spec))
  return { folder, path }
}

test.each<[string, (experiment: Record<string, unknown>) => void]>([
  ['absent', experiment => delete experiment.separator],
  ['null', experiment => Object.assign(experiment, { separator: null })],
])('separator %s: refused, with the way on; its checkpoints stay', async (_, change) => {
  const home = temporaryFolder()
  const { folder, path } = await stopped(home, change)
  const checkpoints = join(folder, 'checkpoints')
  const before = readdirSync(checkpoints).map(name => tensorHash(join(checkpoints, name)))
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({
    kind: 'failed',
    fault: {
      code: 'bad-data',
      message:
        'this run was begun by an older version, whose examples had other labels: a blank was put between prompt and completion, and what the chat template writes behind a turn was a label too',
      fix: `Start a new run with its settings: spw train --spec ${path}.`,
    },
  })
  const after = readdirSync(checkpoints).map(name => tensorHash(join(checkpoints, name)))
  expect(after).toEqual(before)
  // what the fix names: a new run of that spec says how pairs are joined
  const again = resolveSpec(JSON.parse(readFileSync(path, 'utf8')))
  expect(again.experiment).toMatchObject({ kind: 'custom', separator: '' })
})

test('without a checkpoint it does not start over under other labels either', async () => {
  const home = temporaryFolder()
  const { folder } = await stopped(home, experiment => delete experiment.separator)
  rmSync(join(folder, 'checkpoints'), { recursive: true })
  const { metrics } = runFiles(folder)
  const before = readFileSync(metrics, 'utf8')
  const { state } = await runToEnd(folder, home)
  expect(state).toMatchObject({ kind: 'failed', fault: { code: 'bad-data' } })
  expect(readFileSync(metrics, 'utf8')).toBe(before)
})

test('a run of today goes on', async () => {
  const home = temporaryFolder()
  const { folder } = await stopped(home, () => {})
  expect((await runToEnd(folder, home)).state).toEqual({ kind: 'done' })
})
