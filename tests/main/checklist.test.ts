// Electron's checklist: docs/security.md names what holds for each of its 20 rules, and a test that is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { devAddress } from '../../src-main/addresses'

const rows = [
  ...readFileSync('docs/security.md', 'utf8').matchAll(/^\| (\d+) (.+?) \| (.+?) \| (.+?) \|$/gm),
]

test('all 20 rules stand there, each with tests that exist', () => {
  expect(rows.map(([, number]) => Number(number))).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  for (const [, number, , , tests] of rows) {
    const named = [...(tests ?? '').matchAll(/`(tests\/[\w./-]+)`/g)].map(match => match[1] ?? '')
    expect([number, named.length > 0, named.filter(file => !existsSync(file))]).toEqual([
      number,
      true,
      [],
    ])
  }
})

test.each([
  'allowRunningInsecureContent',
  'experimentalFeatures',
  'enableBlinkFeatures',
  'allowpopups',
  'webSecurity: false',
  'contextIsolation: false',
  'nodeIntegration: true',
  'sandbox: false',
])('%s stands nowhere', words => {
  const files = readdirSync('src-main').map(name => join('src-main', name))
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter(file => readFileSync(file, 'utf8').includes(words))).toEqual([])
})

test('a packaged app knows no development server', () => {
  const env = { ELECTRON_RENDERER_URL: 'http://localhost:5173' }
  expect(devAddress(true, env)).toBeUndefined()
  expect(devAddress(false, env)).toBe('http://localhost:5173')
})
