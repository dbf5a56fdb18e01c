// A curve drawn with letters: values over the soft prompt tokens that were measured, one mark a length.

export interface DrawnCurve {
  readonly name: string
  readonly points: readonly { readonly tokens: number; readonly value: number }[]
}

const marks = ['●', '○', '◆', '◇']
const height = 7
const columnWidth = 9

/**
 * One line of marks a curve; lengths are even apart, as on the app's axis.
 * @param format a value of the axis, "36 %"
 */
export function drawnCurve(
  curves: readonly DrawnCurve[],
  heading: string,
  format: (value: number) => string,
): string {
  const all = curves.flatMap(({ points }) => points)
  if (all.length === 0) return ''
  const lengths = [...new Set(all.map(({ tokens }) => tokens))].sort((a, b) => a - b)
  const values = all.map(({ value }) => value)
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const rows = Array.from({ length: height }, () =>
    Array.from({ length: lengths.length * columnWidth }, () => ' '),
  )
  for (const [c, { points }] of curves.entries())
    for (const { tokens, value } of points) {
      const row = height - 1 - Math.round(((value - low) / span) * (height - 1))
      const column = lengths.indexOf(tokens) * columnWidth + 1
      const line = rows[row]
      // where two curves meet, both marks stand side by side
      if (line) line[line[column] === ' ' ? column : column + 1] = marks[c % marks.length] ?? '●'
    }
  const labels = rows.map((_, r) =>
    r % 3 === 0 ? format(low + (span * (height - 1 - r)) / (height - 1)) : '',
  )
  const wide = Math.max(...labels.map(label => label.length))
  const drawn = rows.map(
    (row, r) => `${(labels[r] ?? '').padStart(wide)} │${row.join('').trimEnd()}`,
  )
  const axis = `${' '.repeat(wide)} └${'─'.repeat(lengths.length * columnWidth)}`
  const ticks = lengths
    .map(n => ` ${n}`.padEnd(columnWidth))
    .join('')
    .trimEnd()
  const legend =
    curves.length > 1
      ? [curves.map(({ name }, c) => `${marks[c % marks.length]} ${name}`).join('   ')]
      : []
  return [heading, ...drawn, axis, `${' '.repeat(wide + 2)}${ticks}   soft tokens`, ...legend].join(
    '\n',
  )
}
