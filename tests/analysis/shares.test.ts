// What a share of a curve's own gap may say: it ranks no behaviours, and a gap that still grows has a lower end only.
import { expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { analysisText } from '../../src-worker/analysis/text'
import { sweep } from './fixtures'

const text = {
  over: { experiment: 'autoregressive' },
  none: 4,
  losses: { 1: 3.1, 4: 2.2, 16: 2, 64: 2 },
}
const chess = {
  over: { experiment: 'chess', dataset: 'games' },
  none: 3,
  startToken: 2,
  losses: { 1: 1.9, 4: 1.6, 16: 1.3, 64: 1 },
}

test('shares of their own gaps do not rank behaviours', () => {
  const { answer, matrix } = analyse([...sweep(text), ...sweep(chess)], { draws: 1000 })
  expect(answer[0]).toMatch(
    /^demo: autoregressive needs 4(\.\d)? tokens \(95 %: .*\); chess needs more than 16 tokens: the curve still falls at 64, the most that was tried\.$/,
  )
  expect(answer).toContain(
    'Each behaviour is read as a share of its own gap, so these numbers do not say which behaviour is nearer.',
  )
  expect(answer.join(' ')).not.toMatch(/nearest|farthest|is nearer,|farther/)
  expect(matrix.cells.map(c => c.level)).toEqual([null, null])
})

test('the terminal shows answer, curves, warnings and what to run', () => {
  const runs = sweep(chess).map(r => (r.tokens === 16 ? { ...r, steps: 100 } : r))
  const shown = analysisText(analyse(runs, { draws: 200 }))
  expect(shown).toMatch(
    /^demo, chess: undecided: .*\nIn bits: no verdict, .*\n\nThe curves below it, read at 90 % of .*\ndemo: chess needs more than \d+ tokens/,
  )
  expect(shown).toMatch(/model +none +start +1 +4 +16 +64 +tokens needed +95 %/)
  expect(shown).toMatch(/demo +3\.000 +2\.000 .*\?1\.\d+/)
  expect(shown).toContain('spw resume chess-demo-trained-16-0 --steps 512')
})

test('one trained length: no number, and the words say why', () => {
  const { answer } = analyse(sweep({ ...text, losses: { 4: 2 } }), { draws: 200 })
  expect(answer).toEqual([
    'demo: autoregressive is open: one trained length: the best of a curve is not known from one point, so there is no share to reach.',
  ])
})
