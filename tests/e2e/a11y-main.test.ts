// axe on every screen in both themes, and a picture of each at both sizes. With real runs on the screens.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findings } from './axe'
import { type App, ask, openApp, skipReason } from './harness'
import { demoSpec, untilState } from './runs'
import { address, resize, sizes } from './window'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

describe.skipIf(skipReason !== '')('screens', () => {
  let app: App
  let screens: readonly (readonly [name: string, hash: string])[] = []
  beforeAll(async () => {
    app = await openApp()
    const base = { ...demoSpec(6), results: { prompts: 3, metricSamples: 0 } }
    const sweep = { name: '', base, tokens: [0, 1, 4], models: [], datasets: [], seeds: [0, 1] }
    const started = await ask(app.page, 'startSweep', { sweep, frozen: '' })
    for (const run of started.runs) await untilState(app.page, run, ['done'], 120_000)
    const id = started.runs.at(-1) ?? ''
    screens = [
      ['home', '#/'],
      ['new', '#/new'],
      ['runs', '#/runs'],
      ['run', `#/runs/${id}`],
      ['sweep', `#/sweeps/${encodeURIComponent(started.sweep)}`],
      ['library-models', '#/library?tab=models'],
      ['library-datasets', '#/library?tab=datasets'],
      ['library-snapshots', '#/library?tab=snapshots'],
      ['settings', '#/settings'],
    ]
  })
  afterAll(async () => app?.close())

  test.each(['dark', 'light'] as const)('%s: no serious finding anywhere', async theme => {
    await ask(app.page, 'saveSettings', { ...(await ask(app.page, 'settings', {})), theme })
    await expect.poll(() => app.page.locator('html').getAttribute('data-theme')).toBe(theme)
    const found: Record<string, readonly string[]> = {}
    for (const [name, hash] of screens) {
      await address(app.page, hash)
      await app.page.getByRole('heading', { level: 1 }).waitFor()
      for (const size of sizes) {
        await resize(app, size)
        await app.page.waitForTimeout(500)
        await app.screenshot(`${name}-${theme}-${size[0]}`)
        const sideways = await app.page.evaluate(() => {
          const g = globalThis as unknown as {
            document: { querySelector(s: string): { scrollWidth: number; clientWidth: number } }
          }
          const main = g.document.querySelector('main')
          return main.scrollWidth - main.clientWidth
        })
        expect(sideways, `${name} scrolls sideways at ${size[0]}`).toBeLessThanOrEqual(0)
      }
      found[name] = await findings(app)
    }
    expect(found).toEqual(Object.fromEntries(screens.map(([name]) => [name, []])))
    expect(app.problems).toEqual([])
  })
})
