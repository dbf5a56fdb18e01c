// Elicited or taught, from code lengths made by hand: what is asked of each world is counted on paper.
import { expect, test } from 'vitest'
import { bitsAnswer, sumOf } from '../../src-worker/analysis/bits'
import type { CodeLength } from '../../src-worker/contract/bits'
import { bitsAnswerSchema, bitsRows, bitsSentence } from '../../src-worker/contract/bits'

const steps = 40
const ln2 = Math.LN2

/** 100 labels a step, 300 bits without a prompt; `first` and `final`: bits saved at step t, a little noise on top. */
function code(first: (t: number) => number, final: (t: number) => number): CodeLength {
  const series = (saved: (t: number) => number): number[] =>
    Array.from({ length: steps }, (_, t) => (300 - saved(t) - (t % 2)) * ln2)
  const constant = (x: number): number[] => new Array(steps).fill(x)
  return {
    step: steps,
    labels: constant(100),
    first: series(first),
    final: series(final),
    none: constant(300 * ln2),
    startToken: constant(310 * ln2),
  }
}

const named = (id: string, of: CodeLength) => ({ id, steps, code: of })

/** Its answers look alike: found within five steps, 50 bits a step. */
const format = (t: number): number => (t < 5 ? 10 * t : 50)
const control = named(
  'control',
  code(format, () => 50),
)

const worlds: readonly (readonly [string, CodeLength, string])[] = [
  // 30 bits a step beyond the format, there from step 3 on
  [
    'found at once',
    code(
      t => format(t) + (t < 3 ? 0 : 30),
      () => 80,
    ),
    'elicited',
  ],
  // the same at the end, nothing of it before the labels were seen
  ['learnt by heart', code(format, () => 80), 'taught'],
  // it comes evenly: as much is paid as is saved
  [
    'half and half',
    code(
      t => format(t) + (30 * t) / (steps - 1),
      () => 80,
    ),
    'undecided',
  ],
  ['as its control', code(format, () => 50), 'taught'],
  // 4 bits beyond, of 54: less than a tenth, and surely than half
  ['hardly beyond it', code(format, () => 54), 'taught'],
  ['worse than its control', code(format, () => 20), 'taught'],
  [
    'nothing gained',
    code(
      () => -5,
      () => -2,
    ),
    'no-gain',
  ],
]

test.each(worlds)('%s', (_, own, kind) => {
  const answer = bitsAnswer(named('run', own), control)
  expect(answer.verdict.kind).toBe(kind)
  expect(answer).toMatchObject({ baseline: 'none', steps, labels: 4000 })
  expect(answer.cost).toBeCloseTo(12_000, 6)
  // first + paid = final, in every row
  for (const gain of [answer.own, answer.ofControl, answer.beyond])
    expect((gain?.first.value ?? 0) + (gain?.paid.value ?? 0)).toBeCloseTo(
      gain?.final.value ?? 1,
      6,
    )
})

const rough = (saved: number) => code(format, t => saved + (t % 2 === 0 ? 80 : -80))

