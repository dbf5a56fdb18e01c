// Controls belong to the run whose training they repeat on data that say nothing: each stands beside its behaviour, and is
// none of its own.
import type { AnalysedRun } from '../contract/analysed-run'
import { controlName } from '../shared/control-data'
import type { Skipped } from './group'
import { diverged } from './loss-guards'
import { slowerRate } from './suggest'

const isTrained = ({ baseline, source }: AnalysedRun): boolean =>
  baseline === undefined && source === 'workbench'

/** What a control shares with its run: all but the data. */
const trainingOf = ({ model, tokens, experiment, settings }: AnalysedRun): string => {
  const own = Object.entries(settings).filter(([path]) => !path.startsWith('data.'))
  return JSON.stringify([model, tokens, experiment, own.sort(([a], [b]) => (a < b ? -1 : 1))])
}

const ratePath = 'optimizer.learningRate'

/** The control of a run that diverged is trained once more, at the smaller rate of such a repeat. */
function isSlower(control: AnalysedRun, run: AnalysedRun): boolean {
  const rate = slowerRate(Number(run.settings[ratePath]))
  if (Number(control.settings[ratePath]) !== rate) return false
  const settings = { ...run.settings, [ratePath]: control.settings[ratePath] ?? '' }
  return trainingOf({ ...run, settings }) === trainingOf(control)
}

/** By the control's id: the runs that were read in bits against it. */
function namedBy(runs: readonly AnalysedRun[]): ReadonlyMap<string, readonly AnalysedRun[]> {
  const found = new Map<string, readonly AnalysedRun[]>()
  for (const run of runs) {
    const control = run.bits?.answer?.control ?? ''
    if (control !== '' && control !== run.id)
      found.set(control, [...(found.get(control) ?? []), run])
  }
  return found
}

/** Ids of the runs that are controls: by their data, or because a run was read against them. */
export function controlIds(runs: readonly AnalysedRun[]): ReadonlySet<string> {
  const named = namedBy(runs)
  return new Set(runs.filter(r => r.baseline === 'control' || named.has(r.id)).map(r => r.id))
}

/** The run that a control belongs to, or why none is known. */
function hostOf(
  control: AnalysedRun,
  trained: readonly AnalysedRun[],
  named: readonly AnalysedRun[],
): AnalysedRun | string {
  const [read] = named.filter(run => trained.includes(run))
  if (read !== undefined) return read
  const same = trained.filter(run => trainingOf(run) === trainingOf(control))
  const like = same.length > 0 ? same : trained.filter(run => isSlower(control, run))
  const called = like.filter(run => control.name === controlName(run.name))
  const hosts = called.length > 0 ? called : like
  const [first] = hosts
  if (first === undefined) return 'it is a control, and the run that it belongs to is not here'
  return hosts.every(r => r.behaviour === first.behaviour && r.dataset === first.dataset)
    ? first
    : `it is a control, and it could belong to several runs (spw bits RUN --control ${control.id} says which)`
}

/** A control as it stands beside its run's curve. */
const beside = (control: AnalysedRun, host: AnalysedRun): AnalysedRun => {
  const { behaviour, dataset, settings } = host
  return { ...control, baseline: 'control', behaviour, dataset, settings, hostSteps: host.steps }
}

/** Why a control that diverged is left out. */
const divergedControl = 'it is a control, and its training diverged'

/** Why what a control does not reach says nothing; undefined: it had all that its run had. */
export function whySilent(control: AnalysedRun): string | undefined {
  if (control.baseline !== 'control') return undefined
  if (diverged(control) !== undefined) return divergedControl
  const { steps, hostSteps = 0 } = control
  return steps < hostSteps
    ? `it is a control, and was trained for ${steps} steps where its run was for ${hostSteps}: what it does not reach says nothing`
    : undefined
}

/** The runs with every control moved beside its own; what belongs to none, or failed on its way, is left out with the reason. */
export function withControls(runs: readonly AnalysedRun[]): {
  readonly runs: readonly AnalysedRun[]
  readonly skipped: readonly Skipped[]
} {
  const [controls, named] = [controlIds(runs), namedBy(runs)]
  const trained = runs.filter(run => isTrained(run) && !controls.has(run.id))
  const skipped: Skipped[] = []
  const kept = runs.flatMap(run => {
    if (!controls.has(run.id)) return [run]
    const host = hostOf(run, trained, named.get(run.id) ?? [])
    const why = run.hasDiverged === true ? divergedControl : ''
    if (typeof host !== 'string' && why === '') return [beside(run, host)]
    skipped.push({ run: run.id, reason: typeof host === 'string' ? host : why })
    return []
  })
  return { runs: kept, skipped }
}
