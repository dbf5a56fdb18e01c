// Scorers of one's own behaviour, with scripted answers: every share by hand. And judges: programs that answer, die, lie.
// long because each scorer and each fault of a judge is one row of a table
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Subject } from '../../../src-worker/behaviours/behaviour'
import { measureCustom } from '../../../src-worker/behaviours/custom/measures'
import { customTags, numberIn, scored } from '../../../src-worker/behaviours/custom/scorers'
import { behaviourName, criterionOf } from '../../../src-worker/behaviours/registry'
import { experimentSpecSchema } from '../../../src-worker/contract/experiment-spec'
import { type CommandScorer, scorerOf } from '../../../src-worker/contract/scorer'
import type { GenerateOptions, Sequence } from '../../../src-worker/sample/generate'
import type { EvaluationPrompt } from '../../../src-worker/stream/source'
import { temporaryFolder } from '../../temporary'

/** One token a character; 0 ends a text. */
const idsOf = (text: string): number[] => [...text].map(character => character.codePointAt(0) ?? 0)
const textOf = (ids: readonly number[]): string => String.fromCodePoint(...ids.filter(id => id > 0))
const tokenizer = {
  eosTokenId: 0,
  decode: async (ids: readonly number[]) => textOf(ids),
  isSpecial: (id: number) => id === 0,
}

/** prompt, what the model writes (| ends it), what is expected; null: it was cut */
type Script = readonly (readonly [prompt: string, written: string, expected: string | null])[]
let script: Script = []

vi.mock('../../../src-worker/sample/generate', () => ({
  generate: async function* (_: unknown, lanes: readonly Sequence[], options: GenerateOptions) {
    const ended = new Set<number>()
    for (let t = 0; t < options.maxTokens; t++)
      yield lanes.flatMap(({ slots }, lane) => {
        if (ended.has(lane)) return []
        const [, written = ''] = script.find(([prompt]) => prompt === textOf([...slots])) ?? []
        const token = written[t] === '|' ? 0 : (idsOf(written)[t] ?? 46)
        if (token === 0) ended.add(lane)
        return [{ lane, token, done: token === 0 ? 'end' : undefined }]
      })
  },
}))
/** Log-probabilities of −1 a token, whatever it is: of two options, the shorter one. */
vi.mock('../../../src-worker/sample/score', () => ({
  scoreContinuations: async (_: unknown, __: unknown, texts: readonly (readonly number[])[]) =>
    texts.map(ids => ({ logProb: -ids.length, perToken: ids.map(() => -1) })),
}))

function promptOf([text, , expected]: Script[number], i: number, alternatives: string[]) {
  const target = [...idsOf(expected ?? ''), 0]
  const options = [expected ?? '', ...alternatives].map(option => ({
    ids: [...idsOf(option), 0],
    bytes: Buffer.byteLength(option),
  }))
  const tokenIds = idsOf(text)
  return {
    ...{ id: `pair-${i}`, key: text, text, tokenIds, conditions: [], placeAt: 'start' },
    expected: expected ?? 'cut',
    ...(expected === null ? {} : { target }),
    ...(alternatives.length > 0 ? { choice: { at: tokenIds.length, options } } : {}),
  } as unknown as EvaluationPrompt
}

async function measured(
  scorer: string,
  said: Script,
  { maxTokens = 4, metricSamples = 100, alternatives = [] as string[] } = {},
) {
  script = said
  const experiment = experimentSpecSchema.parse({ kind: 'custom', scorer })
  const subject = {
    spec: { experiment, results: { maxTokens, metricSamples } },
    ...{ tokenizer, sampler: {}, model: { config: { eosTokenIds: [0] } } },
    lanes: async ({ tokenIds }: EvaluationPrompt) => ({ prompted: { slots: tokenIds } }),
    evaluationPrompts: async () => said.map((row, i) => promptOf(row, i, alternatives)),
  } as unknown as Subject
  const work = measureCustom(subject)
  let step = await work.next()
  while (step.done !== true) step = await work.next()
  const { measure, chance, target } = criterionOf(experiment) as {
    measure: string
    chance: number | string
    target: number
  }
  return { found: step.value, own: step.value?.shares[measure], measure, chance, target }
}

