// The built app opens, answers and closes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ask, e2e } from './harness'

e2e('the window opens with its title, and the engine answers', async ({ page, home }) => {
  expect(await page.title()).toBe('Soft Prompt Workbench')
  const info = await ask(page, 'engineInfo', {})
  expect(info.home).toBe(home)
  expect(info.host).toBe('thread')
  expect(await ask(page, 'engineStateNow', {})).toEqual({ kind: 'ready', fault: null })
  expect(existsSync(join(home, 'desktop'))).toBe(true)
})

e2e(
  'the same engine runs in a plain Node process',
  async ({ page, electron }) => {
    const info = await ask(page, 'engineInfo', {})
    expect(info.host).toBe('process')
    expect(info.pid).not.toBe(electron.process().pid)
    expect((await ask(page, 'appInfo', {})).packaged).toBe(false)
  },
  { settings: { engineHost: 'process' } },
)

e2e(
  'an engine that is killed starts again',
  async ({ page }) => {
    const { pid } = await ask(page, 'engineInfo', {})
    process.kill(pid, 'SIGKILL')
    await expect
      .poll(async () => (await ask(page, 'engineStateNow', {})).kind, { timeout: 20_000 })
      .toBe('crashed')
    await expect
      .poll(async () => (await ask(page, 'engineStateNow', {})).kind, { timeout: 20_000 })
      .toBe('ready')
    const after = await ask(page, 'engineInfo', {})
    expect(after.pid).not.toBe(pid)
  },
  { settings: { engineHost: 'process' } },
)

e2e('a reloaded page is answered again', async ({ page }) => {
  await page.reload()
  await page.waitForLoadState('load')
  expect((await ask(page, 'engineInfo', {})).version).not.toBe('')
})

e2e('closing the window without runs ends the app', async ({ electron, page }) => {
  const ended = new Promise(done => electron.process().once('exit', done))
  await page.evaluate(() => (globalThis as unknown as { close(): void }).close())
  await ended
})
