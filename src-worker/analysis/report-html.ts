// The report as one HTML file: no script, no network, light and dark, prints well.

import type { Curve, CurvePoint } from '../contract/analysis'
import { curvesSentence, thresholdsText } from '../contract/analysis-text'
import { type AnswerCard, answerCards } from '../contract/answer-card'
import { exampleText } from '../contract/example-text'
import { axisName } from '../contract/needed'
import { counted } from '../shared/counted'
import { figureCss } from './figure-style'
import { el, type Markup, style } from './markup'
import { curveSections, differenceSection, guardSection, matrixSection } from './report-figures'
import type { ReportInput } from './report-input'
import { commandSection, methodSection, planSection, runSection } from './report-runs'

const css =
  ':root{color-scheme:light dark;--ground:#fff;--card:#f6f8fa;--ink:#1a202c;--soft:#5a6472;--line:#dfe4ea;--accent:#1d5fd6}' +
  '@media screen and (prefers-color-scheme:dark){:root{--ground:#14181f;--card:#1b2029;--ink:#e8ecf2;--soft:#a3adba;--line:#2c3440;--accent:#8bb4ff}}' +
  '*{box-sizing:border-box}body{margin:0 auto;max-width:68rem;padding:2.5rem 1.5rem 4rem;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,"Segoe UI",Roboto,sans-serif}' +
  'h1{font-size:1.8rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.6rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}h3{font-size:1.02rem;margin:1.8rem 0 .5rem}' +
  'p{margin:.4rem 0}.soft{color:var(--soft)}.answer{background:var(--card);border-left:4px solid var(--accent);border-radius:6px;padding:.9rem 1.1rem;margin:1.2rem 0}.answer p:first-child{font-size:1.08rem}' +
  'nav a{margin-right:1rem;white-space:nowrap}a{color:var(--accent)}' +
  '.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:13.5px;margin:.6rem 0}th,td{text-align:left;padding:.3rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}' +
  'figure{margin:1rem 0}svg.spw-figure{max-width:100%;height:auto;border:1px solid var(--line);border-radius:8px;padding:6px}' +
  'code,pre{font:12.5px/1.5 ui-monospace,"DejaVu Sans Mono",Consolas,monospace}pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.7rem .9rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}' +
  'details{margin:.4rem 0}summary{cursor:pointer}.warning{color:var(--ink);font-weight:600}' +
  '@media print{body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}h2{break-after:avoid}figure,table,.answer{break-inside:avoid}details::details-content{display:block;content-visibility:visible}pre{white-space:pre-wrap}}'

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const pointsOf = (curve: Curve): CurvePoint[] => [
  ...curve.points,
  ...curve.baselines.map(b => b.point),
]

/** How many behaviours, models and runs, in words. */
function scope({ analysis, runs }: ReportInput): string {
  const own = runs.filter(run => run.source !== 'published').length
  const used = analysis.curves.filter(c => c.source === 'published').flatMap(pointsOf)
  const paper = used.reduce((sum, point) => sum + point.seeds.length, 0)
  const parts = [
    counted(analysis.behaviours.length, 'behaviour'),
    counted(new Set(analysis.curves.map(c => c.model)).size, 'model'),
    ...(own > 0 ? [counted(own, 'run')] : []),
    ...(paper > 0 ? [`${counted(paper, 'run')} of the paper`] : []),
  ]
  return parts.join(' · ')
}

const contents: readonly (readonly [string, string])[] = [
  ['distance', 'Distance'],
  ['curves', 'Curves'],
  ['warnings', 'Did it converge?'],
  ['paper', 'Beside the paper'],
  ['plan', 'Pre-registration'],
  ['method', 'Method'],
  ['runs', 'Runs'],
  ['commands', 'Commands'],
]

/** A number and its per cent sign stay on one line. */
const paragraph = (sentence: string): Markup => el('p', {}, sentence.replaceAll(' %', '\u00a0%'))

/** One answer, as the app's card has it. */
const cardParts = ({
  about,
  verdict,
  tokens,
  state,
  sentence,
  bits,
  next,
}: AnswerCard): Markup[] => [
  el('p', {}, el('b', {}, `${verdict}: `), `${about}; ${tokens}.`),
  el('p', { class: 'soft' }, `${state}${next === null ? '' : `. Next: ${next.text}`}`),
  paragraph(sentence),
  paragraph(bits),
]

function head(input: ReportInput, question: string): Markup[] {
  const { analysis } = input
  return [
    el('h1', {}, question),
    el(
      'p',
      { class: 'soft' },
      `${scope(input)} · ${input.generatedAt.slice(0, 16).replace('T', ' ')} UTC`,
    ),
    el('div', { class: 'answer' }, [
      ...answerCards(analysis).flatMap(cardParts),
      ...analysis.elicited.map(exampleText).filter(Boolean).map(paragraph),
      ...(analysis.elicited.length === 0 ? [] : [paragraph(curvesSentence(analysis))]),
      ...analysis.answer.map(paragraph),
    ]),
    el(
      'p',
      {},
      `The number of ${axisName(analysis.options.axis)} that a frozen model needs to show a behaviour measures how near the behaviour is to it: few, near; many, far. `,
      el('b', {}, 'Threshold: '),
      `${thresholdsText(analysis)}. `,
      el('b', {}, 'Measured: '),
      `${analysis.metric.axis}, ${analysis.metric.better} is better.`,
    ),
  ]
}

/** Everything that a reader needs to judge the answer and compute it again. */
export function reportHtml(input: ReportInput): string {
  const question =
    input.question ?? `How many ${axisName(input.analysis.options.axis)} does each behaviour need?`
  const sections = new Map<string, readonly Markup[]>([
    ['distance', matrixSection(input.analysis)],
    ['curves', curveSections(input.analysis)],
    ['warnings', guardSection(input.analysis)],
    ['paper', differenceSection(input.analysis)],
    ['plan', planSection(input)],
    ['method', methodSection(input)],
    ['runs', runSection(input)],
    ['commands', commandSection(input)],
  ])
  const shown = contents.filter(([id]) => (sections.get(id) ?? []).length > 0)
  const page = el(
    'html',
    { lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('meta', { name: 'generator', content: `Soft Prompt Workbench ${input.version}` }),
      el('title', {}, question),
      style(css),
      style(figureCss),
    ),
    el(
      'body',
      {},
      el('main', {}, [
        ...head(input, question),
        el(
          'nav',
          { 'aria-label': 'Contents' },
          shown.map(([id, label]) => el('a', { href: `#${id}` }, label)),
        ),
        ...shown.map(([id, label]) =>
          el('section', { 'aria-labelledby': id }, el('h2', { id }, label), sections.get(id)),
        ),
      ]),
    ),
  )
  return `<!doctype html>\n${page.markup}\n`
}
