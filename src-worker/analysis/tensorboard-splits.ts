// Folders of one run: loggers put the curves of training and of tests into folders of their own (run/train, run/test), or
// the tests into one below the run's (run, run/eval). They are one run, with the curves of both.
import { posix } from 'node:path'
import { tags } from '../contract/metrics'
import type { ScalarSeries, TensorboardRun } from './tensorboard-join'

const training = /^(?:train|training)$/i
/** In this order the first one's loss is the test curve: what was looked at during training goes before the test at its end. */
const tests = [/^(?:val|valid|validation|dev)$/i, /^(?:eval|evaluation)$/i, /^(?:test|testing)$/i]

const lastOf = (name: string): string => posix.basename(name)
const rankOf = (name: string): number => tests.findIndex(test => test.test(lastOf(name)))

interface Split {
  readonly train: TensorboardRun
  readonly tests: readonly TensorboardRun[]
}

/** Parts of a run, if all that holds scalars at and below its folder are one of training and some of tests. */
function splitOf(folder: string, runs: readonly TensorboardRun[]): Split | undefined {
  const within = runs.filter(({ name }) => name === folder || posix.dirname(name) === folder)
  const below = runs.filter(
    ({ name }) => folder === '.' || name === folder || name.startsWith(`${folder}/`),
  )
  const tested = within.filter(run => run.name !== folder && rankOf(run.name) >= 0)
  const trained = within.filter(({ name }) => name === folder || training.test(lastOf(name)))
  const [train] = trained
  if (train === undefined || trained.length > 1 || tested.length === 0) return undefined
  if (tested.length + 1 < below.length) return undefined
  return { train, tests: tested.sort((a, b) => rankOf(a.name) - rankOf(b.name)) }
}

/** What the tags of a test are called beside those of training, and of other tests. */
function besideOthers(
  part: TensorboardRun,
  isFirst: boolean,
  taken: ReadonlyMap<string, ScalarSeries>,
): [tag: string, called: string][] {
  const isTestCurve = isFirst && !taken.has(tags.testLoss) && !part.scalars.has(tags.testLoss)
  return [...part.scalars.keys()].map(tag => {
    if (tag === tags.loss && isTestCurve) return [tag, tags.testLoss]
    const own = tag !== tags.loss && !taken.has(tag)
    return [tag, own ? tag : `${lastOf(part.name)}/${tag}`]
  })
}

function joined(folder: string, { train, tests: tested }: Split): TensorboardRun {
  const scalars = new Map<string, ScalarSeries>(train.scalars)
  const renamed: string[] = []
  // from the test at the end back to what was looked at during training: its final numbers are those of the run
  for (const part of [...tested].reverse())
    for (const [tag, called] of besideOthers(part, part === tested[0], scalars)) {
      scalars.set(called, part.scalars.get(tag) as ScalarSeries)
      if (called !== tag) renamed.push(`'${tag}' of ${lastOf(part.name)} is called '${called}'`)
    }
  const parts = [train, ...tested]
  const names = parts.map(({ name }) => (name === folder ? 'its own logs' : lastOf(name)))
  const note = [`${names.join(', ')} are read as one run`, ...renamed].join('; ')
  return {
    name: folder,
    files: parts.flatMap(({ files }) => files),
    scalars,
    problems: [...parts.flatMap(({ problems }) => problems), note],
  }
}

/** Runs, with the parts of one put together where training and tests have folders of their own, which is noted. */
export function withSplitsJoined(runs: readonly TensorboardRun[]): TensorboardRun[] {
  const held = runs.filter(({ scalars }) => scalars.size > 0)
  const folders = new Set(
    held.flatMap(({ name }) => (rankOf(name) < 0 ? [] : [posix.dirname(name)])),
  )
  return [...folders].reduce<TensorboardRun[]>(
    (all, folder) => {
      const split = splitOf(folder, held)
      if (split === undefined) return all
      const parts = new Set([split.train, ...split.tests])
      const first = all.findIndex(run => parts.has(run))
      return all.flatMap((run, i) =>
        i === first ? [joined(folder, split)] : parts.has(run) ? [] : [run],
      )
    },
    [...runs],
  )
}
