// axe on every screen in both themes, at both sizes. With real runs on the screens. Pictures: npm run screenshots.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checked } from './axe'
import { type App, ask, openApp, skipReason } from './harness'
import { demoSpec, untilState } from './runs'
import { address } from './window'

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
      ['tutorial', '#/'],
    ]
    parts = {
      'new-examples': async () => {
        await address(app.page, '#/new')
        await app.page.getByRole('button', { name: 'Show examples' }).click()
        await app.page.locator('mark').first().waitFor()
      },
      'runs-columns': async () => {
        await address(app.page, '#/runs')
        await app.page.getByRole('button', { name: 'Columns' }).click()
        await app.page.getByRole('textbox', { name: 'Search' }).fill('loss')
      },
      'runs-unknown-field': async () => {
        await address(app.page, '#/runs?filter=colour:red')
        await app.page.getByText('Runs have no field “colour”.').waitFor()
      },
      'run-specification': async () => {
        await address(app.page, `#/runs/${id}`)
        await app.page.getByRole('tab', { name: 'Specification' }).click()
        await app.page.getByRole('heading', { name: 'What the data held' }).waitFor()
      },
      help: async () => {
        await address(app.page, '#/')
        await app.page.keyboard.press('?')
        await app.page.getByRole('dialog', { name: 'Help and keys' }).waitFor()
      },
    }
  })
  /** parts of screens, brought into use */
  let parts: Readonly<Record<string, () => Promise<void>>> = {}
  afterAll(async () => app?.close())

  test.each(['dark', 'light'] as const)('%s: no serious finding anywhere', async theme => {
    await ask(app.page, 'saveSettings', { ...(await ask(app.page, 'settings', {})), theme })
    await expect.poll(() => app.page.locator('html').getAttribute('data-theme')).toBe(theme)
    const found: Record<string, readonly string[]> = {}
    for (const [name, hash] of screens) {
      await address(app.page, hash)
      await app.page.getByRole('heading', { level: 1 }).waitFor()
      if (name === 'tutorial') await app.page.getByRole('button', { name: /tutorial/i }).click()
      found[name] = await checked(app, name, theme)
    }
    await app.page.getByRole('button', { name: 'Leave the tutorial' }).click()
    for (const [name, use] of Object.entries(parts)) {
      await use()
      found[name] = await checked(app, name, theme, [])
      await app.page.keyboard.press('Escape')
    }
    const all = [...screens.map(([name]) => name), ...Object.keys(parts)]
    expect(found).toEqual(Object.fromEntries(all.map(name => [name, []])))
    expect(app.problems).toEqual([])
  })
})
