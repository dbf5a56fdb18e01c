// The table of runs: filter, group, select, compare, rename, trash with undo, by mouse and by keyboard.
import { expect } from 'vitest'
import { ask, e2e, inOneApp } from './harness'
import { demoSpec, startRun, untilState } from './runs'
import { visit } from './window'

const together = inOneApp()

e2e('runs are filtered, grouped, named, compared, trashed and brought back', async app => {
  const { page } = app
  const ids: string[] = []
  for (const [tokens, seed] of [
    [1, 0],
    [1, 1],
    [3, 0],
  ] as const)
    ids.push(
      await startRun(page, {
        ...demoSpec(3),
        prompt: { type: 'direct', tokens, init: { kind: 'zero' } },
        seed,
      }),
    )
  for (const id of ids) await untilState(page, id, ['done'], 120_000)
  await visit(page, 'Runs')
  const table = page.getByRole('grid', { name: 'Runs' })
  const rows = table.getByRole('row')
  await expect.poll(() => rows.count()).toBe(4)

  // the filter knows fields
  await page.keyboard.press('/')
  await page.keyboard.type('tokens<2 seed=1')
  await expect.poll(() => rows.count()).toBe(2)
  await page.getByRole('searchbox', { name: 'Filter runs' }).fill('')

  // all but the seed: two groups, the first with a spread over its two seeds
  await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'All but seed' })
  await expect.poll(() => rows.count()).toBe(3)
  await table.getByText('N = 2').waitFor()
  expect(await table.getByText(/±/).count()).toBeGreaterThan(0)
  await app.screenshot('runs-grouped')
  await page.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'Not grouped' })

  // a name, by the menu of a row
  await table
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Name, note, colour…' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('the longest')
  await page.getByRole('radio', { name: 'Colour 3' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await table.getByRole('link', { name: 'the longest' }).waitFor()

  // keyboard: down, select, down, select; compare the two
  await rows.nth(1).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await page.getByText('2 selected').waitFor()
  // their lines stand above; the row with the focus, then the one under the pointer, is the thick one
  await page.getByRole('region', { name: 'Train loss' }).getByRole('img').waitFor()
  await expect.poll(() => rows.nth(2).getAttribute('class')).toContain('near')
  await rows.nth(1).hover()
  await expect.poll(() => rows.nth(1).getAttribute('class')).toContain('near')
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.getByRole('button', { name: /^Remove .* from the chart/ }).waitFor()
  await page.goBack()

  // trash and undo
  await rows.nth(1).focus()
  await page.keyboard.press('Delete')
  await expect.poll(async () => (await ask(page, 'runs', {})).length).toBeLessThan(3)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(async () => (await ask(page, 'runs', {})).length).toBe(3)
})

together('Ctrl-K finds a place, ? shows the keys, and both close again', async ({ page }) => {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Commands' }).waitFor()
  await page.keyboard.type('go to sett')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Help and keys' })
  await sheet.getByText('Go to Runs').waitFor()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'hidden' })
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
})

together(
  'a reload during training comes back to the same run, still training',
  async ({ page }) => {
    const id = await startRun(page, demoSpec(5000))
    await page
      .getByRole('link', { name: /autoregressive/ })
      .first()
      .click()
    const legend = page.getByRole('list', { name: 'Legend' }).getByText('train')
    await legend.waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: /autoregressive/ }).waitFor()
    await legend.waitFor()
    await page.getByText(/Training · step/).waitFor()
    await ask(page, 'stopRun', { id })
    await untilState(page, id, ['stopped'])
  },
)