describe('shares by hand', () => {
  test('exact: up to its end, and the end counts', async () => {
    const { own, measure } = await measured('exact', [
      ['a', 'yes|', 'yes'],
      ['b', 'yes, so|', 'yes'],
      ['c', 'Yes|', 'yes'],
      ['d', 'no|', null],
    ])
    expect(measure).toBe('Exact match')
    expect(own).toEqual({ sums: [1, 0, 0], counts: [1, 1, 1] })
  })

  test('records that share a prompt are one unit', async () => {
    const said: Script = [
      ['a', 'yes|', 'yes'],
      ['b', 'no|', 'yes'],
      ['a', 'yes|', 'so'],
      ['a', 'yes|', null],
    ]
    const { own, found } = await measured('exact', said)
    expect(own).toEqual({ sums: [1, 0], counts: [2, 1] })
    expect(found?.scalars['Exact match']).toBeCloseTo(1 / 3, 12)
    expect(found?.details).toHaveLength(3)
    expect((await measured('regex:^yes', said)).own).toEqual({ sums: [3, 0], counts: [3, 1] })
  })

  test('begins-with and contains: as long as is expected, whatever the results’ length', async () => {
    const said: Script = [
      ['a', ' Paris, of course', 'Paris'],
      ['b', 'It is Paris.', 'Paris'],
      ['c', 'paris', 'Paris'],
      ['d', 'the city of Pari', 'the city of Paris'],
      ['e', 'Paris', null],
    ]
    const begins = await measured('begins-with', said)
    expect(begins.own).toEqual({ sums: [1, 0, 0, 0], counts: [1, 1, 1, 1] })
    const contains = await measured('contains', said, { maxTokens: 12 })
    expect(contains.own).toEqual({ sums: [1, 1, 0, 0], counts: [1, 1, 1, 1] })
    expect(contains.found?.scalars[customTags.contains]).toBe(0.5)
    // an answer is as long as is asked of it, not as the longest beside it
    const details = contains.found?.details as { written: string }[]
    expect(details[1]?.written).toBe('It is Paris.')
    expect(details[0]?.written).toBe(' Paris, of c')
  })

  test('a regular expression reads what was cut as well', async () => {
    const said: Script = [
      ['a', 'Yes.', 'x'],
      ['b', 'yes!', null],
      ['c', 'No, yes', 'x'],
    ]
    expect((await measured('regex:^Yes', said)).own).toEqual({ sums: [1, 0, 0], counts: [1, 1, 1] })
    expect((await measured('regex:/^yes\\b/i', said)).own?.sums).toEqual([1, 1, 0])
  })

  test('numbers are equal as numbers, within the tolerance', async () => {
    const said: Script = [
      ['a', ' 42.0|', '42'],
      ['b', '1,000|', '1000'],
      ['c', '3.1|', '3.14'],
      ['d', 'none', '7'],
      ['e', '-7|', '7'],
    ]
    const how = { maxTokens: 8 }
    expect((await measured('number', said, how)).own?.sums).toEqual([1, 1, 0, 0, 0])
    expect((await measured('number:0.05', said, how)).own?.sums).toEqual([1, 1, 1, 0, 0])
  })

  test('capitals are counted letter by letter; an answer without letters says nothing', async () => {
    const { own, found, target, measure } = await measured('capitals', [
      ['a', 'ABcd', null],
      ['b', '12 !', null],
      ['c', 'XYZ|', null],
    ])
    expect(own).toEqual({ sums: [2, 0, 3], counts: [4, 0, 3] })
    expect(found?.scalars).toEqual({ 'Share of capitals': 5 / 7 })
    expect({ measure, target }).toEqual({ measure: 'Share of capitals', target: 0.9 })
  })

  test('multiple choice by byte, against its own chance', async () => {
    const said: Script = [
      ['a', '|', 'no'],
      ['b', '|', 'never'],
    ]
    const { own, measure, chance } = await measured('choice', said, { alternatives: ['yes'] })
    // −3/2, −6/5 against −4/3 a byte
    expect(own).toEqual({ sums: [0, 1], counts: [1, 1] })
    expect(measure).toBe('Multiple choice accuracy per byte')
    expect(chance).toBe('Multiple choice chance level')
    await expect(measured('choice', said)).rejects.toMatchObject({
      code: 'bad-data',
      message: 'none of 2 held-out records has alternatives to choose from',
    })
  })
})

test.each([
  ['it is 1,234.5 or 7', 1234.5],
  ['-3', -3],
  ['1e3', 1000],
  ['.5', 0.5],
  ['12,34', 12],
  ['none', Number.NaN],
])('the first number of %j', (text, number) => {
  expect(numberIn(text)).toBe(number)
})

test('a pattern that goes back and forth for ever is a fault', async () => {
  const answer = { id: '1', prompt: '', written: `${'a'.repeat(40)}!`, expected: '' }
  const scorer = scorerOf('regex:^(a+)+$')
  await expect(scorer && scored(scorer, [answer])).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringMatching(/took more than 1 s on a text of 41 characters/),
  })
})

