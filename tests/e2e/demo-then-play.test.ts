// From a fresh home: the chess demo is trained from Home by one click, then played against, without reading anything.
import { expect, vi } from 'vitest'
import { e2e } from './harness'
import { untilState } from './runs'

vi.setConfig({ testTimeout: 600_000 })

e2e('the chess demo is trained from Home, then played', async ({ page }) => {
  const began = Date.now()
  await page.getByRole('button', { name: 'Start demo: Chess' }).click()
  await page.getByRole('heading', { level: 1, name: /chess/ }).waitFor()
  const id = page.url().split('/runs/')[1] ?? ''
  await untilState(page, id, ['done'], 500_000)
  await page.getByRole('link', { name: 'try it' }).first().click()
  await page.getByRole('heading', { name: 'Play the prompted model' }).waitFor()
  const box = page.getByRole('textbox', { name: 'Move or command' })
  await page.getByText('Your turn.').waitFor({ timeout: 60_000 })
  await box.fill('e4')
  await box.press('Enter')
  const moves = page.getByRole('toolbar', { name: /^Moves/ }).getByRole('button')
  await expect.poll(() => moves.nth(1).textContent(), { timeout: 60_000 }).toMatch(/\S/)
  process.stdout.write(`from the first click to its answer: ${(Date.now() - began) / 1000} s\n`)
})
