// What data hold before a run: counted by reason, warned of, refused when too little is held out.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openPipeline } from '../../src-worker/behaviours/registry'
import type { RunSpecInput } from '../../src-worker/contract/run-spec'
import { fractionOf, openSplit, sideOf, splitOf } from '../../src-worker/stream/split'
import { surveyOf } from '../../src-worker/stream/survey'
import { checkHeldOut, surveyLines, surveyWarnings } from '../../src-worker/stream/survey-words'
import { contextOf } from '../behaviours/spec'
import { referencePath } from '../reference-path'

const folder = mkdtempSync(join(tmpdir(), 'spw-survey-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, rows: readonly unknown[]): string {
  const path = join(folder, name)
  writeFileSync(path, rows.map(row => JSON.stringify(row)).join('\n'))
  return path
}

const pair = (i: number, words = '') => ({ prompt: `q ${i} ${words}`, completion: ` a ${i}` })
const pairs = (count: number) => Array.from({ length: count }, (_, i) => pair(i))
const long = 'the cat sat on the mat and then '.repeat(20)

async function surveyed(over: RunSpecInput) {
  const context = await contextOf({
    ...{ experiment: { kind: 'custom' }, training: { length: 32 } },
    ...over,
  })
  const pipeline = await openPipeline(context)
  const split = await splitOf(context.spec, pipeline)
  return {
    spec: context.spec,
    split,
    survey: await surveyOf({ spec: context.spec, pipeline, split }),
  }
}

describe('a file of its own to test on', () => {
  test('is counted, by reason', async () => {
    const path = file('train.jsonl', pairs(60))
    const testPath = file('test.jsonl', [
      ...pairs(40).map(p => ({ ...p, prompt: `t${p.prompt}` })),
      pair(900, long),
      { prompt: 'only' },
      { text: 5, messages: 'x' },
    ])
    const { survey } = await surveyed({ data: { path, testPath } })
    expect(survey.train).toEqual({
      read: 60,
      used: 60,
      leftOut: {},
      filtered: {},
      changed: {},
      warned: {},
    })
    expect(survey.test).toMatchObject({
      read: 43,
      used: 42,
      changed: { 'the prompt lost its beginning': 1 },
    })
    expect(surveyLines(survey)[1]).toMatch(
      /^test data: 43 read, 42 used; left out: 1 × .*; changed: 1 × the prompt lost its beginning$/,
    )
    expect(surveyWarnings(survey)).toEqual([])
  })

  test('more than 5 % left out, and fewer than 32 units, are warnings', async () => {
    const path = file('train2.jsonl', pairs(60))
    const messages = [{ role: 'narrator', content: 'x' }]
    const testPath = file('test2.jsonl', [
      ...pairs(20).map(p => ({ ...p, prompt: `u${p.prompt}` })),
      { messages },
      { messages },
    ])
    const { survey } = await surveyed({ data: { path, testPath } })
    expect(surveyWarnings(survey)).toEqual([
      '2 of 22 records of the test data are left out: 2 × a message of the unknown role narrator.',
      expect.stringMatching(/^Only 20 units are held out for the test/),
    ])
  })
})

describe('the held-out share adapts', () => {
  test.each([
    // records, share, units asked for → held out
    [400, 0.2, 32, undefined],
    [400, 0.05, 32, 32],
    [64, 0.05, 32, 32],
    [49, 0.05, 32, 24],
    [16, 0.05, 32, 8],
    [3, 0.05, 32, 1],
    [400, 0.001, 1, 1],
  ])('%i records, %d asked for, at least %i', async (count, holdout, units, expected) => {
    const keys = Array.from({ length: count }, (_, i) => `record ${i}`)
    async function* records() {
      for (const key of keys) yield { key, bytes: 1, raw: key }
    }
    const split = await openSplit(records(), holdout, units)
    const below = keys.filter(key => fractionOf(key) <= holdout).length
    const held = keys.filter(key => fractionOf(key) <= split.atMost).length
    expect(held).toBe(expected ?? below)
    // the same ones as before, and more
    expect(split.atMost).toBeGreaterThanOrEqual(below > 0 ? holdout : 0)
  })

  test.each([
    // records, share, units asked for → validation, test
    [2400, 0.05, 32, undefined, undefined],
    [400, 0.05, 32, 32, 32],
    [100, 0.05, 32, 18, 32],
    [50, 0.05, 32, 8, 17],
    [32, 0.05, 32, 8, 8],
    [24, 0.05, 32, 4, 8],
    [16, 0.05, 32, 0, 8],
    [3, 0.05, 32, 0, 1],
  ])(
    'cut in two: %i records, %d asked for, at least %i',
    async (count, holdout, units, validation, tested) => {
      const keys = Array.from({ length: count }, (_, i) => `record ${i}`)
      async function* records() {
        for (const key of keys) yield { key, bytes: 1, raw: key }
      }
      const split = await openSplit(records(), holdout, units, true)
      const on = (side: string) => keys.filter(key => sideOf(split, key) === side)
      const uncut = await openSplit(records(), holdout, 2 * units)
      const heldOut = keys.filter(key => sideOf(uncut, key) === 'test')
      // the same records are held out: each is on one side
      expect([...on('validation'), ...on('test')].sort()).toEqual(heldOut.sort())
      const share = on('validation').length / heldOut.length
      if (validation === undefined) expect(Math.abs(share - 0.5)).toBeLessThan(0.15)
      else expect([on('validation').length, on('test').length]).toEqual([validation, tested])
      expect(split.how).toMatch(
        validation === 0 ? /too few to cut/ : /for validation, .* for the final test$/,
      )
    },
  )

  test('a test file is cut as well, and the survey counts each half', async () => {
    const path = file('train3.jsonl', pairs(60))
    const testPath = file(
      'test3.jsonl',
      pairs(50).map(p => ({ ...p, prompt: `v${p.prompt}` })),
    )
    const cut = await surveyed({ data: { path, testPath, heldOutUnits: 32, validation: true } })
    expect(cut.survey.validation?.used).toBe(18)
    expect(cut.survey.test.used).toBe(32)
    expect(cut.survey.train.used).toBe(60)
    expect(surveyLines(cut.survey).slice(1)).toEqual([
      'validation data: 18 read, 18 used',
      'test data: 32 read, 32 used',
    ])
    const whole = await surveyed({ data: { path, testPath, heldOutUnits: 32 } })
    expect(whole.survey.test.used).toBe(50)
    expect(whole.survey.validation).toBeUndefined()
  })

  test('fewer than 8 are refused, unless asked for', async () => {
    const path = file('small.jsonl', pairs(10))
    const few = await surveyed({ data: { path, heldOutUnits: 32 } })
    expect(() => checkHeldOut(few.spec, few.survey)).toThrow(
      /small.jsonl: only 5 of its records would be held out for the test, fewer than 8/,
    )
    for (const asked of [1, 5, 0]) {
      const { spec, survey } = await surveyed({ data: { path, heldOutUnits: asked } })
      expect(() => checkHeldOut(spec, survey)).not.toThrow()
    }
  })
})

test('what all ask alike is never tested on silently', async () => {
  // as files of Alpaca, where the question stands in a field that nobody mapped
  const rows = Array.from({ length: 40 }, (_, i) => ({ prompt: 'Add.', completion: ` ${i}` }))
  const path = file('alike.jsonl', rows)
  const { spec, survey } = await surveyed({ data: { path, heldOutUnits: 32 } })
  expect(() => checkHeldOut(spec, survey)).toThrow(
    /alike.jsonl: none of its 40 records can be held out, because all have the same prompt or text/,
  )
  const warning = 'Nothing is held out: test losses are measured on documents that are trained on.'
  expect(surveyWarnings(survey)).toContain(warning)
  const { spec: asked, survey: all } = await surveyed({ data: { path, holdout: 0 } })
  checkHeldOut(asked, all)
  const two = file('two.jsonl', [...rows, { prompt: 'Other.', completion: ' 1' }])
  expect(surveyWarnings((await surveyed({ data: { path: two } })).survey)).not.toContain(warning)
})

describe('prompt and completion that meet without white space', () => {
  const why =
    'the completion begins with a letter right behind the prompt, without white space: where a blank belongs there, use --separator " " (Separator in the form)'
  const rows = (completion: string, n = 60) =>
    Array.from({ length: n }, (_, i) => ({ prompt: `Name ${i}:`, completion }))
  const warned = async (records: readonly unknown[], experiment = {}) => {
    const data = { path: file('meet.jsonl', records), holdout: 0 }
    const over = { experiment: { kind: 'custom', ...experiment }, data }
    return surveyWarnings((await surveyed(over as RunSpecInput)).survey).filter(warning =>
      warning.includes('white space'),
    )
  }

  test.each<[string, readonly unknown[], object, string[]]>([
    ['all', rows('Paris'), {}, [`In 60 of 60 training examples ${why}.`]],
    ['an accented letter', rows('Évian'), {}, [`In 60 of 60 training examples ${why}.`]],
    ['with the separator', rows('Paris'), { separator: ' ' }, []],
    ['a blank is there', rows(' Paris'), {}, []],
    ['behind the template of Alpaca', rows('Paris'), { fields: { input: 'absent' } }, []],
    ['no letter, a script without blanks', [...rows('42', 30), ...rows('巴黎', 30)], {}, []],
    ['half of them', [...rows('Paris', 30), ...rows(' Rome', 60).slice(30)], {}, []],
    ['plain text', rows('x').map(({ prompt }) => ({ text: prompt })), {}, []],
  ])('%s', async (_, records, experiment, expected) => {
    expect(await warned(records, experiment)).toEqual(expected)
  })
})

test('a name that stands twice in a record is counted on the side that uses it', async () => {
  const twice = pairs(80).map((p, i) =>
    i % 4 === 0 ? `{"prompt": "x", ${JSON.stringify(p).slice(1)}` : JSON.stringify(p),
  )
  const path = join(folder, 'twice.jsonl')
  writeFileSync(path, twice.join('\n'))
  const why = "the field 'prompt' stands twice in one object: the last value counts"
  for (const kind of ['custom', 'autoregressive'] as const) {
    const data = { path, field: kind === 'custom' ? '' : 'prompt' }
    const { survey } = await surveyed({ experiment: { kind }, data })
    const { train, test: held } = survey
    expect((train.changed[why] ?? 0) + (held.changed[why] ?? 0)).toBe(20)
    expect(train.used + held.used).toBe(80)
    expect(surveyLines(survey).join()).toContain(why)
  }
})

test('a file of games that is cut is told of before a run', async () => {
  const bytes = readFileSync(referencePath('data/lichess_sample.pgn.zst'))
  const [path, whole] = [join(folder, 'cut.pgn.zst'), join(folder, 'whole.pgn')]
  writeFileSync(path, bytes.subarray(0, 120_000))
  const game = (a: string, b: string) =>
    `[Event "x"]\n[WhiteElo "1500"]\n[BlackElo "1500"]\n\n1. ${a}3 ${b}6 1-0\n\n`
  const files = [...'abcdefgh']
  writeFileSync(whole, files.flatMap(a => files.map(b => game(a, b))).join(''))
  const experiment = { kind: 'chess' as const, filter: { events: [], minPlies: 1 } }
  const said = 'The file of games is cut short: what came before was used.'
  const cut = await surveyed({ experiment, data: { path } })
  expect([cut.survey.whole, surveyWarnings(cut.survey)[0]]).toEqual([true, said])
  const { survey } = await surveyed({ experiment, data: { path: whole } })
  expect([survey.train.used + survey.test.used, surveyWarnings(survey).includes(said)]).toEqual([
    64,
    false,
  ])
})
