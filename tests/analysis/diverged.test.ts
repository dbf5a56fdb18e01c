// Training that diverged says nothing of a behaviour, unless it reached the target all the same.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { answerCards } from '../../src-worker/contract/answer-card'
import { elicitationText } from '../../src-worker/contract/elicitation'
import { answered, baseline, curve } from './answered'
import { run } from './fixtures'

describe('training that diverged', () => {
  const rising = { steps: Array.from({ length: 64 }, (_, i) => i + 1) }
  /** falls to 2 within half of it, and ends at 5 */
  const trainLoss = { ...rising, values: rising.steps.map(s => (s < 32 ? 4 - s / 16 : 5)) }
  const lost = (right: number, tokens = 16): AnalysedRun[] =>
    [0, 1].map(seed => answered({ tokens, seed, trainLoss }, right))
  const failed = (tokens: number): AnalysedRun => ({
    ...run({ experiment: 'custom', tokens, seed: 0, id: `lost-${tokens}` }),
    ...{ state: 'failed', failure: 'at step 9 the loss is NaN', hasDiverged: true, metrics: {} },
  })
  const said = (runs: readonly AnalysedRun[]) => {
    const analysis = analyse([baseline('none', 0), ...runs], {
      draws: 500,
      includePublished: false,
    })
    const [first] = analysis.elicited
    if (first === undefined) throw new Error('no answer')
    return {
      words: elicitationText(first),
      state: first.state.kind,
      card: answerCards(analysis)[0],
    }
  }

  test('a length that diverged is not held to miss the target', () => {
    for (const runs of [lost(0), [failed(16)]]) {
      const { words, card } = said([...curve({ 1: [0, 0], 4: [0, 0] }), ...runs])
      expect(words).toContain('not elicited by 4 tokens: ')
      expect(words).toContain(' Diverged in training, which says nothing: 16 tokens.')
      expect(card).toMatchObject({
        standing: 'uncertain',
        state: 'uncertain: training diverged with 16 tokens, which says nothing of the behaviour',
      })
    }
  })
  test('nothing but divergence is undecided', () => {
    for (const runs of [lost(0), [failed(16)]]) {
      const { words, state } = said(runs)
      expect(state).toBe('undecided')
      expect(words).toContain('every soft prompt diverged in training')
    }
  })
  test('what reaches the target all the same has reached it', () => {
    const { words, state } = said([...curve({ 1: [0, 0], 4: [0, 0] }), ...lost(63)])
    expect(state).toBe('elicited')
    expect(words).not.toContain('Diverged')
  })
})
