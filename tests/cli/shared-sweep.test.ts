// Several processes at one sweep: each cell is trained once, and each process ends when all cells have.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withWorkbench } from '../../src-worker/cli/engine'
import type { Terminal } from '../../src-worker/cli/terminal'
import { runSweep } from '../../src-worker/cli/train'
import { sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { runIds } from '../../src-worker/train/find-run'
import { runFiles } from '../../src-worker/train/run-folder'
import { temporaryFolder } from '../temporary'
import { resources, tinySpec, writeTexts } from '../train/runs'

function sweepIn(home: string) {
  const base = tinySpec(writeTexts(home), { training: { steps: 6, testEvery: 0 } })
  return sweepSpecSchema.parse({ base, tokens: [0, 1, 2], seeds: [1, 2] })
}

const cells = 6

const quiet = () => {}
const silent: Terminal = {
  json: false,
  say: quiet,
  complain: quiet,
  progress: quiet,
  answer: quiet,
}

test('three processes share a sweep', async () => {
  const home = temporaryFolder()
  const sweep = sweepIn(home)
  const run = () => withWorkbench(w => runSweep(w, sweep, silent), {}, { home, resources })
  const all = await Promise.all([run(), run(), run()])
  expect(await runIds(home)).toHaveLength(cells)
  for (const ended of all) {
    expect(ended.map(one => one.state.kind)).toEqual(Array(cells).fill('done'))
    expect(ended.map(one => one.run)).toEqual(all[0]!.map(one => one.run))
  }
  for (const id of await runIds(home)) {
    const text = readFileSync(runFiles(join(home, 'runs', id)).metrics, 'utf8')
    const steps = text
      .split('\n')
      .filter(line => line.includes('"Loss"'))
      .map(line => (JSON.parse(line) as { step: number }).step)
    expect(new Set(steps).size).toBe(steps.length)
  }
})

test('shards are disjoint and make up the whole', async () => {
  const home = temporaryFolder()
  const sweep = sweepIn(home)
  const run = (index: number) =>
    withWorkbench(
      w => runSweep(w, sweep, silent, { shard: { index, of: 2 } }),
      {},
      { home, resources },
    )
  const [first, second] = [await run(1), await run(2)]
  expect(first).toHaveLength(cells / 2)
  expect(new Set([...first, ...second].map(one => one.run)).size).toBe(cells)
})

test('a cell that fails is tried once by a process, and the others still run', async () => {
  const home = temporaryFolder()
  const sweep = sweepIn(home)
  const broken = { ...sweep, datasets: [join(home, 'texts.jsonl'), join(home, 'missing.jsonl')] }
  const run = () => withWorkbench(w => runSweep(w, broken, silent), {}, { home, resources })
  const kinds = (await run()).map(one => one.state.kind)
  expect(kinds.filter(kind => kind === 'done')).toHaveLength(cells)
  expect(kinds.filter(kind => kind === 'failed')).toHaveLength(cells)
})
