// The token of the hub goes to the host that it was saved for, over https, and nowhere else.
import { expect, test } from 'vitest'
import { readSaved, tokenFor, tokenOrigin } from '../../src-main/hub-token'
import { tokenSentTo } from '../../src-worker/weights/hub-http'

test.each([
  ['', undefined, 'https://huggingface.co'],
  ['https://mirror.example/hf/', undefined, 'https://mirror.example'],
  ['', 'https://env.example', 'https://env.example'],
  ['http://127.0.0.1:8080', undefined, 'http://127.0.0.1:8080'],
  ['http://mirror.example', undefined, undefined],
  ['http://127.0.0.1.evil.example', undefined, undefined],
  ['ftp://mirror.example', undefined, undefined],
  ['no address', undefined, undefined],
])('a token for "%s" (HF_ENDPOINT %s) goes to %s', (address, env, origin) => {
  expect(tokenOrigin(address, env)).toBe(origin)
})

test('another address gets none', () => {
  const saved = { token: 't', origin: 'https://huggingface.co' }
  expect(tokenFor(saved, 'https://huggingface.co')).toEqual({
    token: 't',
    tokenOrigin: 'https://huggingface.co',
  })
  const none = { token: '', tokenOrigin: '' }
  expect(tokenFor(saved, 'https://evil.example')).toEqual(none)
  expect(tokenFor(saved, undefined)).toEqual(none)
  expect(readSaved('hf_older')).toEqual({ token: 'hf_older', origin: 'https://huggingface.co' })
})

test('the engine checks again: settings may change between main and engine', () => {
  const bound = { token: 't', tokenOrigin: 'https://huggingface.co' }
  expect(tokenSentTo('https://huggingface.co/', bound)).toBe('t')
  expect(tokenSentTo('', { token: '', tokenOrigin: '' })).toBe('')
  for (const address of [
    'http://huggingface.co',
    'https://evil.example',
    'https://huggingface.co:444',
  ])
    expect(() => tokenSentTo(address, bound)).toThrow(/is not sent to/)
  expect(() => tokenSentTo('', { token: 't', tokenOrigin: '' })).toThrow(/saved for no hub/)
})
