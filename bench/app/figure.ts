// A figure of the table: what was measured, and what it should be.
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** to be reached; absent: only reported */
  readonly target?: { readonly at: 'most' | 'least'; readonly value: number }
}

export const figure = (
  name: string,
  value: number,
  unit: string,
  target?: Figure['target'],
): Figure => ({ name, value, unit, ...(target ? { target } : {}) })

export const atMost = (value: number) => ({ at: 'most', value }) as const
export const atLeast = (value: number) => ({ at: 'least', value }) as const

export const isMet = ({ value, target }: Figure): boolean | undefined =>
  target && (target.at === 'most' ? value <= target.value : value >= target.value)

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3)

const targetText = (target: Figure['target']): string =>
  target ? `${target.at === 'most' ? '≤' : '≥'} ${target.value}` : ''

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(f => {
    const met = isMet(f)
    const mark = met === undefined ? '' : met ? 'met' : 'MISSED'
    return [f.name, digits(f.value), f.unit, targetText(f.target), mark]
  })
  const widths = [0, 1, 2, 3, 4].map(i => Math.max(...rows.map(row => row[i]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
