// Results as a Markdown table.
import type { Row } from './compare'
import type { Target } from './targets'

const columns = [
  'work',
  'by',
  'time over ours',
  'ms',
  'least ms',
  'cpu ms',
  'of ceiling',
  'tokens/s',
  'peak MB',
  'planned MB',
  'padding %',
  'opening s',
  'first token ms',
  'load',
] as const

const round = (x: number | undefined, digits = 0): string =>
  x === undefined || x === 0 ? '' : x.toFixed(digits)

function cells(row: Row, all: readonly Row[]): readonly string[] {
  const { work, side, values: v, leastMs, share, load, failed } = row
  if (failed !== undefined) return [work, side, `failed: ${failed.slice(-80)}`]
  const ours = all.find(other => other.work === work && other.side === 'workbench')?.values.ms
  const over = ours === undefined || v.ms === undefined ? undefined : v.ms / ours
  const time =
    v.gigaflops === undefined
      ? [
          round(v.ms, 1),
          round(leastMs, 1),
          round(v.cpuMs),
          share === undefined ? '' : `${round(100 * share)} %`,
        ]
      : [`${round(v.gigaflops)} GFLOP/s`, '', '', '']
  return [
    work,
    side,
    round(over, 2),
    ...time,
    round(v.perSecond),
    round((v.peakBytes ?? 0) / 1e6),
    round((v.plannedBytes ?? 0) / 1e6),
    round(v.paddingPercent, 1),
    round((v.openingMs ?? 0) / 1000, 2),
    round(v.firstTokenMs ?? v.againMs, 1),
    round(load, 1),
  ]
}

/** The first row is the heading. */
function table(rows: readonly (readonly string[])[]): string {
  const heading = rows[0] ?? []
  const widths = heading.map((_, c) => Math.max(3, ...rows.map(row => (row[c] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, c) => (row[c] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`
  return [line(heading), rule, ...rows.slice(1).map(line)].join('\n')
}

export const toMarkdown = (rows: readonly Row[]): string =>
  table([columns, ...rows.map(row => cells(row, rows))])

export const targetsTable = (targets: readonly Target[]): string =>
  table([
    ['target', 'measured', 'promised', ''],
    ...targets.map(({ what, measured, bound, promised, holds }) => [
      what,
      measured.toFixed(2),
      `at ${bound} ${promised}`,
      holds ? 'holds' : 'MISSED',
    ]),
  ])
