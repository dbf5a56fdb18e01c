// Published event files: what we read equals what the tensorboard package read of them.
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { readTensorboard } from '../analysis/tensorboard-import'
import { compared, exact, type VerifyCase, type VerifyContext } from './case'

interface Decoded {
  readonly run: string
  readonly file: string
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>
}

export async function* verifyTensorboard({
  reference,
}: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(reference, 'published')
  const text = await readFile(join(folder, 'decoded-event-files.json'), 'utf8')
  const { files } = JSON.parse(text) as { files: readonly Decoded[] }
  const logs = await readTensorboard(join(folder, 'published-tensorboard-runs.tar.zst'))
  const runs = new Map(logs.map(run => [run.name, run]))
  for (const { file, scalars } of files) {
    const run = runs.get(posix.dirname(file))
    if (run === undefined) {
      yield compared('tensorboard', file, Number.NaN, 0, 'the run is not in the archive')
      continue
    }
    for (const [tag, points] of Object.entries(scalars)) {
      const series = run.scalars.get(tag)
      const read = (series?.steps ?? []).flatMap((step, i) => [step, series?.values[i]])
      yield exact('tensorboard', `${run.name} ${tag}`, read, points.flat())
    }
  }
}
