// Settings hold over a reload and a restart; the log can be read.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSections } from '../../src-renderer/components/settings/sections'
import { openIndex } from '../gpu/stand-in-index'
import { findings } from './axe'
import { ask, inOneApp, openApp, skipReason } from './harness'
import { visit } from './window'

const e2e = inOneApp()

e2e('every section that the palette finds has its panel', async ({ page }) => {
  await visit(page, 'Settings')
  for (const { heading } of Object.values(settingsSections))
    await page.getByRole('region', { name: heading, exact: true }).waitFor()
})

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

e2e('CUDA: said to be useless without a GPU, yet installed, examined and removed', async app => {
  const { page } = app
  const { url } = await openIndex()
  await visit(page, 'Settings')
  const gpu = page.getByRole('region', { name: 'NVIDIA GPU' })
  // where there is a GPU the button stands there by itself
  const folded = gpu.getByText('Install CUDA all the same')
  await gpu.getByText(/No NVIDIA GPU was found|Found:/).waitFor()
  if ((await folded.count()) > 0) await folded.click()
  await gpu.getByText('From another package index').click()
  await gpu.getByRole('textbox', { name: 'Package index' }).fill(url)
  await gpu.getByRole('button', { name: /^Install CUDA: about 830 MB/ }).click()
  await gpu.getByText(/CUDA for onnxruntime .* is installed: 5 packages/).waitFor()
  await gpu.getByRole('region', { name: 'What the check found' }).waitFor({ timeout: 60_000 })
  await gpu.getByRole('row', { name: /^installation .* fine$/ }).waitFor()
  await app.screenshot('settings-cuda')
  expect(await findings(app)).toEqual([])
  await gpu.getByRole('button', { name: 'Remove CUDA…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByText(/^CUDA removed/).waitFor()
  expect((await ask(page, 'gpuState', {})).installation).toEqual({ kind: 'none' })
})
