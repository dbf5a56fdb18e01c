// The ordering law: sentence, table, matrix and shading agree on any two answers, and claim nothing of two that overlap.
import { describe, expect, test } from 'vitest'
import { matrixTable, neededRows } from '../../src-renderer/stores/analysis-view'
import { answerOf } from '../../src-worker/analysis/answer'
import { matrixOf } from '../../src-worker/analysis/distance'
import {
  type Analysis,
  analysisOptionsSchema,
  type Behaviour,
  type Curve,
} from '../../src-worker/contract/analysis'
import {
  type Answer,
  type AnswerOrder,
  compareAnswers,
  shadesOf,
} from '../../src-worker/contract/answer-order'
import type { TokensNeeded } from '../../src-worker/contract/needed'
import { type Rng, rng } from '../../src-worker/stream/rng'

/** Every number of tokens that an answer leaves possible, on a grid of quarters and far beyond it. */
const grid = [...Array.from({ length: 161 }, (_, i) => i / 4), 1e9]
function possible(answer: Answer): readonly number[] {
  if (answer.kind === 'unknown') return grid
  const { kind, tokens } = answer
  if (kind === 'reached') return [tokens]
  if (kind === 'reached-by-first')
    return tokens === 0 ? [0] : grid.filter(n => n > 0 && n <= tokens)
  return grid.filter(n => n > tokens)
}

/** Nearer: whatever the two numbers are, the first is smaller. */
function truth(first: Answer, second: Answer): AnswerOrder {
  const [a, b] = [possible(first), possible(second)]
  if (Math.max(...a) < Math.min(...b)) return 'nearer'
  if (Math.max(...b) < Math.min(...a)) return 'farther'
  return a.join() === b.join() && first.kind !== 'unknown' ? 'same' : 'not comparable'
}

const options = analysisOptionsSchema.parse({ threshold: { kind: 'absolute', value: 2 } })
const metric = { tag: '', label: '', better: 'lower', unit: 'nats', axis: '' } as const

function curve(behaviour: string, model: string, needed: TokensNeeded): Curve {
  const point = { tokens: 1, value: 1, interval: null, seeds: [], gain: null }
  return {
    ...{ id: `${behaviour} ${model}`, behaviour, model, label: model, source: 'workbench' },
    points: [{ ...point, parameters: null, bitsPerPromptToken: null, guards: [] }],
    ...{ baselines: [], better: 'none', untrained: [], references: [], threshold: 1, needed },
    saturation: { kind: 'unknown', reason: '' },
    suggestions: [],
  }
}
const named = (id: string): Behaviour => ({
  ...{ id, label: id, experiment: id, variant: '', dataset: '' },
})
const behaviours = [named('first'), named('second')]

function sentence(a: TokensNeeded, b: TokensNeeded): AnswerOrder {
  const curves = [curve('first', 'm', a), curve('second', 'm', b)]
  const words = answerOf(curves, behaviours, options, metric).join(' ')
  if (/first is nearer, .*second is farther/.test(words)) return 'nearer'
  if (/second is nearer, .*first is farther/.test(words)) return 'farther'
  return /equally near/.test(words) ? 'same' : 'not comparable'
}

/** Sign of the place of the first against the second in each order that can be seen. */
function seen(a: TokensNeeded, b: TokensNeeded): Readonly<Record<string, number>> {
  const table = neededRows([curve('x', 'first', a), curve('x', 'second', b)]).map(r => r.label)
  const reversed = neededRows([curve('x', 'second', b), curve('x', 'first', a)]).map(r => r.label)
  const models = [curve('x', 'first', a), curve('x', 'second', b)]
  const kinds = [curve('first', 'm', a), curve('second', 'm', b)]
  const matrix = matrixOf(models, [named('x')], true)
  const wide = matrixOf(kinds, behaviours, true)
  const rows = matrixTable(
    { matrix, behaviours: [named('x')], curves: models } as unknown as Analysis,
    {
      ...{ byColumn: 'x', byRow: '' },
    },
  ).rows.map(r => r.label)
  const columns = matrixTable({ matrix: wide, behaviours, curves: kinds } as unknown as Analysis, {
    ...{ byColumn: '', byRow: wide.rows[0]?.id ?? '' },
  }).columns.map(c => c.id)
  const place = (names: readonly string[]) =>
    Math.sign(names.indexOf('first') - names.indexOf('second'))
  const shade = (c: { cells: readonly { level: number | null }[] }) =>
    Math.sign((c.cells[0]?.level ?? Number.NaN) - (c.cells[1]?.level ?? Number.NaN))
  return {
    ...{ table: place(table), 'table, given the other way': place(reversed) },
    ...{
      rows: place(rows),
      columns: place(columns),
      shades: shade(matrix),
      'wide shades': shade(wide),
    },
  }
}

