// Sections of the report about where the numbers come from: plan, method, runs with spec and provenance, commands.

import type { AnalysedRun } from '../contract/analysed-run'
import { thresholdText } from '../contract/analysis-text'
import { counted } from '../shared/counted'
import { controlIds } from './controls'
import { el, type Markup } from './markup'
import { figureText, table } from './report-figures'
import { analysisCommand, type ReportInput } from './report-input'

export function planSection({ frozen, deviations = [] }: ReportInput): Markup[] {
  if (frozen === undefined) return []
  const thresholds = Object.entries(frozen.thresholds).map(([b, t]) => `${b}: ${thresholdText(t)}`)
  const rows = deviations.map(d => [d.kind.replaceAll('-', ' '), d.run, d.text])
  return [
    el(
      'p',
      {},
      `Frozen ${frozen.frozenAt}${deviations.some(d => d.kind === 'started-before-freezing') ? ', when some of the runs had begun' : ', before the runs began'}; sha-256 `,
      el('code', {}, frozen.hash),
      '.',
    ),
    el('p', {}, frozen.note === '' ? '' : `Expected: ${frozen.note}`),
    el('p', {}, `Thresholds: ${thresholds.join('; ')}. Planned runs: ${frozen.runs.length}.`),
    rows.length === 0
      ? el('p', {}, el('b', {}, 'No deviation: everything was done as planned.'))
      : el('p', {}, el('b', {}, `${counted(rows.length, 'deviation')} from the plan:`)),
    ...(rows.length === 0 ? [] : [table(['kind', 'run', 'what'], rows)]),
    spoiler('The frozen sweep', frozen.sweep),
  ]
}

const spoiler = (summary: string, value: unknown): Markup =>
  el('details', {}, el('summary', {}, summary), el('pre', {}, JSON.stringify(value, null, 2)))

/** Field of an unknown record as text. */
function text(record: unknown, ...path: readonly string[]): string {
  let at: unknown = record
  for (const key of path) at = (at as Record<string, unknown> | null | undefined)?.[key]
  return typeof at === 'string' ? at : ''
}

function texts(record: unknown, ...path: readonly string[]): readonly string[] {
  let at: unknown = record
  for (const key of path) at = (at as Record<string, unknown> | null | undefined)?.[key]
  return Array.isArray(at) ? at.filter(item => typeof item === 'string') : []
}

const unique = (words: readonly string[]): string[] => [...new Set(words.filter(w => w !== ''))]

export function methodSection({ analysis, runs }: ReportInput): Markup[] {
  const heldOut = unique(runs.map(run => text(run.provenance, 'dataset', 'heldOut')))
  const published = analysis.curves.some(c => c.source === 'published')
  const words = [
    ...heldOut.map(h => `Held-out data: ${h}.`),
    ...unique(runs.flatMap(run => texts(run.provenance, 'dataset', 'held'))).map(h => `${h}.`),
    ...unique(runs.flatMap(run => texts(run.provenance, 'dataset', 'warnings'))),
    ...(published
      ? [
          'The paper’s runs are by Ross Nordby (“Soft Prompts for Evaluation”, 2024; MIT licence). They were tested on the stream that they trained on, after training, one seed each; their intervals cover the test batches only.',
        ]
      : []),
    ...analysis.method,
  ]
  return [
    el(
      'ul',
      {},
      words.map(word => el('li', {}, word)),
    ),
  ]
}

function runDetails(run: AnalysedRun): Markup {
  const revision = text(run.provenance, 'gitRevision')
  const version = text(run.provenance, 'versions', 'workbench')
  const line = unique([
    version === '' ? '' : `workbench ${version}`,
    revision === '' ? '' : `revision ${revision}`,
    text(run.provenance, 'device'),
    text(run.provenance, 'dataset', 'fingerprint'),
  ])
  return el(
    'details',
    {},
    el('summary', {}, run.name, el('span', { class: 'soft' }, ` · ${run.id}`)),
    el('p', { class: 'soft' }, line.join(' · ')),
    spoiler('Spec', run.spec),
    spoiler('Provenance', run.provenance),
  )
}

export function runSection({ analysis, runs }: ReportInput): Markup[] {
  const own = runs.filter(run => run.source !== 'published')
  const paper = analysis.curves.some(c => c.source === 'published') ? runs.length - own.length : 0
  const controls = controlIds(runs)
  const rows = own.map(run => [
    run.name,
    run.tokens === 0
      ? (run.baseline ?? '')
      : `${run.tokens}${controls.has(run.id) ? ', control' : ''}`,
    run.seed === null ? '' : String(run.seed),
    String(run.steps),
    run.metrics[analysis.metric.tag] === undefined
      ? ''
      : figureText(run.metrics[analysis.metric.tag] ?? 0),
    run.state,
  ])
  const unit = analysis.metric.unit === 'own' ? '' : ', nats'
  const head = ['run', '#tokens', '#seed', '#steps', `#${analysis.metric.label}${unit}`, 'state']
  const skipped = analysis.skipped.map(s => [s.run, s.reason])
  return [
    ...(own.length > 0 ? [table(head, rows), ...own.map(runDetails)] : []),
    ...(paper > 0
      ? [
          el(
            'p',
            {},
            `${paper} runs of the paper come with the workbench (resources/published-runs.csv); those of the same experiments and models are used here.`,
          ),
        ]
      : []),
    ...(skipped.length > 0 ? [el('h3', {}, 'Left out'), table(['run', 'why'], skipped)] : []),
  ]
}

export function commandSection({ analysis, runs, frozen }: ReportInput): Markup[] {
  const own = runs.filter(run => run.source === 'workbench')
  const lines = [
    '# this report, and its numbers in the terminal',
    `${analysisCommand('report', runs, analysis.options)} --out report.html`,
    analysisCommand('analyze', runs, analysis.options),
    ...(frozen === undefined
      ? []
      : ['', '# all runs, as planned', `spw sweep --spec frozen/${frozen.hash}.json`]),
    ...(own.length === 0 ? [] : ['', '# each run again, from its spec (paths under SPW_HOME)']),
    ...own.map(run => `spw train --spec runs/${run.id}/spec.json`),
  ]
  return [el('pre', {}, lines.join('\n'))]
}
