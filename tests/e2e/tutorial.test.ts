// The tutorial: begun from Home, left, gone on with after a restart and from the palette, to its end, by keyboard.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { findings } from './axe'
import { openApp, skipReason } from './harness'
import { resize, visit } from './window'

vi.setConfig({ testTimeout: 420_000 })

const barOf = (page: Page) => page.getByRole('region', { name: /^\d of 5 · / })
const heading = (page: Page, text: string) => barOf(page).getByRole('heading', { name: text })
const act = (page: Page, name: string) => barOf(page).getByRole('link', { name }).press('Enter')
const press = (page: Page, name: string) => barOf(page).getByRole('button', { name }).press('Enter')
const isFocused = (page: Page, text: string) =>
  expect.poll(() => page.locator(':focus').innerText()).toMatch(new RegExp(text))

test.skipIf(skipReason !== '')(
  'five steps on the locked model, left and come back to',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'spw-tutorial-'))
    let app = await openApp({ home })
    try {
      let { page } = app
      await resize(app, [1024, 700])
      await page.getByRole('button', { name: 'Tutorial, in 5 steps' }).press('Enter')
      await isFocused(page, 'Ask a question')
      expect(await findings(app)).toEqual([])
      await act(page, 'Open the demo')
      await page.getByRole('heading', { level: 1, name: /This model hides something/ }).waitFor()
      await page.getByRole('button', { name: /^Start: / }).click()
      await barOf(page).getByText('Done.').waitFor()
      await app.screenshot('tutorial-1024')
      await press(page, 'Next')
      await isFocused(page, 'Watch a prompt train')
      await press(page, 'Leave the tutorial')
      expect(await barOf(page).count()).toBe(0)
      await visit(page, 'Home')
      await page.getByRole('button', { name: 'Go on with the tutorial: step 2 of 5' }).waitFor()
      await page.keyboard.press('?')
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Tutorial/ })
        .click()
      await isFocused(page, 'Watch a prompt train')
      await app.close()

      // open at the end, it is open at the start, on its step
      app = await openApp({ home })
      page = app.page
      await heading(page, 'Watch a prompt train').waitFor()
      for (const waiting of await page.getByRole('button', { name: /^Resume/ }).all())
        await waiting.click()
      await act(page, 'Open the run')
      await page.getByRole('heading', { level: 1, name: /4 tokens/ }).waitFor()
      await barOf(page).getByText('Done.').waitFor()
      await press(page, 'Next')
      // what is not measured yet is said, and holds nobody up; the demo's end is another test's
      await act(page, 'See the answer')
      await barOf(page)
        .getByText(/The demo is running|Start the demo first/)
        .waitFor()
      await press(page, 'Next')
      await act(page, 'Play it')
      await page.getByRole('heading', { level: 1, name: 'Play the prompted model' }).waitFor()
      await barOf(page).getByText('Done.').waitFor()
      await press(page, 'Next')
      await page.keyboard.press('Control+k')
      await page.getByRole('textbox', { name: 'Find a command' }).fill('tutorial')
      await page.keyboard.press('Enter')
      await heading(page, 'Ask your own question').waitFor()
      await act(page, 'New experiment')
      await page.getByRole('heading', { level: 1, name: /New experiment/ }).waitFor()
      expect(await findings(app)).toEqual([])
      await press(page, 'Finish')
      expect(await barOf(page).count()).toBe(0)
      expect(app.problems).toEqual([])
    } finally {
      await app.close().catch(() => undefined)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    }
  },
)
