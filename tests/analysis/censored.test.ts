// “≤ n” and “> n” are no numbers: wherever an answer stands, as text, table, figure or file, its n never stands alone.
import { describe, expect, test } from 'vitest'
import { matrixCsv, matrixTable, neededRows } from '../../src-renderer/stores/analysis-view'
import { answerOf } from '../../src-worker/analysis/answer'
import { neededCsv } from '../../src-worker/analysis/csv'
import { matrixOf } from '../../src-worker/analysis/distance'
import { analysisText } from '../../src-worker/analysis/text'
import {
  type Analysis,
  analysisOptionsSchema,
  type Behaviour,
  type Curve,
  type Saturation,
} from '../../src-worker/contract/analysis'
import { neededIntervalText, neededText } from '../../src-worker/contract/analysis-text'
import { bracketText } from '../../src-worker/contract/elicitation'
import type { Bound, TokensNeeded } from '../../src-worker/contract/needed'
import { type Rng, rng } from '../../src-worker/stream/rng'

/** Numbers that stand nowhere else in the words, each used once in an answer. */
const numbers = [211, 307, 419, 523, 631, 743, 857, 967]

/** An answer with the numbers of it that are only bounds. */
interface Random {
  readonly needed: TokensNeeded
  readonly bounds: readonly number[]
}

function randomAnswer(random: Rng): Random {
  const [a = 0, b = 0, c = 0] = random.below(2) === 0 ? numbers.slice(0, 3) : numbers.slice(4, 7)
  const bound = (tokens: number, kinds: readonly Bound['kind'][]): Bound => ({
    kind: kinds[random.below(kinds.length)] ?? 'at',
    tokens,
  })
  const low = bound(a, ['at', 'by', 'beyond'])
  const high =
    low.kind === 'beyond'
      ? low
      : bound(c, low.kind === 'by' ? ['at', 'by', 'beyond'] : ['at', 'beyond'])
  const interval = random.below(3) === 0 ? null : { low, high }
  const ends = interval === null ? [] : [low, high].filter(end => end.kind !== 'at')
  const bounds = ends.map(end => end.tokens)
  const kind = (['reached', 'reached-by-first', 'not-reached', 'more-than'] as const)[
    random.below(4)
  ]
  if (kind === 'reached' || kind === undefined)
    return { needed: { kind: 'reached', tokens: b, parameters: null, interval }, bounds }
  const needed: TokensNeeded =
    kind === 'more-than'
      ? { kind, tokens: b, reason: 'it still falls', interval }
      : { kind, tokens: b, interval }
  return { needed, bounds: [...bounds, b] }
}

/** Every place where the number stands, with what stands around it, says that it is an end. */
function alone(text: string, n: number): readonly string[] {
  const found = [...text.matchAll(new RegExp(`(.{0,12})\\b${n}\\b(.{0,24})`, 'g'))]
  const isEnd = (before: string, behind: string): boolean =>
    /(≤ |> |at most |more than |reached by )$/.test(before) || /^ (tokens? )?or less/.test(behind)
  return found.flatMap(([all, before = '', behind = '']) => (isEnd(before, behind) ? [] : [all]))
}

test('the law sees a number that stands alone', () => {
  for (const text of ['307', 'needs 307 tokens', '3 – 307', '≤ 1, 307'])
    expect(alone(text, 307)).toHaveLength(1)
  for (const text of ['≤ 307', '> 307', 'needs 307 tokens or less', 'is not reached by 307 tokens'])
    expect(alone(text, 307)).toEqual([])
})

const behaviours: Behaviour[] = ['first', 'second'].map(id => ({
  ...{ id, label: id, experiment: id, variant: '', dataset: '' },
}))
const options = analysisOptionsSchema.parse({ threshold: { kind: 'absolute', value: 2 } })
const metric = { tag: '', label: '', better: 'lower', unit: 'nats', axis: '' } as const

