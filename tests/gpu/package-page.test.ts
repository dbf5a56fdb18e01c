import { expect, test } from 'vitest'
import { headersFor, withoutCredentials } from '../../src-worker/gpu/package-index'
import { readPage } from '../../src-worker/gpu/package-page'

const sum = 'ab'.repeat(32)
const address = 'https://host/simple/a/'

test('HTML: relative links, entities, checksums, withdrawn files', () => {
  const html = `<!DOCTYPE html><html><body>
    <a href="../../files/a-1.0-py3-none-any.whl?x=1&amp;y=2#sha256=${sum}">a-1.0-py3-none-any.whl</a>
    <A data-yanked="broken" HREF='https://cdn/a-2.0-py3-none-any.whl'>a-2.0-py3-none-any.whl</A>
    <a name="no link">nothing</a></body></html>`
  expect(readPage(html, 'text/html', address)).toEqual([
    {
      filename: 'a-1.0-py3-none-any.whl',
      url: 'https://host/files/a-1.0-py3-none-any.whl?x=1&y=2',
      sha256: sum,
      bytes: 0,
      yanked: false,
    },
    {
      filename: 'a-2.0-py3-none-any.whl',
      url: 'https://cdn/a-2.0-py3-none-any.whl',
      sha256: '',
      bytes: 0,
      yanked: true,
    },
  ])
})

test('HTML with a base', () => {
  const html =
    '<html><head><base href="/other/"></head><a href="a-1.0-py3-none-any.whl">a</a></html>'
  expect(readPage(html, 'text/html', address)[0]?.url).toBe(
    'https://host/other/a-1.0-py3-none-any.whl',
  )
})

test('JSON: size, checksums, withdrawn with a reason', () => {
  const files = [
    {
      filename: 'a-1.0.whl',
      url: '../../f/a-1.0.whl',
      hashes: { sha256: sum.toUpperCase() },
      size: 5,
    },
    { filename: 'a-2.0.whl', url: 'https://cdn/a-2.0.whl', yanked: 'broken' },
  ]
  const page = readPage(JSON.stringify({ files }), 'application/vnd.pypi.simple.v1+json', address)
  expect(page).toEqual([
    {
      filename: 'a-1.0.whl',
      url: 'https://host/f/a-1.0.whl',
      sha256: sum,
      bytes: 5,
      yanked: false,
    },
    { filename: 'a-2.0.whl', url: 'https://cdn/a-2.0.whl', sha256: '', bytes: 0, yanked: true },
  ])
})

test('credentials go to the server of the index only, and are not shown', () => {
  const index = 'https://me%40home:p%2Fw@host/simple/'
  expect(withoutCredentials(index)).toBe('https://host/simple')
  expect(headersFor('https://host/f/a.whl', index).authorization).toBe(
    `Basic ${Buffer.from('me@home:p/w').toString('base64')}`,
  )
  expect(headersFor('https://cdn/f/a.whl', index).authorization).toBeUndefined()
  expect(headersFor('https://host/f/a.whl', 'https://host/simple').authorization).toBeUndefined()
})
