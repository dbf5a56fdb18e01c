// A report: one self-contained HTML file, and the same content as JSON, CSV and figures. Pure: the caller writes the files.
import type { Analysis } from '../contract/analysis'
import { neededCsv, pointsCsv } from './csv'
import { curveFigure } from './figure-curve'
import { matrixFigure } from './figure-matrix'
import { reportHtml } from './report-html'
import type { ReportInput } from './report-input'

export type ReportFormat = 'html' | 'json' | 'csv' | 'svg'
export interface ReportFile {
  readonly name: string
  readonly text: string
}

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'figure'

/** Every figure as a file of its own. */
export function figureFiles(analysis: Analysis): ReportFile[] {
  const shown = analysis.behaviours.filter(b => analysis.curves.some(c => c.behaviour === b.id))
  const curves = shown.map((behaviour, i) => ({
    name: `curve-${String(i + 1).padStart(2, '0')}-${slug(behaviour.label)}.svg`,
    text: curveFigure(analysis, behaviour, true),
  }))
  return [...curves, { name: 'distance.svg', text: matrixFigure(analysis, true) }]
}

function reportJson(input: ReportInput): string {
  const runs = input.runs.map(({ trainLoss: _loss, heldOut: _heldOut, ...run }) => run)
  return `${JSON.stringify({ ...input, runs }, null, 2)}\n`
}

/** The files of a report. `name` is the stem of the HTML, JSON and CSV files; figures keep names of their own. */
export function reportParts(
  input: ReportInput,
  formats: readonly ReportFormat[],
  name = 'report',
): ReportFile[] {
  const files: ReportFile[] = []
  if (formats.includes('html')) files.push({ name: `${name}.html`, text: reportHtml(input) })
  if (formats.includes('json')) files.push({ name: `${name}.json`, text: reportJson(input) })
  if (formats.includes('csv'))
    files.push(
      { name: `${name}-points.csv`, text: pointsCsv(input.analysis) },
      { name: `${name}-tokens-needed.csv`, text: neededCsv(input.analysis) },
    )
  if (formats.includes('svg')) files.push(...figureFiles(input.analysis))
  return files
}
