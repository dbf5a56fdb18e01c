// What was never right gets no number of tokens, on no path: answer, sentence, table, matrix, card, report, CSV.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { neededCsv } from '../../src-worker/analysis/csv'
import { reportHtml } from '../../src-worker/analysis/report-html'
import { analysisText } from '../../src-worker/analysis/text'
import { answerCards } from '../../src-worker/contract/answer-card'
import { answered, baseline, curve } from './answered'

const steps = Array.from({ length: 64 }, (_, i) => i + 1)
const rising = { steps, values: steps.map(s => (s < 32 ? 4 - s / 16 : 5)) }
const worlds = {
  'two seeds': [baseline('none', 0), ...curve({ 1: [0, 0], 4: [0, 0], 16: [0, 0] })],
  'one seed': [baseline('none', 0), ...curve({ 1: [0], 4: [0] })],
  'all diverged': [
    baseline('none', 0),
    ...[1, 4].flatMap(tokens =>
      [0, 1].map(seed => answered({ tokens, seed, trainLoss: rising }, 0)),
    ),
  ],
  'without baselines': curve({ 1: [0, 0], 4: [0, 0] }),
}
const thresholds = [
  { kind: 'share', share: 0.9, of: 'curve' },
  { kind: 'share', share: 0.5, of: 'behaviour' },
  { kind: 'absolute', value: 1, unit: 'nats' },
] as const

describe.each(Object.entries(worlds))('%s', (_, runs) => {
  test.each(thresholds)('read at %j', threshold => {
    for (const axis of ['tokens', 'numbers'] as const) {
      const analysis = analyse(runs, { threshold, axis, draws: 300, includePublished: false })
      expect(analysis.curves.map(c => c.needed.kind)).toEqual(['unknown'])
      expect(analysis.matrix.cells.every(cell => cell.needed.kind === 'unknown')).toBe(true)
      const [, row = ''] = neededCsv(analysis).trim().split('\n')
      expect(row).toMatch(/,unknown,,,,,,,/)
      const said = [
        analysisText(analysis),
        reportHtml({ analysis, runs, generatedAt: '2026-11-24T10:00:00Z', version: '1' }),
        ...answerCards(analysis).map(c => `${c.verdict} ${c.tokens} ${c.sentence}`),
      ]
      for (const text of said)
        expect(text).not.toMatch(/needs (at most |more than )?\d|\d+ tokens or less|Elicited:/)
    }
  })
})
