// In bits, where a person looks: beside every answer, and as the third axis. Figures are counted on paper.
import { describe, expect, test } from 'vitest'
import { analyse } from '../../src-worker/analysis/analyse'
import { bitsAnswer } from '../../src-worker/analysis/bits'
import { neededCsv, pointsCsv } from '../../src-worker/analysis/csv'
import { reportHtml } from '../../src-worker/analysis/report-html'
import { analysisText } from '../../src-worker/analysis/text'
import type { AnalysedRun } from '../../src-worker/contract/analysed-run'
import { answerCards } from '../../src-worker/contract/answer-card'
import type { CodeLength } from '../../src-worker/contract/bits'
import { bitsText } from '../../src-worker/contract/elicitation'
import { run, sweep } from './fixtures'

const steps = 20
const ln2 = Math.LN2

/** 100 labels a step that cost 300 bits behind nothing, saved at first sight and by the final prompt. */
function code(first: number, final: number): CodeLength {
  const series = (saved: number) =>
    Array.from({ length: steps }, (_, t) => (300 - saved - (t % 2)) * ln2)
  return {
    step: steps,
    labels: new Array(steps).fill(100),
    first: series(first),
    final: series(final),
    none: new Array(steps).fill(300 * ln2),
    startToken: null,
  }
}
const own = { id: 'own', steps, code: code(70, 80) }
const control = { id: 'control', steps, code: code(10, 20) }

/** 2000 labels; 6000 bits bare; saved 20 · 70.5 first and 20 · 80.5 by the final prompt: 200 are paid. */
const bits = (answer: ReturnType<typeof bitsAnswer> | null, paid = 200): AnalysedRun['bits'] => ({
  paid,
  answer,
})

const read = (over: (tokens: number, seed: number) => Partial<AnalysedRun>): AnalysedRun[] =>
  sweep({ none: 4, losses: { 1: 3, 4: 2.2, 16: 2 }, noise: 0.001 }).map(r =>
    r.baseline === undefined ? { ...r, ...over(r.tokens, r.seed ?? 0) } : r,
  )
const quick = { includePublished: false, draws: 300 } as const

describe('beside the answer', () => {
  const textOf = (runs: readonly AnalysedRun[]): string => {
    const analysis = analyse(runs, quick)
    const [first] = analysis.elicited
    if (first === undefined) throw new Error('no answer')
    const text = bitsText(first)
    expect(analysisText(analysis)).toContain(text)
    // card and report print the same, but for the command
    const plain = text.replace(/ \(spw [^)]*\)/, '')
    expect(answerCards(analysis)[0]?.bits).toBe(plain)
    const html = reportHtml({ analysis, runs, generatedAt: '2026-11-24T10:00:00Z', version: '1' })
    expect(html.replaceAll('\u00a0', ' ')).toContain(plain)
    return text
  }
  const at4 = (answer: ReturnType<typeof bitsAnswer>) =>
    read((tokens, seed) => (tokens === 4 && seed === 0 ? { bits: bits(answer) } : {}))

  test('with a control: the verdict, and the three code lengths', () => {
    expect(textOf(at4(bitsAnswer(own, control)))).toMatch(
      /^In bits, 4 tokens: Elicited: beyond its control it saved 1200 .* The 2000 labels of its training data cost 6000 bits without a prompt, 4590 while the prompt was learnt, 4390 with the final prompt\.$/,
    )
  })
  test('without one: figures, and no verdict', () => {
    expect(textOf(at4(bitsAnswer(own, undefined)))).toMatch(
      /^In bits, 4 tokens: No verdict: it needs a control, .* 6000 bits without a prompt, 4590/,
    )
  })
  test('a run that was read against a control comes before the length of the answer', () => {
    const [alone, both] = [bitsAnswer(own, undefined), bitsAnswer(own, control)]
    const runs = read(tokens => ({ bits: bits(tokens === 1 ? both : alone) }))
    expect(textOf(runs)).toMatch(/^In bits, 1 token: Elicited/)
  })
  test('not measured: what measures it', () => {
    expect(textOf(read(() => ({})))).toMatch(
      /^In bits: no verdict, for it is not measured \(spw bits autoregressive-demo-trained-16-\d --make-control does it\)\.$/,
    )
  })
  test('the card names the run whose control is missing, where there can be one', () => {
    const asked = (runs: readonly AnalysedRun[]) =>
      answerCards(analyse(runs, quick))[0]?.uncontrolled
    const alone = read(() => ({ bits: bits(bitsAnswer(own, undefined)) }))
    expect(asked(read(() => ({})))).toMatch(/^autoregressive-demo-trained-/)
    expect(asked(alone)).toBe('own')
    expect(asked(read(() => ({ bits: bits(bitsAnswer(own, control)) })))).toBe(null)
    const spec = { experiment: { kind: 'custom', scorer: 'capitals' } }
    expect(asked(alone.map(r => ({ ...r, spec })))).toBe(null)
  })
  test('logs of another program have no data to read', () => {
    const runs = read(() => ({})).map(r => ({ ...r, source: 'tensorboard' as const }))
    expect(textOf(runs)).toBe('In bits: no verdict, for its training data are not here.')
  })
  test('a behaviour that can have no control says why', () => {
    const spec = { experiment: { kind: 'custom', scorer: 'capitals' } }
    const runs = read(() => ({ spec, bits: bits(bitsAnswer(own, undefined)) }))
    expect(textOf(runs)).toMatch(/^In bits, \d+ tokens: No verdict: it can have no control, /)
    expect(textOf(read(() => ({ spec })))).toMatch(
      /^In bits: no verdict, for it can have no control, /,
    )
  })
})

