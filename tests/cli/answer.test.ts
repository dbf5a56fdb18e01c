// spw answer: times of a budget as people write them.
import { expect, test } from 'vitest'
import { secondsOf } from '../../src-worker/cli/answer'

test.each([
  ['2h', 7200],
  ['15m', 900],
  ['1.5 h', 5400],
  ['90s', 90],
  ['10min', 600],
])('%s are %d seconds', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds)
})

test.each(['', '2', 'soon', '0m', '-1h', '2 days'])('"%s" is no time', text => {
  expect(() => secondsOf(text)).toThrow(
    expect.objectContaining({ code: 'usage', message: `--budget ${text} is no time` }),
  )
})
