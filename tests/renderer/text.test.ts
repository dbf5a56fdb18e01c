// Numbers and lists as people read and write them.
import { describe, expect, test } from 'vitest'
import { factsOf } from '../../src-renderer/text/data-facts'
import {
  ago,
  bytes,
  compact,
  duration,
  measure,
  modelName,
  plural,
} from '../../src-renderer/text/format'
import { parseList, parseNumber } from '../../src-renderer/text/number-text'
import { withoutOptions } from '../../src-renderer/text/options'
import { runMatches, unknownFields } from '../../src-renderer/text/run-filter'
import {
  progressOf,
  runTitle,
  shownProgress,
  stateText,
  sweepNames,
} from '../../src-renderer/text/run-text'
import { percent } from '../../src-worker/shared/percent'
import { aRun, only } from './a-run'

test.each([
  [measure(2.9341), '2.934'],
  [measure(0.41234), '0.4123'],
  [measure(0.00001234), '1.23e-5'],
  [measure(-0.5), '−0.5'],
  [measure(-0.00001234), '−1.23e-5'],
  [measure(Number.NaN), 'NaN'],
  [measure(Number.NEGATIVE_INFINITY), '−∞'],
  [measure(undefined), '–'],
  [bytes(999), '999 B'],
  [bytes(1.83e9), '1.8 GB'],
  [bytes(0), '0 B'],
  [compact(162_322_944), '162 M'],
  [compact(1.01e9), '1.0 B'],
  [duration(0.55), '0.6 s'],
  [duration(372), '6 m 12 s'],
  [duration(19_200), '5 h 20 m'],
  [duration(1e9), '> 99 days'],
  [duration(Number.NaN), '–'],
  [percent(0.412), '41 %'],
  [plural(1, 'run'), '1 run'],
  [plural(1536, 'step'), '1,536 steps'],
  [modelName('EleutherAI/pythia-70m'), 'pythia-70m'],
  [modelName('C:\\models\\mine'), 'mine'],
  [ago('2026-11-24T08:00:00Z', Date.parse('2026-11-24T08:03:10Z')), '3 minutes ago'],
])('%s', (said, wanted) => expect(said).toBe(wanted))

test.each([
  ['0, 1, 4, 16', [0, 1, 4, 16]],
  ['1-4 8', [1, 2, 3, 4, 8]],
  ['4; 4', [4]],
  ['', []],
])('the list “%s”', (text, numbers) => expect(parseList(text)).toEqual(numbers))

test.each([
  ['four', '“four” is not a whole number or a range like 1-4.'],
  ['4-1', 'The range 4-1 goes backwards.'],
  ['1-5000', 'The range 1-5000 is too long.'],
  ['99999999999999999999', '99999999999999999999 is too large.'],
])('the list “%s” is refused in words', (text, words) => expect(parseList(text)).toBe(words))

test.each([
  ['', null],
  [' 12 ', 12],
  ['1,000', 1000],
  ['1 000 000', 1e6],
  ['12_345.5', 12345.5],
  ['-1e-3', -1e-3],
  ['−0.5', -0.5],
  // decimal commas are not read as another number
  ['0,001', Number.NaN],
  ['1,5', Number.NaN],
  ['1,0000', Number.NaN],
  ['five', Number.NaN],
])('the number “%s”', (text, number) => expect(parseNumber(text)).toBe(number))

describe('the filter of runs', () => {
  const chess = aRun({
    ...{ id: 'c', note: 'Looks Good', metrics: { Loss: only(2.5) } },
    spec: { experiment: { kind: 'chess' }, seed: 3, model: 'org/pythia-70m' },
  })
  test.each([
    ['', true],
    ['tokens>3', true],
    ['tokens>4', false],
    ['tokens>=4 model:pythia', true],
    ['tokens:4 model:llama', false],
    ['state:done experiment=chess', true],
    ['loss<2.6', true],
    ['test<9', false], // it has no test loss
    ['"looks good"', true],
    ['-chess', false],
    ['-model:llama', true],
    ['nonsense:field', false],
  ])('“%s” fits: %s', (filter, fits) => expect(runMatches(filter)(chess)).toBe(fits))
})

test('a run says what it trains, unless it has a name', () => {
  expect(runTitle(aRun())).toBe('autoregressive · tiny · 4 tokens')
  expect(runTitle(aRun({ name: 'mine' }))).toBe('mine')
  expect(runTitle(aRun({ spec: { prompt: { type: 'none' } } }))).toContain('no prompt')
})

test('a sweep that a search or the clock named is called by what it trains', () => {
  const of = (id: string, sweep: string, over = {}) =>
    aRun({ id, sweep, behaviour: 'chess', ...over })
  const names = sweepNames([
    of('a', 'answer chess 68033b98'),
    of('b', 'mine'),
    of('c', 'answer chess by hand'),
    of('d', 'answer chess 00112233', { sweepName: 'found' }),
  ])
  expect([...names.values()]).toEqual([
    'answer: chess · tiny',
    'mine · chess · tiny',
    'answer chess by hand · chess · tiny',
    'found · answer: chess · tiny',
  ])
})

test('a run says how far it is', () => {
  const training = aRun({ state: { kind: 'training' }, step: 25, secondsLeft: 75 })
  expect(stateText(training)).toBe('Training · step 25 of 100 · 1 m 15 s left')
  expect(progressOf(training)).toBe(0.25)
  expect(stateText(aRun({ state: { kind: 'preparing', doing: 'reading 3/5 shards' } }))).toBe(
    'Preparing · reading 3/5 shards',
  )
  expect(shownProgress(training)).toBe(0.25)
})

test('a run without steps counts none, and none is left while it is tested', () => {
  const { spec } = aRun({})
  const bare = { ...spec, training: { ...spec.training, steps: 0 } }
  const untrained = aRun({ state: { kind: 'testing' }, spec: bare })
  expect(stateText(untrained)).toBe('Testing')
  expect(shownProgress(untrained)).toBeNull()
  const trained = aRun({ state: { kind: 'testing' }, step: 100, secondsLeft: 0 })
  expect(stateText(trained)).toBe('Testing · step 100 of 100')
})

test('options of the command line are no words of the window', () => {
  const text = 'Name those that hold both (--prompt-field, --completion-field), or messages (all).'
  expect(withoutOptions(text)).toBe('Name those that hold both, or messages (all).')
})

test('a data report is read as words: what is empty is left out, what is nested says where', () => {
  const report = {
    ...{ documents: 2411, heldOut: 128, skipped: {}, threadFault: '', waitShare: 0.0294 },
    survey: { train: { read: 1524, leftOut: { 'too short': 3 } } },
    files: ['a', 'b'],
  }
  expect(factsOf(report)).toEqual([
    ['documents', '2,411'],
    ['held out', '128'],
    ['waited for data', '2.9 %'],
    ['survey · train · read', '1,524'],
    ['survey · train · left out · too short', '3'],
    ['files', 'a, b'],
  ])
})

test('a filter names the fields that runs do not have', () => {
  expect(unknownFields('colour:red tokens>8 "a:b" -size<3')).toEqual(['colour', 'size'])
  expect(unknownFields('state:done seed=1 plain words')).toEqual([])
})
