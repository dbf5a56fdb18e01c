// Published event files: what we read equals what the tensorboard package read of them.
import { join, posix } from 'node:path'
import { type TensorboardRun, tensorboardRunsIn } from '../analysis/tensorboard-import'
import { Absent, exact, part, type VerifyCase, type VerifyContext } from './case'
import { filesOf, readJson } from './golden'

interface Decoded {
  readonly run: string
  readonly file: string
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>
}

const check = 'tensorboard'

/** Runs of all the archives of a folder, by name; one of results or samples may lie beside those of event files. */
async function runsOf(folder: string): Promise<ReadonlyMap<string, TensorboardRun>> {
  const archives = (await filesOf(folder)).filter(file => /\.tar(\.\w+)?$/.test(file))
  const runs = await Promise.all(archives.map(file => tensorboardRunsIn(join(folder, file))))
  return new Map(runs.flat().map(run => [run.name, run]))
}

export async function* verifyTensorboard({
  reference,
}: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(reference, 'published')
  const { files } = await readJson<{ files: readonly Decoded[] }>(
    folder,
    'decoded-event-files.json',
  )
  const runs = await runsOf(folder)
  for (const each of files) yield* part(check, each.file, fileCases(runs, each))
}

function* fileCases(
  runs: ReadonlyMap<string, TensorboardRun>,
  { file, scalars }: Decoded,
): Generator<VerifyCase, void> {
  const run = runs.get(posix.dirname(file))
  if (run === undefined) throw new Absent(`no archive has ${file}`)
  for (const [tag, points] of Object.entries(scalars)) {
    const series = run.scalars.get(tag)
    const read = (series?.steps ?? []).flatMap((step, i) => [step, series?.values[i]])
    yield exact(check, `${run.name} ${tag}`, read, points.flat())
  }
}