test('noise that may hide more than half of the gain: undecided, with both differences', () => {
  const answer = bitsAnswer(named('run', rough(50)), control)
  expect(answer.verdict.kind).toBe('undecided')
  expect(bitsSentence(answer)).toMatch(
    /^Undecided whether it gains more than its control, whose answers say nothing: the final prompt saves 2020 bits, its control’s 2020, a difference of 0 \(95 %: -\d+ to \d+\); its answers cost 0 \(/,
  )
})

test('a control whose answers surprise the model more has more to gain: that it saves as much teaches nothing', () => {
  // true answers cost 300 bits a step without a prompt, shuffled ones 400: 60 of 300 saved, 60 of 400
  const own = named(
    'run',
    code(format, () => 60),
  )
  const dearer = code(format, () => -40)
  const shuffled = named('shuffled', { ...dearer, none: new Array(steps).fill(400 * ln2) })
  const answer = bitsAnswer(own, { ...shuffled, code: { ...shuffled.code, startToken: null } })
  expect(answer.beyond?.final.value).toBeCloseTo(0, 6)
  expect(answer.dearer?.value).toBeCloseTo(4000, 6)
  expect(answer.verdict.kind).toBe('undecided')
  // the other way round: the true answers leave less to gain, and shuffled ones cost no less for it
  const turned = bitsAnswer(
    named('run', { ...dearer, none: shuffled.code.none, startToken: null }),
    named(
      'control',
      code(format, () => 20),
    ),
  )
  expect(turned.verdict.kind).not.toBe('elicited')
})

test('a file of an older version: its verdict is read by the rule of today, what it lacks is named', () => {
  const { dearer, ...older } = bitsAnswer(
    named(
      'run',
      code(format, () => 54),
    ),
    control,
  )
  expect(dearer).not.toBeNull()
  const read = bitsAnswerSchema.parse({ ...older, verdict: { kind: 'nothing-beyond' } })
  expect(read.verdict).toEqual({ kind: 'undecided' })
  expect(bitsSentence(read)).toMatch(/cost in the end was not kept: read it in bits again\.$/)
  const elicited = bitsAnswerSchema.parse({ ...older, verdict: { kind: 'elicited' } })
  expect(bitsSentence(elicited)).toMatch(/^Elicited: beyond its control/)
})

test('without a control there are figures and no verdict, however early the gain', () => {
  const answer = bitsAnswer(
    named(
      'run',
      code(format, () => 50),
    ),
    undefined,
  )
  expect(answer.verdict).toEqual({ kind: 'no-control' })
  expect(bitsSentence(answer)).toMatch(/^No verdict: it needs a control/)
  // 0 + 10 + 20 + 30 + 40 + 35 · 50, and 20 of the noise
  expect(answer.own.first.value).toBeCloseTo(1870, 6)
  expect(answer.own.final.value).toBeCloseTo(2020, 6)
  expect(bitsRows(answer).map(([name]) => name)).toEqual(['this run'])
})

test('a control of other labels and fewer steps counts for the labels of the run, over the steps of both', () => {
  const whole = code(format, () => 50)
  const half = (values: readonly number[]): number[] => values.slice(0, 20).map(x => x / 2)
  const small: CodeLength = {
    step: 20,
    labels: half(whole.labels),
    first: half(whole.first),
    final: half(whole.final),
    none: half(whole.none),
    startToken: null,
  }
  const answer = bitsAnswer(named('run', whole), named('small', small))
  expect(answer).toMatchObject({ steps: 20, labels: 2000, trainedSteps: steps })
  expect(answer.ofControl?.final.value).toBeCloseTo(20 * 50 + 10, 6)
  expect(answer.beyond?.final.value).toBeCloseTo(0, 6)
})

test('the interval of a sum: a slow change hardly widens it, three steps are needed', () => {
  const slope = Array.from({ length: 101 }, (_, t) => t / 10)
  const { value, low, high } = sumOf(slope)
  if (low === null || high === null) throw new Error('no interval')
  expect(value).toBeCloseTo(505, 9)
  // ½ · Σ 0.1² · 101/100 = 0.505, its root 0.711; t of 100 degrees 1.984
  expect(high - value).toBeCloseTo(1.984 * Math.sqrt(0.505), 3)
  expect(value - low).toBeCloseTo(high - value, 9)
  expect(sumOf([1, 2])).toEqual({ value: 3, low: null, high: null })
})

test.each([1, 2, 3])('what is kept of %i steps is read back as it was', steps => {
  const of = (nats: number) => Array.from({ length: steps }, (_, t) => nats + t / 100)
  const code = (first: number, final: number) => ({
    ...{ step: steps, labels: of(10), first: of(first), final: of(final) },
    ...{ none: of(20), startToken: null },
  })
  const named = (id: string, first: number, final: number) => ({
    ...{ id, steps, code: code(first, final) },
  })
  const answer = bitsAnswer(named('run', 12, 8), named('control', 19, 18))
  expect(bitsAnswerSchema.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer)
  expect(answer.verdict.kind).toBe(steps < 3 ? 'no-gain' : 'elicited')
  expect(bitsSentence(answer)).toMatch(
    steps < 3 ? /^No verdict: [12] steps? (is|are) too few/ : /95 %: [\d]+ to/,
  )
})
