// What a record of one's own may hold, and why it is left out else.
import { expect, test } from 'vitest'
import { readCustom } from '../../../src-worker/behaviours/custom/pairs'
import { customFieldsSchema } from '../../../src-worker/contract/experiment-spec'

const names = customFieldsSchema.parse({ conditions: ['c'] })
const pair = { prompt: 'q', completion: 'a', c: 1 }

test.each([
  [{ ...pair, c: 'abc' }, 'a condition that is no number'],
  [{ ...pair, c: null }, 'a condition that is no number'],
  // float32 ends at 3.4e38
  [{ ...pair, c: 1e300 }, 'a condition that is no number'],
  [{ ...pair, alternatives: 'no' }, 'alternatives that are no list'],
  [{ ...pair, alternatives: 5 }, 'alternatives that are no list'],
  [{ ...pair, completion: '' }, 'empty completion'],
  [{ c: 1 }, 'neither prompt and completion, nor messages, nor text'],
])('%j is left out', (fields, why) => {
  expect(readCustom(fields, names)).toEqual({ why })
})

test.each([
  [{ ...pair, c: '0.5' }, []],
  [{ ...pair, alternatives: '' }, []],
  [{ ...pair, alternatives: null }, []],
  [{ ...pair, alternatives: '["b", "a"]' }, ['b']],
  [{ ...pair, alternatives: ['b', 2] }, ['b', '2']],
])('%j is a pair', (fields, alternatives) => {
  const conditions = [Number(fields.c)]
  const raw = { kind: 'pair', prompt: 'q', completion: 'a', alternatives, conditions }
  expect(readCustom(fields, names)).toEqual({ raw })
})
