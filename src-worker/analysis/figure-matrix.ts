// The distance matrix as an SVG: the number is the answer, the shade helps. Behaviours go down when there are more of them than models.
import type { Analysis, DistanceMatrix } from '../contract/analysis'
import { neededIntervalText, neededText } from '../contract/analysis-text'
import { neededName } from '../contract/needed'
import { shortened } from '../shared/names'
import { figure } from './figure-style'
import { el, type Markup } from './markup'

const cell = { width: 118, height: 46 }
const headHeight = 62
const rowHead = 250
type Cell = DistanceMatrix['cells'][number]

interface Side {
  readonly id: string
  readonly label: string
}

/** Broken after spaces and hyphens into at most three lines of about n letters. */
function wrapped(text: string, letters: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(/(?<=[ -])/)) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + word.length > letters && lines.length < 3) lines.push(word)
    else lines[lines.length - 1] = last + word
  }
  return lines.map(line => line.trim())
}

function cellMarks(of: Cell | undefined, x: number, y: number): Markup[] {
  const middle = x + cell.width / 2
  if (of === undefined)
    return [el('text', { class: 'soft', x: middle, y: y + 28, 'text-anchor': 'middle' }, '–')]
  const shade = of.level === null ? 0 : 0.05 + 0.45 * of.level
  const size = { width: cell.width - 2, height: cell.height - 2 }
  return [
    el('rect', {
      class: 'heat',
      x: x + 1,
      y: y + 1,
      ...size,
      'fill-opacity': shade.toFixed(2),
    }),
    el(
      'text',
      { x: middle, y: y + 20, 'text-anchor': 'middle', 'font-weight': 600, 'font-size': 14 },
      `${neededText(of.needed)}${of.hasWarning ? ' ○' : ''}`,
    ),
    el(
      'text',
      { x: middle, y: y + 37, 'text-anchor': 'middle', 'font-size': 11 },
      neededIntervalText(of.needed),
    ),
  ]
}

/** Which side goes down: the longer one, so that the figure stays narrow. */
export function sides({ matrix, behaviours }: Analysis): {
  readonly down: readonly Side[]
  readonly across: readonly Side[]
  readonly cellAt: (down: string, across: string) => Cell | undefined
  readonly turned: boolean
} {
  const models = matrix.rows.map(({ id, label }) => ({ id, label }))
  const named = behaviours.filter(b => matrix.columns.includes(b.id))
  const turned = named.length > models.length
  const find = (row: string, column: string): Cell | undefined =>
    matrix.cells.find(c => c.row === row && c.column === column)
  return turned
    ? { down: named, across: models, cellAt: (d, a) => find(a, d), turned }
    : { down: models, across: named, cellAt: find, turned }
}

export function matrixFigure(analysis: Analysis, standalone = false): string {
  const { down, across, cellAt } = sides(analysis)
  // the note below needs 620 pixels
  const width = Math.max(620, rowHead + across.length * cell.width + 8)
  const height = headHeight + down.length * cell.height + 26
  const heads = across.flatMap(({ label }, c) =>
    wrapped(label, 16).map((text, i, all) =>
      el(
        'text',
        {
          x: rowHead + (c + 0.5) * cell.width,
          y: headHeight - 10 - (all.length - 1 - i) * 15,
          'text-anchor': 'middle',
          'font-weight': 600,
        },
        shortened(text, 18),
      ),
    ),
  )
  const rows = down.flatMap((side, r) => {
    const y = headHeight + r * cell.height
    return [
      el('line', { class: 'grid', x1: 8, x2: width - 8, y1: y, y2: y }),
      el('text', { x: 8, y: y + 28 }, el('title', {}, side.label), shortened(side.label, 40)),
      ...across.flatMap((other, c) =>
        cellMarks(cellAt(side.id, other.id), rowHead + c * cell.width, y),
      ),
    ]
  })
  const wanted = neededName(analysis.options.axis)
  const note = `${wanted}, 95 % interval below; stronger shade: farther; ○ a point has a warning`
  return figure(
    { width, height },
    {
      title: `Distance: ${wanted}, model by behaviour`,
      description: analysis.answer.join(' '),
    },
    standalone,
    ...heads,
    ...rows,
    el('text', { class: 'soft', x: 8, y: height - 8, 'font-size': 11 }, note),
  )
}