describe('as an axis', () => {
  const paid = { 1: 90, 4: 200, 16: 700 } as Readonly<Record<number, number>>
  const runs = read((tokens, seed) => ({ bits: bits(null, (paid[tokens] ?? 0) + 10 * seed) }))
  const threshold = { kind: 'absolute', value: 2.5, unit: 'nats' } as const
  const of = (given: readonly AnalysedRun[], axis: 'tokens' | 'bits' = 'bits') =>
    analyse(given, { ...quick, axis, threshold })

  test('each length stands under the mean of its seeds', () => {
    const { curves, axes } = of(runs)
    expect(axes).toEqual(['tokens', 'numbers', 'bits'])
    expect(curves).toHaveLength(1)
    expect(curves[0]?.points.map(p => [p.tokens, p.seeds.length])).toEqual([
      [95, 2],
      [205, 2],
      [705, 2],
    ])
    expect(curves[0]?.baselines.map(b => b.point.tokens)).toEqual([0])
    expect(curves[0]?.needed).toMatchObject({
      interval: { low: { kind: 'at', tokens: 95 }, high: { kind: 'at', tokens: 205 } },
    })
  })
  test('words and tables count bits', () => {
    const analysis = of(runs)
    expect(analysisText(analysis)).toMatch(/needs 1\d\d bits \(95 %: 95 – 205\)/)
    expect(analysisText(analysis)).not.toMatch(/\d tokens?\b/)
    expect(analysis.method.join(' ')).toContain('Bits paid are no verdict')
    expect(pointsCsv(analysis).split('\n')[0]).toMatch(/,bits,.*,bits_per_bit,/)
    expect(neededCsv(analysis).split('\n')[0]).toContain('bits_needed')
    const html = reportHtml({ analysis, runs, generatedAt: '2026-11-24T10:00:00Z', version: '1' })
    expect(html).toContain('How many bits paid does each behaviour need?')
    expect(html).toContain('--axis bits')
  })
  test('what has none is left out, with what would measure it', () => {
    const text = run({ tokens: 3, baseline: 'text-prompt', id: 'text', steps: 0 })
    const { skipped, curves } = of([...runs, run({ tokens: 64, id: 'bare' }), text])
    expect(skipped).toEqual([
      { run: 'bare', reason: 'it is not measured in bits: spw bits bare' },
      { run: 'text', reason: 'nothing was trained here, so no bits were paid' },
    ])
    expect(curves[0]?.points).toHaveLength(3)
  })
  test('two lengths that paid as much are one place, the shorter; less than a bit counts as one', () => {
    const same = read(tokens => ({ bits: bits(null, tokens === 1 ? -3 : 200) }))
    const { curves, skipped } = of(same)
    expect(curves[0]?.points.map(p => p.tokens)).toEqual([1, 200])
    expect(skipped.map(s => s.reason)).toEqual([
      'it paid as many bits as 4 tokens, which are shown',
      'it paid as many bits as 4 tokens, which are shown',
    ])
  })
  test('without any, it is not offered, and a fault says what to do', () => {
    const none = read(() => ({}))
    expect(of(none, 'tokens').axes).toEqual(['tokens', 'numbers'])
    expect(() => of(none)).toThrow(/^none of the 7 runs is measured in bits/)
  })
})
