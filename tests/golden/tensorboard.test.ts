// The author's published event files: what we read equals what the tensorboard package read (decoded-event-files.json).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readTensorboard, type TensorboardRun } from '../../src-worker/analysis/tensorboard-import'
import { referencePath } from '../reference-path'

interface Decoded {
  readonly run: string
  readonly file: string
  readonly tags: Readonly<Record<string, number>>
  readonly wall_time_first_last: Readonly<Record<string, readonly [number, number]>>
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>
}

const archive = referencePath('reference/published/published-tensorboard-runs.tar.zst')

describe('published TensorBoard runs', () => {
  const decoded = readFileSync(
    referencePath('reference/published/decoded-event-files.json'),
    'utf8',
  )
  const golden = JSON.parse(decoded).files as readonly Decoded[]
  let runs: Promise<Map<string, TensorboardRun>> | undefined
  const imported = () => {
    runs ??= readTensorboard(archive).then(list => new Map(list.map(run => [run.name, run])))
    return runs
  }

  test('the archive holds 186 whole runs', async () => {
    const all = [...(await imported()).values()]
    expect(all.length).toBe(186)
    expect(all.flatMap(run => run.problems)).toEqual([])
    expect(all.every(run => run.scalars.has('Final Test Loss Average'))).toBe(true)
  })

  test.each(golden.map(file => [file.run, file] as const))('%s', async (_name, file) => {
    const run = (await imported()).get(file.file.split('/').slice(0, -1).join('/'))
    expect(run?.files).toEqual([file.file])
    expect([...(run?.scalars.keys() ?? [])].sort()).toEqual(Object.keys(file.scalars).sort())
    for (const [tag, points] of Object.entries(file.scalars)) {
      const series = run?.scalars.get(tag)
      expect(series?.steps).toEqual(points.map(([step]) => step))
      expect(series?.values).toEqual(points.map(([, value]) => value))
      const [first, last] = file.wall_time_first_last[tag] ?? [0, 0]
      expect(series?.wall[0]).toBeCloseTo(first * 1000, 2)
      expect(series?.wall.at(-1)).toBeCloseTo(last * 1000, 2)
    }
  })
})
