// What files, names and paths say never steers a terminal or a line of text, and is never silently gone.
import { expect, test } from 'vitest'
import { Fault, fromData } from '../../src-worker/contract/fault'
import { shownJson, shownLine, shownText } from '../../src-worker/contract/shown-text'

test.each([
  ['a terminal escape', 'a\x1b[31mred', 'a\\x1b[31mred'],
  ['a title of the window', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['C1', 'a\u009b2J', 'a\\x9b2J'],
  ['a carriage return that hides a line', 'bad\rgood', 'bad\\x0dgood'],
  ['a name turned round', 'report\u202efdp.exe', 'report\\u202efdp.exe'],
  ['an isolate', '\u2066a\u2069', '\\u2066a\\u2069'],
  ['lines, tabs, other alphabets, joined emoji', 'ä\tשלום\n👩‍💻', 'ä\tשלום\n👩‍💻'],
])('%s', (_, text, shown) => {
  expect(shownText(text)).toBe(shown)
})

test('a name is one line', () => {
  expect(shownLine('a\nb\tc')).toBe('a\\nb\\tc')
})

test('JSON says the same and steers nothing', () => {
  const value = { path: 'x\u202ey\u009b\x1b' }
  expect(shownJson(value)).toBe('{"path":"x\\u202ey\\u009b\\u001b"}')
  expect(JSON.parse(shownJson(value))).toEqual(value)
})

test('a fault shows what a file holds, ends, and says what it left out', () => {
  const fault = new Fault('bad-file', `\x1b]0;x\x07${'a'.repeat(50_000)}`, 'b'.repeat(50_000), {
    cause: new Error('c'.repeat(50_000)),
  })
  const data = fault.toData()
  for (const text of [data.message, data.fix, data.cause ?? '']) {
    expect(text.length).toBeLessThanOrEqual(2000)
    expect(text).toMatch(/ … \(\d+ more characters\)$/)
  }
  expect(data.message.startsWith('\\x1b]0;x\\x07aaa')).toBe(true)
  expect(fromData(data).toData()).toEqual(data)
})
