// Pre-registration: a sweep and its thresholds, frozen before it starts; afterwards the report lists every deviation.
import { createHash } from 'node:crypto'
import type { AnalysedRun } from '../contract/analysed-run'
import type { AnalysisOptions, Threshold } from '../contract/analysis'
import { thresholdText } from '../contract/analysis-text'
import type { Deviation, FrozenSweep } from '../contract/frozen-sweep'
import { tags } from '../contract/metrics'
import { lengthWord } from '../contract/needed'
import type { RunSpec, SweepSpec } from '../contract/run-spec'
import { canonicalJson } from '../train/spec-name'
import { controlIds } from './controls'
import { settingsOf } from './runs'

const hashOf = ({ hash: _hash, ...rest }: FrozenSweep): string =>
  createHash('sha256').update(canonicalJson(rest)).digest('hex')

export interface Plan {
  readonly sweep: SweepSpec
  /** the cells of the sweep as full specs */
  readonly runs: readonly RunSpec[]
  /** by behaviour id, or 'all' */
  readonly thresholds: Readonly<Record<string, Threshold>>
  readonly note: string
}

/** The plan with its time and hash. Plain JSON: what is read back has the same hash. */
export function freeze(plan: Plan, now: Date = new Date()): FrozenSweep {
  const { sweep, runs, thresholds, note } = plan
  const body = JSON.parse(JSON.stringify({ sweep, runs, thresholds, note }))
  const frozen: FrozenSweep = { version: 1, hash: '', frozenAt: now.toISOString(), ...body }
  return { ...frozen, hash: hashOf(frozen) }
}

/** What makes a run the planned one: everything on the axes of a sweep. */
function cellOf(spec: RunSpec): string {
  const { experiment, model, data, prompt, seed, training } = spec
  const tokens = 'tokens' in prompt ? prompt.tokens : 0
  const bare = prompt.type === 'none' || prompt.type === 'start-token'
  const kind = bare ? prompt.type : training.steps === 0 ? 'untrained' : 'trained'
  // a baseline trains nothing: any seed will do
  return canonicalJson([experiment, model, data.path, kind, tokens, bare ? 0 : seed])
}

/** Everything that makes a number: also what may differ within a curve. */
const numbersOf = (spec: RunSpec): Record<string, string> => ({
  ...settingsOf(spec),
  'training.steps': String(spec.training.steps),
  'training.finalTestBatches': String(spec.training.finalTestBatches),
  'results.metricSamples': String(spec.results.metricSamples),
})

/** Paths at which two specs differ. */
function changes(planned: RunSpec, done: RunSpec): string[] {
  const [a, b] = [numbersOf(planned), numbersOf(done)]
  const paths = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
  return paths
    .filter(path => a[path] !== b[path])
    .map(path => `${path}: planned ${a[path] ?? 'nothing'}, done ${b[path] ?? 'nothing'}`)
}

const describe = (spec: RunSpec): string => {
  const tokens = 'tokens' in spec.prompt ? lengthWord(spec.prompt.tokens) : spec.prompt.type
  return `${spec.experiment.kind}, ${spec.model}, ${tokens}, seed ${spec.seed}`
}

function ofRun(run: AnalysedRun, frozen: FrozenSweep, planned: RunSpec | undefined): Deviation[] {
  if (planned === undefined)
    return [{ kind: 'unplanned-run', run: run.id, text: `${run.name} was not planned` }]
  const found: Deviation[] = changes(planned, run.spec as RunSpec).map(text => ({
    kind: 'changed-setting',
    run: run.id,
    text,
  }))
  if (run.state !== 'done')
    found.push({
      kind: 'missing-run',
      run: run.id,
      text: `planned but ${run.state}${run.failure === undefined ? '' : `: ${run.failure}`}`,
    })
  if (run.startedAt !== '' && run.startedAt < frozen.frozenAt)
    found.push({
      kind: 'started-before-freezing',
      run: run.id,
      text: `started ${run.startedAt}, before the plan was frozen (${frozen.frozenAt})`,
    })
  return found
}

function thresholdChanges(frozen: FrozenSweep, options: AnalysisOptions): Deviation[] {
  const { all } = frozen.thresholds
  // a behaviour that was planned to be read as all are, and is not
  const added = Object.keys(options.thresholds).filter(b => !(b in frozen.thresholds))
  const plans = [
    ...Object.entries(frozen.thresholds),
    ...(all === undefined ? [] : added.map(behaviour => [behaviour, all] as const)),
  ]
  return plans.flatMap(([behaviour, planned]) => {
    const used =
      behaviour === 'all' ? options.threshold : (options.thresholds[behaviour] ?? options.threshold)
    if (canonicalJson(used) === canonicalJson(planned)) return []
    const text = `${behaviour}: planned ${thresholdText(planned)}, used ${thresholdText(used)}`
    return [{ kind: 'changed-threshold' as const, run: '', text }]
  })
}

/** Everything in which the runs and the reading depart from the plan; an empty list is the good news. */
export function deviationsOf(
  frozen: FrozenSweep,
  runs: readonly AnalysedRun[],
  options: AnalysisOptions,
): Deviation[] {
  const found: Deviation[] = []
  if (hashOf(frozen) !== frozen.hash)
    found.push({ kind: 'hash', run: '', text: 'the frozen file was changed after it was frozen' })
  const plans = new Map((frozen.runs as RunSpec[]).map(spec => [cellOf(spec), spec]))
  const controls = controlIds(runs)
  // a control changes no planned number: it stands beside the run that it belongs to
  const own = runs.filter(
    run => run.source === 'workbench' && run.spec !== null && !controls.has(run.id),
  )
  const done = new Set<string>()
  for (const run of own) {
    const cell = cellOf(run.spec as RunSpec)
    done.add(cell)
    found.push(...ofRun(run, frozen, plans.get(cell)))
  }
  for (const [cell, spec] of plans)
    if (!done.has(cell))
      found.push({ kind: 'missing-run', run: '', text: `planned but not there: ${describe(spec)}` })
  // a plan speaks of the final held-out loss
  if (options.metric !== tags.finalTestLoss)
    found.push({
      kind: 'changed-metric',
      run: '',
      text: `planned ${tags.finalTestLoss}, used ${options.metric}`,
    })
  return [...found, ...thresholdChanges(frozen, options)]
}
