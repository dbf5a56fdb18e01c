// The path room: a maze drawn by keyboard, walked step by step and to its end, an own route scored.
import { expect, vi } from 'vitest'
import { e2e } from './harness'
import { room, trained } from './playgrounds'

vi.setConfig({ testTimeout: 420_000 })

e2e('a maze is drawn, walked and scored', async app => {
  const { page } = app
  const snapshot = (await trained(app, 'pathfinding')).at(-1)?.path ?? ''
  await room(app, 'paths', snapshot)
  await page.getByRole('heading', { name: 'Let it walk a maze' }).waitFor()

  // a small board: A at the top left, B at the bottom right
  await page.getByRole('textbox', { name: 'Columns' }).fill('4')
  await page.getByRole('textbox', { name: 'Rows' }).fill('4')
  await page.getByRole('textbox', { name: 'Rows' }).press('Tab')
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  const cell = (row: number, column: number) =>
    page.getByRole('gridcell', { name: new RegExp(`^row ${row}, column ${column},`) })
  expect(await page.getByRole('gridcell').count()).toBe(16)
  await cell(1, 1).focus()
  for (const key of ['ArrowRight', 'Enter', 'ArrowDown', 'x']) await page.keyboard.press(key)
  expect(await cell(1, 2).getAttribute('aria-label')).toBe('row 1, column 2, wall')
  expect(await cell(2, 2).getAttribute('aria-label')).toBe('row 2, column 2, wall')
  await page.getByText('optimum: 6 moves').waitFor()

  // an own route by mouse, then by keys
  await page.getByRole('button', { name: 'Route', exact: true }).click()
  for (const row of [2, 3]) await cell(row, 1).click()
  await cell(3, 1).focus()
  for (const key of ['s', 'w', 'e', 'e', 'e']) await page.keyboard.press(key)
  const result = page.getByRole('region', { name: /^Result/ })
  const row = (who: string) => result.getByRole('row', { name: new RegExp(`^${who}`) })
  // reached, moves, extra moves, wall hits
  const reported = (who: string) => row(who).getByRole('cell')
  expect(await reported('Your route').allInnerTexts()).toEqual(['yes', '7', '1', '1'])

  // the model, constrained so that it stays off walls
  await page.getByRole('checkbox', { name: /^Constrained/ }).check()
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await page
    .getByRole('table', { name: 'Probability of each move' })
    .getByText('North')
    .waitFor({ timeout: 60_000 })
  await expect.poll(() => reported('Soft prompt').nth(1).innerText(), { timeout: 30_000 }).toBe('1')
  await page.getByRole('slider', { name: 'Speed' }).fill('10')
  await page.getByRole('button', { name: 'Play' }).click()
  await page.getByRole('button', { name: 'Pause' }).waitFor()
  await page.waitForTimeout(1500)
  if (await page.getByRole('button', { name: 'Pause' }).isVisible())
    await page.getByRole('button', { name: 'Pause' }).click()
  if (await page.getByRole('button', { name: 'Finish' }).isEnabled())
    await page.getByRole('button', { name: 'Finish' }).click()
  await expect
    .poll(() => row('Soft prompt').innerText(), { timeout: 120_000 })
    .toMatch(/said done|said unsolvable|still walking/)
  expect(await reported('Soft prompt').nth(3).innerText()).toBe('0')
  await page.getByRole('checkbox', { name: 'Shortest way' }).check()
  await app.screenshot('paths')

  // another board by seed is the same board by the same seed
  await page.getByRole('button', { name: 'Random' }).click()
  const first = await page.getByRole('grid').innerText()
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await page.getByRole('button', { name: 'Random' }).click()
  await expect.poll(() => page.getByRole('grid').innerText()).toBe(first)
})
