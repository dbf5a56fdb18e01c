// Settings hold over a reload and a restart; the log can be read.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, e2e, openApp, skipReason } from './harness'
import { visit } from './window'

e2e('the theme is worn at once', async ({ page }) => {
  await visit(page, 'Settings')
  const worn = () => page.locator('html').getAttribute('data-theme')
  await page.getByRole('button', { name: 'Light' }).click()
  await expect.poll(worn).toBe('light')
  await page.getByRole('button', { name: 'Dark' }).click()
  await expect.poll(worn).toBe('dark')
  await page.reload()
  await expect.poll(worn).toBe('dark')
})

test.skipIf(skipReason !== '')('settings are kept over a restart', async () => {
  const home = mkdtempSync(join(tmpdir(), 'spw-e2e-'))
  try {
    const first = await openApp({ home })
    await visit(first.page, 'Settings')
    await first.page.getByRole('textbox', { name: 'Threads' }).fill('1')
    await first.page.keyboard.press('Tab')
    await expect.poll(async () => (await ask(first.page, 'settings', {})).threads).toBe(1)
    await first.close()
    const second = await openApp({ home })
    await visit(second.page, 'Settings')
    await expect
      .poll(() => second.page.getByRole('textbox', { name: 'Threads' }).inputValue())
      .toBe('1')
    expect(await second.page.getByText('CPU · 1 thread').count()).toBe(1)
    await second.close()
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
})

e2e('the log of the engine can be read', async ({ page }) => {
  await visit(page, 'Settings')
  await page.getByRole('button', { name: 'Show log' }).click()
  await page.getByRole('region', { name: 'Engine log' }).waitFor()
})
