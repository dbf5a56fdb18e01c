// A sweep of four cells, set up in the form, changed as JSON, started, filled, answered.
import { expect, vi } from 'vitest'
import { findings } from './axe'
import { ask, e2e } from './harness'
import { demoSpec, untilState } from './runs'
import { visit } from './window'

vi.setConfig({ testTimeout: 420_000 })

e2e('a sweep of four cells fills its grid and draws its curve', async app => {
  const { page } = app
  await visit(page, 'New')
  await page.locator('label', { hasText: 'Skip tokens' }).click()
  await page.getByRole('textbox', { name: 'Tokens (list = sweep)' }).fill('1, 2')
  await page.getByRole('textbox', { name: 'Seeds' }).fill('0-1')
  await page.getByText('4 = 2 lengths × 2 seeds').waitFor()

  // form and JSON are one object
  await page.getByRole('button', { name: 'JSON' }).click()
  const json = page.getByRole('textbox', { name: 'Sweep as JSON' })
  const written = JSON.parse(await json.inputValue())
  expect(written).toMatchObject({ tokens: [1, 2], seeds: [0, 1] })
  const { training, results, data } = demoSpec(4)
  written.base = { ...written.base, training, results, data }
  await json.fill(JSON.stringify(written))
  await page.getByRole('button', { name: 'Command line' }).click()
  await page.getByText(/spw/).first().waitFor()
  await page.getByRole('button', { name: 'Form' }).click()
  expect(await page.getByRole('textbox', { name: 'Steps' }).inputValue()).toBe('4')
  await app.screenshot('new-experiment')

  await page.getByRole('button', { name: 'Start 4 runs' }).click()
  await page.getByRole('heading', { level: 1, name: /skip 1/ }).waitFor()
  const runs = await ask(page, 'runs', {})
  expect(runs).toHaveLength(4)
  for (const { id } of runs) await untilState(page, id, ['done'], 200_000)

  await page.getByText('4 of 4 runs finished').waitFor()
  const cells = page.getByRole('table').getByRole('link')
  expect(await cells.count()).toBe(4)
  for (const cell of await cells.all())
    expect(await cell.textContent()).toMatch(/Done · 4 steps, loss \d/)
  const curve = page.getByRole('img', { name: /^Final held-out loss/ })
  expect(await curve.getAttribute('aria-label')).toMatch(/from [\d.]+ at 1 to [\d.]+ at 2/)
  await page.getByText(/lowest [\d.]+ with [12] tokens?/).waitFor()
  await app.screenshot('sweep')

  await page.getByRole('button', { name: 'Rename the sweep' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('one or two')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'one or two' }).waitFor()
  await visit(page, 'Home')
  await page.getByRole('link', { name: /^one or two/ }).waitFor()
  // each run is called by what distinguishes it
  await visit(page, 'Runs')
  const titles = page.getByRole('grid').getByRole('link')
  await expect.poll(() => titles.count()).toBeGreaterThanOrEqual(4)
  const names = (await titles.allInnerTexts()).filter(text => /^seed [01] · \d token/.test(text))
  expect(new Set(names).size).toBe(4)
  await app.screenshot('runs-named')

  // the same cells again: all known
  await visit(page, 'New')
  await page.getByText('4 runs of exactly this kind exist already').waitFor()
})

e2e('what is wrong is said before anything starts', async ({ page }) => {
  await visit(page, 'New')
  const tokens = page.getByRole('textbox', { name: 'Tokens (list = sweep)' })
  await tokens.fill('four')
  await page.getByText('“four” is not a whole number').waitFor()
  await tokens.fill('2')
  await page.getByText('Advanced…').click()
  await page.getByRole('textbox', { name: 'Batch size (lanes)' }).fill('8')
  await page.getByRole('textbox', { name: 'Accumulation' }).fill('3')
  await page.keyboard.press('Tab')
  // in the plan and at the field, as the form calls it
  const said = /“Accumulation” is 3: accumulation must divide lanes/
  await page.getByRole('alert').getByText(said).waitFor()
  const field = page.getByRole('textbox', { name: 'Accumulation' })
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  expect(await field.locator('..').innerText()).toMatch(said)
  await page.getByLabel('Type', { exact: true }).selectOption('subspace')
  await page.getByRole('alert').getByText('“Dimensions” is missing').waitFor()
  expect(await page.getByRole('button', { name: /^Start/ }).isDisabled()).toBe(true)
})

e2e('a behaviour of one’s own: file, fields, first pairs marked', async app => {
  const { page, home } = app
  const { writeFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  const { chooseNext } = await import('./window')
  const file = join(home, 'pairs.jsonl')
  const pairs = Array.from({ length: 40 }, (_, i) => ({
    question: `Q${i}?`,
    answer: ` answer ${i}`,
  }))
  writeFileSync(file, pairs.map(p => JSON.stringify(p)).join('\n'))
  await visit(page, 'New')
  await page.locator('label', { hasText: 'Bring your own' }).click()
  await chooseNext(app, file)
  await page.getByRole('button', { name: 'Choose file…' }).click()
  await page.getByRole('combobox', { name: 'Prompt', exact: true }).selectOption('question')
  await page.getByRole('combobox', { name: 'Completion' }).selectOption('answer')
  await page.getByRole('button', { name: 'Show examples' }).click()
  await page.locator('mark').first().waitFor()
  expect(await page.locator('mark').first().innerText()).toMatch(/answer \d+/)
  await app.screenshot('own-behaviour')
})

e2e('two datasets are an axis: each gets runs of its own', async app => {
  const { page, home } = app
  const { writeFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  const { chooseNext } = await import('./window')
  const file = join(home, 'mine.jsonl')
  const texts = Array.from({ length: 80 }, (_, i) => JSON.stringify({ text: `Text number ${i}.` }))
  writeFileSync(file, texts.join('\n'))
  await visit(page, 'New')
  await chooseNext(app, file)
  await page.getByRole('button', { name: 'Choose file…' }).click()
  await page.getByText(/^80 documents/).waitFor()
  await page.getByRole('button', { name: 'Another dataset' }).click()
  await page.getByRole('combobox', { name: 'Dataset 2' }).waitFor()
  await page.getByText('2 = 2 datasets').waitFor()
  await page.getByRole('button', { name: 'Start 2 runs' }).waitFor()
  await app.screenshot('two-datasets')
  expect(await findings(app)).toEqual([])
  await page.getByRole('button', { name: 'Leave out dataset 1' }).click()
  await page.getByRole('button', { name: 'Start 1 run' }).waitFor()
})
