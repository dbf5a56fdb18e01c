// Runs of a sweep → its grid (rows: what is alike but for the length; columns: lengths) and its curves.
import { tags } from '../../../src-worker/contract/metrics'
import type { RunSummary } from '../../../src-worker/contract/run'
import { tokensOf } from '../../../src-worker/contract/run-spec'
import { isControlData } from '../../../src-worker/shared/control-data'
import type { ChartSeries } from '../../charts/chart-spec'
import { baseName, modelName } from '../../text/format'

export interface GridRow {
  readonly title: string
  /** by column, in the order of `columns` */
  readonly cells: readonly (readonly RunSummary[])[]
}

export interface SweepGrid {
  readonly columns: readonly { readonly key: string; readonly title: string }[]
  readonly rows: readonly GridRow[]
}

/** Baselines have columns of their own; so have untrained prompts. */
function columnOf(run: RunSummary): string {
  const { prompt, training } = run.spec
  if (prompt.type === 'none') return 'no prompt'
  if (prompt.type === 'start-token') return 'start token'
  return training.steps === 0 ? `${tokensOf(prompt)} untrained` : String(tokensOf(prompt))
}

/** What distinguishes the rows of this sweep: only the axes that vary. */
function rowTitles(runs: readonly RunSummary[]): (run: RunSummary) => string {
  const axes: readonly ((run: RunSummary) => string)[] = [
    run => run.behaviour,
    run => modelName(run.spec.model),
    run => baseName(run.spec.data.path),
    run => `seed ${run.spec.seed}`,
  ]
  const varying = axes.filter(axis => new Set(runs.map(axis)).size > 1)
  const shown = varying.length > 0 ? varying : axes.slice(1, 2)
  return run => shown.map(axis => axis(run)).join(' · ')
}

const rank = (column: string) => {
  if (column === 'no prompt') return -2
  if (column === 'start token') return -1
  return Number.parseInt(column, 10) + (column.endsWith('untrained') ? 0.5 : 0)
}

export function gridOf(runs: readonly RunSummary[]): SweepGrid {
  const title = rowTitles(runs)
  const columns = [...new Set(runs.map(columnOf))].sort((a, b) => rank(a) - rank(b))
  const rows = [...new Set(runs.map(title))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  return {
    columns: columns.map(key => ({ key, title: key })),
    rows: rows.map(row => ({
      title: row,
      cells: columns.map(c => runs.filter(run => title(run) === row && columnOf(run) === c)),
    })),
  }
}

const isControl = ({ spec }: RunSummary): boolean => isControlData(spec.data.path)

/** One curve a model and dataset: mean final loss over seeds at each length, with their range as band. Controls are dashed. */
export function curvesOf(runs: readonly RunSummary[]): readonly ChartSeries[] {
  const trained = runs.filter(
    run =>
      run.metrics[tags.finalTestLoss] &&
      (run.spec.training.steps > 0 || tokensOf(run.spec.prompt) === 0),
  )
  const name = (run: RunSummary) => {
    const parts = [(r: RunSummary) => r.behaviour, (r: RunSummary) => baseName(r.spec.data.path)]
    const varying = parts.filter(part => new Set(trained.map(part)).size > 1)
    return [modelName(run.spec.model), ...varying.map(part => part(run))].join(' · ')
  }
  return [...new Set(trained.map(name))].map((id, i) => {
    const own = trained.filter(run => name(run) === id)
    const lengths = [...new Set(own.map(run => tokensOf(run.spec.prompt)))].sort((a, b) => a - b)
    const at = lengths.map(n => finals(own.filter(run => tokensOf(run.spec.prompt) === n)))
    const several = at.some(losses => losses.length > 1)
    return {
      id,
      name: id,
      colour: (i % 7) + 1,
      x: lengths,
      y: at.map(losses => losses.reduce((sum, l) => sum + l, 0) / losses.length),
      dots: true,
      ...(own.every(isControl) ? { dashed: true } : {}),
      ...(several
        ? { band: { low: at.map(l => Math.min(...l)), high: at.map(l => Math.max(...l)) } }
        : {}),
    }
  })
}

/** At length 0 the better of the two baselines counts. */
function finals(runs: readonly RunSummary[]): readonly number[] {
  const bySeed = new Map<number, number>()
  for (const run of runs) {
    const loss = run.metrics[tags.finalTestLoss]?.last ?? Number.NaN
    bySeed.set(run.spec.seed, Math.min(loss, bySeed.get(run.spec.seed) ?? Number.POSITIVE_INFINITY))
  }
  return [...bySeed.values()]
}
