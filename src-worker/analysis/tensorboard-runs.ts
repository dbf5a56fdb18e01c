// Imported TensorBoard logs as runs for the analysis. Names of the original's kind give experiment, model and tokens;
// any other folder becomes a run of its own experiment, whose tokens are the number in its name.
import type { AnalysedRun, HeldOut } from '../contract/analysed-run'
import { tags } from '../contract/metrics'
import { namedRun } from './original-names'
import type { TensorboardRun } from './tensorboard-import'
import { finalBatches, type ScalarSeries } from './tensorboard-join'

/** The batches of the final test as held-out units of equal weight. */
function testBatches(series: ScalarSeries | undefined, set: string): HeldOut | undefined {
  if (series === undefined) return undefined
  const sums = series.values.filter(Number.isFinite)
  return { unit: 'test batch', set, sums, counts: sums.map(() => 1) }
}

function finalMetrics(run: TensorboardRun): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const [tag, series] of run.scalars) {
    const last = series.values.at(-1)
    if (last !== undefined && Number.isFinite(last) && tag !== finalBatches) metrics[tag] = last
  }
  return metrics
}

/** Optimizer steps: the last one that was logged, counted from 0 or from 1 as the log does. */
function stepsIn(loss: ScalarSeries | undefined): number {
  const { steps = [] } = loss ?? {}
  const [first = 1, last = 0] = [steps[0], steps.at(-1)]
  return first === 0 ? last + 1 : last
}

/** The last number that stands alone in a name: 'run, 16' → 16; undefined: there is none. */
function numberIn(name: string): number | undefined {
  const found = /(?:^|[ ,_=-])(\d{1,4})(?=$|[ ,_])/.exec(name)?.[1]
  return found === undefined ? undefined : Number(found)
}

const noNumber =
  'its name holds no number of soft prompt tokens: it is taken as the model without a prompt'

interface Named {
  /** of the folder, with those around it where only they have the number: 'run, 16/train' */
  readonly name: string
  readonly tokens: number
  readonly problems: readonly string[]
}

/** By the innermost folder that has a number; loggers put train and test into folders of their own. */
function named(path: string): Named {
  const parts = path.split('/')
  for (let from = parts.length - 1; from >= 0; from--) {
    const tokens = numberIn(parts[from] ?? '')
    if (tokens !== undefined) return { name: parts.slice(from).join('/'), tokens, problems: [] }
  }
  return { name: parts.at(-1) ?? path, tokens: 0, problems: [noNumber] }
}

function notNumbers(tag: string, series: ScalarSeries | undefined): readonly string[] {
  const lost = (series?.values ?? []).filter(value => !Number.isFinite(value)).length
  return lost === 0 ? [] : [`${lost} of ${series?.values.length} values of ${tag} are no numbers`]
}

/**
 * A run with its curves. Trained runs of one behaviour, model and number of steps were tested on the same batches by the
 * original (their batch losses correlate by up to 0.999), so they are paired; its baselines saw other batches.
 */
export function tensorboardRun(run: TensorboardRun): AnalysedRun {
  const known = namedRun(run.name)
  const loss = run.scalars.get(tags.loss)
  const own = named(run.name)
  const name = known === undefined ? own.name : (run.name.split('/').at(-1) ?? run.name)
  const words = name.split(',')[0] ?? name
  const { experiment, behaviour, model, dataset, tokens } = known ?? {
    ...{ experiment: words, behaviour: words, model: '', dataset: '', tokens: own.tokens },
  }
  const problems = [
    ...run.problems,
    ...(known === undefined ? own.problems : []),
    ...[finalBatches, tags.finalTestLoss].flatMap(tag => notNumbers(tag, run.scalars.get(tag))),
  ]
  // the original's baselines log losses though nothing is trained
  const steps = known?.tokens === 0 ? 0 : stepsIn(loss)
  const paired = known !== undefined && steps > 0
  const set = paired ? [behaviour, dataset, model, steps].join(' | ') : ''
  const heldOut = testBatches(run.scalars.get(finalBatches), set)
  const first = [...run.scalars.values()][0]?.wall[0]
  return {
    id: run.name,
    name,
    source: 'tensorboard',
    experiment,
    behaviour,
    model,
    dataset,
    tokens,
    seed: null,
    ...(tokens === 0 ? { baseline: 'none' as const } : {}),
    steps,
    state: 'done',
    metrics: finalMetrics(run),
    heldOut: heldOut === undefined ? {} : { [tags.finalTestLoss]: heldOut },
    trainLoss: {
      steps: loss?.steps ?? [],
      values: (loss?.values ?? []).map(v => (Number.isFinite(v) ? v : null)),
    },
    restarts: [],
    parameters: null,
    settings: {},
    startedAt: first === undefined ? '' : new Date(first).toISOString(),
    spec: null,
    provenance: { files: run.files, problems },
  }
}
