// The report: self-contained, well-formed, every text escaped; CSV that no spreadsheet runs.
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { deviationsOf, freeze } from '../../src-worker/analysis/preregister'
import { type ReportFile, reportParts } from '../../src-worker/analysis/report'
import { analysisCommand, type ReportInput } from '../../src-worker/analysis/report-input'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { sweepSpecSchema } from '../../src-worker/contract/run-spec'
import { sweep, trainLoss } from './fixtures'

const evil = '<img src=x onerror=alert(1)>"\'&=cmd|\u0000'
const formula = '=HYPERLINK("http://example.com")'

const runs: AnalysedRun[] = [
  ...sweep({
    over: {
      experiment: 'custom',
      dataset: evil,
      model: `org/${evil}`,
      provenance: { dataset: { heldOut: evil }, gitRevision: '</pre><script>1</script>' },
      trainLoss: trainLoss(200, 400),
    },
    none: 4,
    losses: { 1: 3, 4: 2.5, 16: 2 },
  }).map(run => ({ ...run, name: evil })),
  ...sweep({
    over: { experiment: 'chess', dataset: 'games', model: formula },
    none: 3,
    losses: { 1: 2, 4: 1 },
  }),
]

let files = new Map<string, string>()
let input: ReportInput
beforeAll(() => {
  const analysis = analyse(runs, { draws: 300, references: [runs[0]?.id ?? ''] })
  const plan = { sweep: sweepSpecSchema.parse({ base: {} }), runs: [], thresholds: {}, note: evil }
  const frozen = freeze(plan, new Date(0))
  const deviations = deviationsOf(frozen, [], analysis.options)
  input = { analysis, runs, generatedAt: '2026-11-24T10:00:00Z', version: '1', frozen, deviations }
  const all: ReportFile[] = reportParts(input, ['html', 'json', 'csv', 'svg'])
  files = new Map(all.map(file => [file.name, file.text]))
})

/** Tags that are opened and closed in order, as XML wants it; answers the names of all elements. */
function elements(markup: string): string[] {
  const open: string[] = []
  const seen: string[] = []
  const plain = markup.replace(/<!doctype html>/i, '').replace(/<style>[^<]*<\/style>/g, '')
  for (const [, close, name = '', self] of plain.matchAll(
    /<(\/?)([a-z][\w-]*)(?:\s[\w:-]+="[^"<]*")*(\/?)>/gi,
  )) {
    if (close) expect(open.pop()).toBe(name)
    else {
      seen.push(name)
      if (!self) open.push(name)
    }
  }
  expect(open).toEqual([])
  const rest = plain.replace(/<\/?[a-z][\w-]*(?:\s[\w:-]+="[^"<]*")*\/?>/gi, '')
  expect(rest).not.toMatch(/[<>]/)
  return seen
}

test('the files', () => {
  expect([...files.keys()]).toEqual([
    'report.html',
    'report.json',
    'report-points.csv',
    'report-tokens-needed.csv',
    'curve-01-custom.svg',
    'curve-02-chess.svg',
    'distance.svg',
  ])
})

describe('HTML and SVG', () => {
  test('well-formed; no script, no image, no link out; text stays text', () => {
    for (const [name, text] of files) {
      if (!/\.(html|svg)$/.test(name)) continue
      const names = elements(text)
      expect(names.filter(n => ['script', 'img', 'link', 'iframe', 'image'].includes(n))).toEqual(
        [],
      )
      expect(text).not.toMatch(/(href|src)="(?!#)/)
      expect(text).not.toMatch(/url\(|@import/)
      expect(text.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/="https?:/)
      expect(text).not.toContain('\u0000')
    }
    expect(files.get('report.html')).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })

  test('question, answer, figures, warnings with commands, plan, method, specs, provenance', () => {
    const html = files.get('report.html') ?? ''
    for (const words of [
      'How many soft prompt tokens does each behaviour need?',
      'custom needs more than 4 tokens: the curve still falls at 16, the most that was tried.',
      'Did it converge?',
      'training loss was still falling over the last quarter',
      'spw resume',
      'Pre-registration',
      input.frozen?.hash ?? 'none',
      'Held-out data:',
      'isotonic regression',
      'spw analyze',
      'spw train --spec runs/',
      'prefers-color-scheme:dark',
      '@media print',
    ])
      expect(html, words).toContain(words)
    expect(html.match(/<svg /g)).toHaveLength(3)
  })

  test('a point with a warning is hollow and says why', () => {
    const svg = files.get('curve-01-custom.svg') ?? ''
    expect(svg).toMatch(/<title>4 tokens: [\d.]+; training loss was still falling [^;]*<\/title>/)
    expect(svg).toContain('class="mark hollow s1"')
    expect(files.get('curve-02-chess.svg')).not.toContain('mark hollow')
  })

  test('the same analysis gives the same bytes', () => {
    const again = reportParts(input, ['html', 'svg'])
    for (const { name, text } of again) expect(text).toBe(files.get(name))
  })
})

describe('CSV', () => {
  test('a line a point; formulas are text; censored answers are no numbers', () => {
    const points = parse(files.get('report-points.csv') ?? '', { columns: true }) as Record<
      string,
      string
    >[]
    expect(points).toHaveLength(1 + 3 + 1 + 2)
    expect(points[1]).toMatchObject({
      behaviour: 'custom',
      kind: 'trained',
      tokens: '1',
      seeds: '2',
    })
    expect(points.at(-1)?.model).toBe(`'${formula}`)
    for (const row of points)
      for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=@+]/)
    const needed = parse(files.get('report-tokens-needed.csv') ?? '', { columns: true }) as Record<
      string,
      string
    >[]
    expect(needed).toHaveLength(2)
    for (const row of needed) expect(row.answer === 'reached').toBe(row.tokens_needed !== '')
  })
})

test('JSON holds the analysis, specs and provenance, without the raw losses', () => {
  const json = JSON.parse(files.get('report.json') ?? '')
  expect(json.analysis).toEqual(input.analysis)
  expect(json.runs).toHaveLength(runs.length)
  expect(json.runs[0].trainLoss).toBeUndefined()
})

test('commands are quoted for the shell', () => {
  const odd = runs.slice(0, 1).map(run => ({ ...run, id: "it's; rm -rf ~" }))
  expect(analysisCommand('report', odd, input.analysis.options)).toMatch(
    /^spw report 'it'\\''s; rm -rf ~' --metric 'Final Test Loss Average' --unit nats --threshold 90% --draws 300/,
  )
})

test('the command names thresholds of single behaviours, so that the numbers come again', () => {
  const own = { chess: { kind: 'absolute', value: 2.4, unit: 'nats' } } as const
  const options = { ...input.analysis.options, thresholds: own }
  expect(analysisCommand('analyze', runs, options)).toContain(
    '--threshold 90% --threshold-for chess=2.4nats --draws',
  )
})