const kinds = ['reached', 'reached-by-first', 'not-reached', 'unknown'] as const
function randomAnswer(random: Rng): TokensNeeded {
  const kind = kinds[random.below(kinds.length)] ?? 'unknown'
  if (kind === 'unknown') return { kind, reason: 'too few lengths' }
  const whole = random.below(12)
  if (kind === 'reached')
    return { kind, tokens: (1 + random.below(40)) / 4, parameters: null, interval: null }
  return { kind, tokens: kind === 'not-reached' ? 1 + whole : whole, interval: null }
}

test('sentence, table, matrix and shading agree on 10⁴ random pairs', () => {
  const random = rng(12, 'answers')
  const counts: Record<AnswerOrder, number> = {
    nearer: 0,
    farther: 0,
    same: 0,
    'not comparable': 0,
  }
  for (let i = 0; i < 10_000; i++) {
    const [a, b] = [randomAnswer(random), randomAnswer(random)]
    const what = JSON.stringify([a, b])
    const order = truth(a, b)
    counts[order]++
    expect(compareAnswers(a, b), what).toBe(order)
    expect(sentence(a, b), what).toBe(order)
    const places = seen(a, b)
    const sign = order === 'nearer' ? -1 : order === 'farther' ? 1 : undefined
    if (sign !== undefined)
      expect(places, what).toEqual(Object.fromEntries(Object.keys(places).map(k => [k, sign])))
    if (order === 'same') expect([places.shades, places['wide shades']], what).toEqual([0, 0])
    // what cannot be compared is listed as it is shaded
    const { table, shades } = places
    if (shades !== 0 && Number.isFinite(shades)) expect(table, what).toBe(shades)
  }
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(100)
})

const reached = (tokens: number): TokensNeeded => ({
  ...{ kind: 'reached', tokens, parameters: null, interval: null },
})
const beyond = (tokens: number): TokensNeeded => ({ kind: 'not-reached', tokens, interval: null })
const by = (tokens: number): TokensNeeded => ({ kind: 'reached-by-first', tokens, interval: null })

describe('in words', () => {
  const say = (...needed: TokensNeeded[]): string => {
    const names = ['a', 'b', 'c', 'd'].slice(0, needed.length)
    const curves = needed.map((n, i) => curve(names[i] ?? '', 'm', n))
    return answerOf(curves, names.map(named), options, metric)[0] ?? ''
  }
  test.each([
    [
      [beyond(16), reached(40)],
      'm: which is nearer is not known: a is not reached by 16 tokens, b needs 40 tokens.',
    ],
    [
      [by(4), reached(3)],
      'm: which is nearer is not known: b needs 3 tokens, a needs 4 tokens or less.',
    ],
    [[beyond(16), beyond(16)], 'm: a and b are equally near, each is not reached by 16 tokens.'],
    [
      [reached(16), beyond(16)],
      'm: a is nearer, it needs 16 tokens; b is farther, it is not reached by 16 tokens. How sure this is cannot be said, for the noise is unknown: run another seed.',
    ],
    [
      [reached(2), reached(8), beyond(1), reached(4)],
      'm: a is nearest, it needs 2 tokens; b is farthest, it needs 8 tokens. Between them: d 4. Not to be placed: c > 1. How sure this is cannot be said, for the noise is unknown: run another seed.',
    ],
    [
      [by(1), reached(8), beyond(4)],
      'm: a is nearest, it needs 1 token or less; b and c are farthest: b needs 8 tokens, c is not reached by 4 tokens. How sure this is cannot be said, for the noise is unknown: run another seed.',
    ],
  ])('%j', (needed, words) => {
    expect(say(...needed)).toBe(words)
  })
})

test('shades are even on log tokens: no prompt below 1, not reached one doubling beyond', () => {
  expect(shadesOf([by(0), reached(1), reached(4), beyond(64), { kind: 'unknown' }])).toEqual([
    ...[0, 1 / 8, 3 / 8, 1, null],
  ])
  expect(shadesOf([])).toEqual([])
  expect(shadesOf([by(0)])).toEqual([0])
})
