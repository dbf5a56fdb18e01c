import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assetPath, contentSecurityPolicy, headersOf } from '../../src-main/asset'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'spw-asset-')))
const root = join(folder, 'renderer')
mkdirSync(join(root, 'assets'), { recursive: true })
writeFileSync(join(root, 'index.html'), '')
writeFileSync(join(root, 'assets/a b.js'), '')
writeFileSync(join(folder, 'secret.txt'), '')
mkdirSync(join(folder, 'renderer-other'))
writeFileSync(join(folder, 'renderer-other/x.js'), '')
symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['app://workbench/index.html', 'index.html'],
  ['app://workbench/index.html?x=1#/runs', 'index.html'],
  ['app://workbench/assets/a%20b.js', 'assets/a b.js'],
])('%s is served', async (address, file) => {
  expect(await assetPath(root, address)).toBe(join(root, file))
})

test.each([
  'app://workbench/',
  'app://workbench/assets',
  'app://workbench/nothing.js',
  'app://workbench/../secret.txt',
  'app://workbench/%2e%2e/secret.txt',
  'app://workbench/..%2fsecret.txt',
  'app://workbench/%252e%252e/secret.txt',
  'app://workbench/..%5csecret.txt',
  'app://workbench/assets/..%2f..%2frenderer-other/x.js',
  'app://workbench/%00',
  'app://workbench/index.html%00.js',
  'app://workbench/%E0%A4%A',
  'app://workbench/link.txt',
  'app://other/index.html',
  'file:///index.html',
  'nonsense',
])('%s is not there', async address => {
  expect(await assetPath(root, address)).toBeUndefined()
})

test('no policy allows inline or made-up code, or the network', () => {
  expect(contentSecurityPolicy).not.toMatch(/unsafe|http|\*/)
  expect(contentSecurityPolicy).toMatch(/^default-src 'none'; script-src 'self';/)
})

test.each([
  ['x.html', 'text/html; charset=utf-8'],
  ['x.js', 'text/javascript; charset=utf-8'],
  ['x.exe', 'application/octet-stream'],
])('%s is sent as %s and not sniffed', (file, type) => {
  expect(headersOf(file)).toMatchObject({
    'Content-Type': type,
    'X-Content-Type-Options': 'nosniff',
  })
})
