// A .spw file: given at the start, to a second start, dropped anywhere on the window; one that is damaged or gone.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dropFile } from './drop-file'
import { type App, ask, executable, openApp, root, skipReason } from './harness'
import { trained } from './playgrounds'
import { visit } from './window'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const isFocused = ({ electron }: App): Promise<boolean> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isFocused() ?? false)

const folder = mkdtempSync(join(tmpdir(), 'spw files '))
const file = (name: string): string => join(folder, name)
const secondStart = (app: App, path: string) =>
  spawnSync(executable(), ['--no-sandbox', root, path], {
    env: { ...process.env, SPW_HOME: app.home },
    encoding: 'utf8',
    timeout: 30_000,
  })
const imported = async ({ page }: App) =>
  (await ask(page, 'snapshots', {})).filter(one => one.kind === 'imported')
let app: App | undefined

beforeAll(async () => {
  if (skipReason !== '') return
  const first = await openApp()
  await trained(first, 'chess')
  const [snapshot] = await ask(first.page, 'snapshots', {})
  for (const name of ['one.spw', 'two.spw', 'three.spw'])
    copyFileSync(snapshot?.path ?? '', file(name))
  writeFileSync(file('damaged.spw'), 'no prompt')
  await first.close()
  app = await openApp({ args: [file('one.spw')] })
})
afterAll(async () => {
  await app?.close()
  rmSync(folder, { recursive: true, force: true })
})
const at = (name: string, body: (one: App) => Promise<void>) =>
  test.skipIf(skipReason !== '')(name, async () => body(app as App))

at('a file given at the start is imported and open', async one => {
  await one.page.getByText('1 snapshot imported.').waitFor()
  expect(await imported(one)).toHaveLength(1)
  await one.page.getByRole('heading', { level: 1, name: 'Snapshots' }).waitFor()
  await one.page.getByRole('link', { name: 'Play it' }).first().waitFor()
})

at('a second start gives its file to the window that is there', async one => {
  await visit(one.page, 'Home')
  const second = secondStart(one, file('two.spw'))
  expect(second.stdout).toContain('running already')
  await expect.poll(async () => (await imported(one)).length).toBe(2)
  await one.page.getByRole('heading', { level: 1, name: 'Snapshots' }).waitFor()
  await expect.poll(() => isFocused(one)).toBe(true)
})

at('a damaged file, and one that is gone, are refused in the list', async one => {
  await visit(one.page, 'Home')
  secondStart(one, file('damaged.spw'))
  const refused = one.page.getByRole('alert')
  await refused.getByText('damaged.spw').first().waitFor()
  secondStart(one, file('gone.spw'))
  await refused.getByText('gone.spw').first().waitFor()
  expect(await imported(one)).toHaveLength(2)
})

at('a file dropped anywhere on the window is imported', async one => {
  await visit(one.page, 'Runs')
  // on no place that takes files
  await dropFile(one.page, file('three.spw'), 'body')
  await expect.poll(async () => (await imported(one)).length).toBe(3)
  await one.page.getByRole('heading', { level: 1, name: 'Snapshots' }).waitFor()
  expect(one.problems).toEqual([])
})
