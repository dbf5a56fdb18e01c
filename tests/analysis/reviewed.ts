// What all places say of one set of runs: the cards as "verdict | tokens | state", and the same sentences in report and table.
import { expect } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { reportHtml } from '../../src-worker/analysis/report-html'
import { analysisText } from '../../src-worker/analysis/text'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import type { AnalysisOptionsInput } from '../../src-worker/contract/analysis'
import { answerCards } from '../../src-worker/contract/answer-card'
import { answered } from './answered'

export type Case = readonly [
  name: string,
  runs: readonly AnalysedRun[],
  said: readonly RegExp[],
  options?: AnalysisOptionsInput,
]

export const failed = (tokens: number): AnalysedRun => ({
  ...answered({ tokens, seed: 0 }, 0),
  ...{ state: 'failed', failure: 'disk full', metrics: {}, heldOut: {} },
})
export const lost = ({ metrics: _m, heldOut: _h, ...run }: AnalysedRun): AnalysedRun => ({
  ...run,
  ...{ metrics: {}, heldOut: {}, state: 'running' },
})
export const control: AnalysedRun = answered({ tokens: 4, id: 'control', baseline: 'control' }, 60)

export function expectSaid([, runs, said, options = {}]: Case): void {
  const analysis = analyse(runs, { includePublished: false, draws: 500, ...options })
  const cards = answerCards(analysis)
  expect(cards.map(c => `${c.verdict} | ${c.tokens} | ${c.state}`)).toEqual(
    said.map(words => expect.stringMatching(words)),
  )
  const html = reportHtml({ analysis, runs, generatedAt: '2026-11-30T00:00', version: '0' })
  const plain = html.replaceAll('\u00a0', ' ')
  // the terminal says beside it which command goes on
  const printed = analysisText(analysis).replaceAll(/: go on with spw resume [\w-]+/g, '')
  for (const { sentence, verdict } of cards) {
    expect(printed).toContain(sentence)
    expect(plain).toContain(sentence)
    expect(plain).toContain(`<b>${verdict}: </b>`)
  }
  // no number in the matrix that the sentence takes back: a share of a gap is none where nothing is there, or all is
  const open = analysis.elicited.filter(e =>
    ['not-elicited', 'there-already'].includes(e.state.kind),
  )
  for (const e of open)
    for (const c of analysis.curves.filter(one => one.label === e.label))
      expect(c.needed.kind).toBe('unknown')
}
