// A threshold of one behaviour's own: by id or label, named wherever the answer is given.
import { describe, expect, test } from 'vitest'
import { analyse, checkThresholds } from '../../src-worker/analysis/analyse'
import { analysisText } from '../../src-worker/analysis/text'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import type { Threshold } from '../../src-worker/contract/analysis'
import { neededText, thresholdsText, thresholdText } from '../../src-worker/contract/analysis-text'
import { sweep } from './fixtures'

const text = {
  over: { experiment: 'autoregressive' },
  none: 4,
  losses: { 1: 3.1, 4: 2.2, 16: 2, 64: 2 },
}
const chess = {
  over: { experiment: 'chess', dataset: 'games' },
  none: 3,
  losses: { 1: 1.9, 4: 1.6, 16: 1.3, 64: 1 },
}
const own = (): AnalysedRun[] => [...sweep(text), ...sweep(chess)]

describe('a threshold of one behaviour’s own', () => {
  const half: Threshold = { kind: 'share', share: 0.5, of: 'curve' }
  const needed = (thresholds: Readonly<Record<string, Threshold>>) => {
    const analysis = analyse(own(), { draws: 200, includePublished: false, thresholds })
    const of = (experiment: string) => {
      const curve = analysis.curves.find(c => c.behaviour.startsWith(experiment))
      return curve ? neededText(curve.needed) : ''
    }
    return { analysis, text: of('autoregressive'), chess: of('chess') }
  }
  const shared = needed({})

  test.each([['chess'], ['chess / games']])(
    '%s, by label or id, changes no other behaviour',
    name => {
      const { analysis, text, chess } = needed({ [name]: half })
      expect(text).toBe(shared.text)
      expect(chess).not.toBe(shared.chess)
      expect(analysis.options.thresholds).toEqual({ 'chess / games': half })
      expect(thresholdsText(analysis)).toMatch(/; but chess: 50 % of the gap between/)
      expect(analysis.answer.at(-1)).toMatch(
        /which of them is nearer depends on that choice|longest/,
      )
      expect(analysis.answer.join(' ')).toContain(
        'Not all behaviours are read at the same threshold',
      )
      expect(analysisText(analysis)).toContain('but chess: 50 %')
    },
  )

  test('one of a behaviour that is not there is left out; a request by name is answered', () => {
    const asked = { thresholds: { chss: half } }
    const { analysis, chess } = needed(asked.thresholds)
    expect(chess).toBe(shared.chess)
    expect(() => checkThresholds(asked, analysis)).toThrow(
      'a threshold is given for "chss", but no run shows this behaviour',
    )
    expect(() => checkThresholds({ thresholds: { chess: half } }, analysis)).not.toThrow()
  })

  test('of a metric that is no loss has no unit', () => {
    const absolute: Threshold = { kind: 'absolute', value: 0.5, unit: 'nats' }
    expect(thresholdText(absolute)).toBe('0.5 nats')
    expect(thresholdText(absolute, { unit: 'own' })).toBe('0.5')
  })
})
