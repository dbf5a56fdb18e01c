// Analysis on first launch: the paper's runs alone give curves, tokens needed, matrix and a report.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { referencePath } from '../reference-path'
import { ask, e2e, skipReason } from './harness'
import { chooseNext, visit } from './window'

vi.setConfig({ testTimeout: 400_000 })

e2e('the paper’s runs are read without any training', async app => {
  const { page, home } = app
  await visit(page, 'Analysis')
  // Home asks the same, in more than one heading
  await expect.poll(() => page.url()).toContain('/analysis')
  await page.getByRole('heading', { name: 'How many tokens does it take?', level: 1 }).waitFor()
  const matrix = page.getByRole('region', { name: /^Distance/ })
  await matrix.waitFor({ timeout: 60_000 })
  expect(await matrix.getByRole('columnheader').count()).toBe(12)
  await app.screenshot('analysis')

  // a cell shows its curve
  const behaviour = page.getByRole('combobox', { name: 'Behaviour' })
  await behaviour.selectOption({ label: 'chess' })
  const needed = page.getByRole('region', { name: /^Tokens needed/ })
  await expect.poll(() => needed.getByRole('row').count()).toBe(3)
  await page.getByRole('region', { name: 'Did it converge?' }).waitFor()
  const skip = await matrix.getByRole('columnheader').allInnerTexts()
  const at = skip.findIndex(text => text.trim() === 'skip 1')
  await matrix.getByRole('row').nth(1).getByRole('cell').nth(at).getByRole('button').click()
  expect(await behaviour.inputValue()).toBe('skip 1')

  // the threshold is moved, the answer follows
  const before = await needed.getByRole('table').innerText()
  await needed.getByRole('slider').fill('0.6')
  await expect
    .poll(() => needed.getByRole('table').innerText(), { timeout: 30_000 })
    .not.toBe(before)

  // this behaviour alone at a threshold of its own, which the matrix says
  await needed.getByRole('checkbox', { name: /^Only for skip 1/ }).check()
  await needed.getByRole('slider').fill('0.8')
  await matrix.getByText(/but skip 1: 80 % of the gap/).waitFor({ timeout: 30_000 })
  await behaviour.selectOption({ label: 'chess' })
  expect(await needed.getByRole('slider').inputValue()).toBe('0.6')
  await needed.getByRole('button', { name: 'None' }).click()
  await behaviour.selectOption({ label: 'skip 1' })
  expect(await needed.getByRole('checkbox', { name: /^Only for/ }).isChecked()).toBe(false)
  await page.getByRole('button', { name: 'Bits', exact: true }).click()
  await page.getByText('bits per token', { exact: false }).first().waitFor({ timeout: 30_000 })

  // sorted by a heading
  await matrix.getByRole('button', { name: /^skip 1/ }).click()
  await matrix.locator('th[aria-sort=ascending]').waitFor()

  await page.getByRole('button', { name: 'Report…' }).click()
  await chooseNext(app, home)
  await page.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByRole('button', { name: 'Write', exact: true }).click()
  await page.getByText(/file written to/).waitFor({ timeout: 120_000 })
  const html = readFileSync(join(home, 'report.html'), 'utf8')
  expect(html).toContain('skip 1')
  expect(html).not.toMatch(/src="https?:/)
})

const archive = referencePath('reference', 'published', 'published-tensorboard-runs.tar.zst')
if (existsSync(archive) || skipReason !== '')
  e2e('the author’s TensorBoard logs become runs that can be read', async app => {
    const { page } = app
    await visit(page, 'Analysis')
    await page.getByRole('region', { name: /^Distance/ }).waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Import…' }).click()
    await chooseNext(app, archive)
    await page.getByRole('dialog').getByRole('button', { name: 'Choose file…' }).click()
    await page.getByText('186 runs imported.').waitFor({ timeout: 200_000 })
    await expect
      .poll(async () => (await ask(page, 'runs', {})).length, { timeout: 30_000 })
      .toBe(186)
    const matrix = page.getByRole('region', { name: /^Distance/ })
    await expect
      .poll(() => matrix.getByRole('rowheader').count(), { timeout: 120_000 })
      .toBeGreaterThan(6)
    await app.screenshot('analysis-imported')
  })
