// Runs → the rows of the table: sorted, grouped, groups opened.
import type { RunSummary } from '../../../src-worker/contract/run'
import { modelName, plural } from '../../text/format'
import { promptText } from '../../text/run-text'
import type { RunColumn } from './run-columns'

export type GroupBy = 'none' | 'seeds' | 'sweep' | 'experiment'

export type RunRow =
  | {
      readonly kind: 'run'
      readonly key: string
      readonly run: RunSummary
      readonly inside: boolean
    }
  | {
      readonly kind: 'group'
      readonly key: string
      readonly title: string
      readonly runs: readonly RunSummary[]
      readonly open: boolean
      /** they differ in the seed only, so that a mean over them says something */
      readonly alike: boolean
    }

export interface Order {
  readonly column: string
  readonly descending: boolean
}

const keys: Record<Exclude<GroupBy, 'none'>, (run: RunSummary) => string> = {
  seeds: run => JSON.stringify({ ...run.spec, seed: 0, name: '' }),
  sweep: run => run.sweep,
  experiment: run => run.behaviour,
}

const titles: Record<Exclude<GroupBy, 'none'>, (run: RunSummary) => string> = {
  seeds: run => [run.behaviour, modelName(run.spec.model), promptText(run)].join(' · '),
  sweep: run => run.sweep || 'Not in a sweep',
  experiment: run => run.behaviour,
}

type Value = number | string | undefined

/** One for all: `localeCompare` looks its rules up at every comparison. */
const collator = new Intl.Collator()

/** Numbers before words, nothing last. */
function order(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return collator.compare(String(a), String(b))
}

export function sorted(
  runs: readonly RunSummary[],
  column: RunColumn | undefined,
  descending: boolean,
): readonly RunSummary[] {
  if (!column) return runs
  const way = descending ? -1 : 1
  return [...runs].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)]
    // what is missing stays last either way
    return x === undefined || y === undefined ? order(x, y) : way * order(x, y)
  })
}

export function rowsOf(
  runs: readonly RunSummary[],
  by: GroupBy,
  isOpen: (key: string) => boolean,
): readonly RunRow[] {
  if (by === 'none') return runs.map(run => ({ kind: 'run', key: run.id, run, inside: false }))
  const groups = new Map<string, RunSummary[]>()
  for (const run of runs) {
    const key = keys[by](run)
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups].flatMap(([key, members]) => {
    const open = isOpen(key)
    const title = members[0] ? titles[by](members[0]) : key
    const inside = members.map(run => ({ kind: 'run' as const, key: run.id, run, inside: true }))
    return [
      { kind: 'group' as const, key, title, runs: members, open, alike: by === 'seeds' },
      ...(open ? inside : []),
    ]
  })
}

/** "2.934 ± 0.012", over the runs that have the value; the spread is the sample's standard deviation */
export function meanText(runs: readonly RunSummary[], column: RunColumn): string {
  const { format, value, averaged } = column
  if (!format || !averaged) return ''
  const found = runs.map(value).filter((n): n is number => typeof n === 'number')
  if (found.length === 0) return ''
  const mean = found.reduce((sum, n) => sum + n, 0) / found.length
  if (found.length === 1) return format(mean)
  const spread = Math.sqrt(found.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (found.length - 1))
  const part = found.length < runs.length ? ` (${plural(found.length, 'run')})` : ''
  return spread === 0
    ? format(mean) + part
    : `${format(mean)} ± ${spreadText(spread, format(mean)) || format(spread)}${part}`
}

/** A spread is not known to more than two digits, nor worth more decimals than its mean. */
function spreadText(spread: number, mean: string): string {
  const decimals = /^-?\d+\.(\d+)$/.exec(mean)?.[1]?.length
  if (decimals === undefined) return ''
  const short = String(Number(spread.toPrecision(2)))
  return (short.split('.')[1]?.length ?? 0) > decimals ? spread.toFixed(decimals) : short
}