describe('words', () => {
  test.each(['', 'exactly', 'regex:', 'regex:(', 'regex:/a/g', 'number:', 'number:-1', 'command:'])(
    '%j is none, and the spec says what there is',
    text => {
      expect(scorerOf(text)).toBeUndefined()
      const parsed = experimentSpecSchema.safeParse({ kind: 'custom', scorer: text })
      expect(parsed.error?.issues[0]?.message).toMatch(/^is no scorer: exact, begins-with/)
    },
  )

  test('programs: words, quotes, JSON, a shell', () => {
    expect(scorerOf(`command:python "my judge.py" --x 'a b'`)).toMatchObject({
      ...{ argv: ['python', 'my judge.py', '--x', 'a b'], shell: false, seconds: 600 },
    })
    expect(scorerOf('command:{"argv":["judge"],"seconds":5}')).toMatchObject({ seconds: 5 })
    expect(scorerOf('shell:a | b')).toMatchObject({ argv: ['a | b'], shell: true })
    expect(scorerOf('command:{"argv":[]}')).toBeUndefined()
  })

  test('another scorer is another behaviour', () => {
    const name = (scorer: string) =>
      behaviourName({
        experiment: experimentSpecSchema.parse({ kind: 'custom', scorer }),
        data: { path: 'x/shout.jsonl' },
      } as never)
    expect([name('exact'), name('capitals')]).toEqual([
      ...['own behaviour shout', 'own behaviour shout, capitals'],
    ])
  })
})

describe('judges', () => {
  const answers = ['good', 'bad'].map(written => ({
    id: written,
    prompt: 'p',
    written,
    expected: 'e',
  }))
  const judge = (body: string, seconds = 60): CommandScorer => {
    const path = join(temporaryFolder(), 'my judge.mjs')
    writeFileSync(path, body)
    return { kind: 'command', argv: [process.execPath, path], shell: false, seconds }
  }
  const reads = `let text = ''; for await (const part of process.stdin) text += part
const lines = text.trim().split('\\n').map(JSON.parse)\n`

  test('reads lines of JSON, writes a number a line', async () => {
    const scores = await scored(
      judge(`${reads}for (const { id, prompt, written, expected } of lines)
        console.log(id === written && prompt + expected === 'pe' && written === 'good' ? 0.75 : 0)`),
      answers,
    )
    expect(scores).toEqual([
      { sum: 0.75, count: 1 },
      { sum: 0, count: 1 },
    ])
  })

  test.each<[string, string, RegExp]>([
    [
      'it dies',
      `console.error('no model here'); process.exit(3)`,
      /ended with 3; it said: no model here/,
    ],
    ['it is ended', `process.kill(process.pid, 'SIGKILL')`, /was ended by SIGKILL/],
    ['too few lines', `${reads}console.log(1)`, /answered 1 lines for 2 answers/],
    ['too many lines', `${reads}console.log('1\\n0\\n1')`, /answered 3 lines for 2 answers/],
    ['no line', reads, /answered 0 lines for 2 answers/],
    ['no number', `${reads}console.log('1\\nyes')`, /answered "yes" in line 2/],
    ['beyond 1', `${reads}console.log('1.5\\n0')`, /answered "1.5" in line 1/],
    ['an empty line', `${reads}console.log('\\n1')`, /answered "" in line 1/],
    [
      'without an end',
      `setInterval(() => console.log('1'.repeat(500)), 1)`,
      /wrote more than 2000 characters/,
    ],
  ])('%s: a fault with its numbers', async (_, body, words) => {
    await expect(scored(judge(body), answers)).rejects.toMatchObject({
      ...{ code: 'bad-data', message: expect.stringMatching(words) },
    })
  })

  test('its time is limited, and nothing of it lives on', async () => {
    const mark = join(temporaryFolder(), 'child')
    const body = `import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'])
writeFileSync(${JSON.stringify(mark)}, String(child.pid))
setInterval(() => 0, 1000)`
    await expect(scored(judge(body, 3), answers)).rejects.toMatchObject({
      message: expect.stringMatching(/did not end within 3 s/),
    })
    expect(existsSync(mark)).toBe(true)
    const pid = Number(readFileSync(mark, 'utf8'))
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 5000 })
  })

  test('no shell unless it is asked for', async () => {
    const argv = ['no-such-judge; echo 1']
    await expect(
      scored({ kind: 'command', argv, shell: false, seconds: 9 }, answers),
    ).rejects.toMatchObject({ code: 'not-found' })
    const shell = { kind: 'command', argv: ['echo 1; echo 0'], shell: true, seconds: 9 } as const
    expect(await scored(shell, answers)).toEqual([
      { sum: 1, count: 1 },
      { sum: 0, count: 1 },
    ])
  })
})