function curve(behaviour: string, needed: TokensNeeded, saturation?: Saturation): Curve {
  const point = { tokens: 1, value: 1, interval: null, seeds: [], gain: null }
  return {
    ...{ id: `${behaviour} m`, behaviour, model: 'm', label: 'm', source: 'workbench' },
    points: [{ ...point, parameters: null, bitsPerPromptToken: null, guards: [] }],
    ...{ baselines: [], better: 'none', untrained: [], references: [], threshold: 1, needed },
    saturation: saturation ?? { kind: 'unknown', reason: '' },
    suggestions: [],
  }
}

function analysisOf(curves: readonly Curve[]): Analysis {
  return {
    ...{ options, behaviours, curves, metric, metrics: [], differences: [], skipped: [] },
    ...{ elicited: [], method: '', answer: answerOf(curves, behaviours, options, metric) },
    matrix: matrixOf(curves, behaviours, true),
  } as unknown as Analysis
}

const random = rng(11, 'censored')
const pairs = Array.from(
  { length: 400 },
  () => [randomAnswer(random), randomAnswer(random)] as const,
)

describe('random answers', () => {
  test.each([
    ['the answer', ({ needed }: Random) => neededText(needed)],
    ['its interval', ({ needed }: Random) => neededIntervalText(needed)],
    ['its bracket', ({ needed }: Random) => bracketText(needed)],
  ])('%s', (_, text) => {
    for (const answer of pairs.flat())
      for (const n of answer.bounds) expect([answer, alone(text(answer), n)]).toEqual([answer, []])
  })

  test.each<[string, (analysis: Analysis) => string]>([
    ['sentences', ({ answer }) => answer.join('\n')],
    ['the command line', analysis => analysisText(analysis)],
    ['the rows of the window', ({ curves }) => JSON.stringify(neededRows(curves))],
    [
      'the matrix as a file',
      analysis => matrixCsv(matrixTable(analysis, { byColumn: '', byRow: '' })),
    ],
  ])('%s', (_, text) => {
    for (const [a, b] of pairs) {
      const analysis = analysisOf([curve('first', a.needed), curve('second', b.needed)])
      const written = text(analysis)
      // a number that is an end of one and the value of the other may stand alone
      const values = [a, b].flatMap(({ needed }) => [
        ...(needed.kind === 'reached' ? [needed.tokens] : []),
        ...(needed.kind === 'unknown' || needed.interval === null
          ? []
          : Object.values(needed.interval).flatMap(end => (end.kind === 'at' ? [end.tokens] : []))),
      ])
      for (const n of [...a.bounds, ...b.bounds])
        if (!values.includes(n)) expect([written, alone(written, n)]).toEqual([written, []])
    }
  })
})

/** Rows of a table without quotes in it, by the names of its columns. */
function rowsOf(csv: string): Record<string, string>[] {
  const [head = [], ...rows] = csv
    .trim()
    .split(/\r?\n/)
    .map(line => line.split(','))
  return rows.map(row => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))
}

test('columns of numbers hold no end', () => {
  for (const [{ needed, bounds }] of pairs) {
    const [row = {}] = rowsOf(neededCsv(analysisOf([curve('first', needed)])))
    const censored = ['answer', 'measured_end', 'low95_censored', 'high95_censored']
    const numeric = Object.entries(row).filter(([name]) => !censored.includes(name))
    for (const n of bounds) expect(numeric.filter(([, value]) => value === String(n))).toEqual([])
    expect(row.tokens_needed).toBe(needed.kind === 'reached' ? String(needed.tokens) : '')
  }
})

test('a curve that still improves has no length from which on it does not', () => {
  const rows = (['saturated', 'still-improving'] as const).map(kind => {
    const needed: TokensNeeded = { kind: 'not-reached', tokens: 64, interval: null }
    const analysis = analysisOf([curve('first', needed, { kind, tokens: 16, reason: '' })])
    const [row = {}] = rowsOf(neededCsv(analysis))
    return [row.saturation, row.saturation_tokens, row.saturation_censored]
  })
  expect(rows).toEqual([
    ['saturated', '16', ''],
    ['still-improving', '', 'beyond 16'],
  ])
})
