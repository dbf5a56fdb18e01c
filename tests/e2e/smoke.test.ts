// The built app opens, answers and closes.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ask, e2e, inOneApp } from './harness'
import { killEngine } from './kill-engine'

const inThread = inOneApp()
const inProcess = inOneApp({ settings: { engineHost: 'process' } })

inThread('the window opens with its title, and the engine answers', async ({ page, home }) => {
  expect(await page.title()).toBe('Soft Prompt Workbench')
  const info = await ask(page, 'engineInfo', {})
  expect(info.home).toBe(home)
  expect(info.host).toBe('thread')
  expect(await ask(page, 'engineStateNow', {})).toEqual({ kind: 'ready', fault: null })
  expect(existsSync(join(home, 'desktop'))).toBe(true)
})

inThread(
  'CUDA would see float32 as float32: the environment of the very process',
  async ({ electron }) => {
    const seen = await electron.evaluate(() => {
      const report = process.report?.getReport() as unknown as {
        environmentVariables: Record<string, string>
      }
      const { NVIDIA_TF32_OVERRIDE, CUDA_DEVICE_ORDER } = report.environmentVariables
      return [NVIDIA_TF32_OVERRIDE, CUDA_DEVICE_ORDER]
    })
    expect(seen).toEqual(['0', 'PCI_BUS_ID'])
  },
)

inProcess('the same engine runs in a plain Node process', async ({ page, electron }) => {
  const info = await ask(page, 'engineInfo', {})
  expect(info.host).toBe('process')
  expect(info.pid).not.toBe(electron.process().pid)
  expect((await ask(page, 'appInfo', {})).packaged).toBe(false)
})

inProcess('an engine that is killed starts again', async ({ page }) => {
  const pid = await killEngine(page)
  const after = await ask(page, 'engineInfo', {})
  expect(after.pid).not.toBe(pid)
})

inThread('a reloaded page is answered again', async ({ page }) => {
  await page.reload()
  await page.waitForLoadState('load')
  expect((await ask(page, 'engineInfo', {})).version).not.toBe('')
})

inThread('a dropped file is known by its path', async ({ page, home }) => {
  const file = join(home, 'desktop', 'dropped.pt')
  writeFileSync(file, 'x')
  await page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { createElement(tag: string): { type: string }; body: { append(n: object): void } }
    }
    const input = Object.assign(document.createElement('input'), { type: 'file', id: 'drop' })
    document.body.append(input)
  })
  await page.locator('#drop').setInputFiles(file)
  const path = await page.evaluate(() => {
    const g = globalThis as unknown as {
      document: { querySelector(name: string): { files: unknown[] } }
      workbench: { pathOf(file: unknown): string }
    }
    return [g.workbench.pathOf(g.document.querySelector('#drop').files[0]), g.workbench.pathOf({})]
  })
  expect(path).toEqual([file, ''])
})

e2e('closing the window without runs ends the app', async ({ electron, page }) => {
  const ended = new Promise(done => electron.process().once('exit', done))
  await page.evaluate(() => (globalThis as unknown as { close(): void }).close())
  await ended
})
