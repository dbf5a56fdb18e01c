// The form of a new experiment: what cannot be used keeps it from starting, what is shown is what starts; and a run
// that is thrown away from its own page.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ask, e2e } from './harness'
import { demoSpec, startRun, untilState } from './runs'
import { address, chooseNext, visit } from './window'

e2e('fields that hold no answer stop the start; keys take what stands in the field', async app => {
  const { page } = app
  await visit(page, 'New')
  const start = page.getByRole('button', { name: /^Start/ })
  await page.getByRole('button', { name: 'Start 1 run' }).waitFor()
  await expect.poll(() => start.isEnabled()).toBe(true)

  for (const [field, text, complaint] of [
    ['Learning rate', '0,001', 'Not a number. Decimals take a point: 0.5.'],
    ['Steps', '-5', 'At least 0.'],
    ['Steps', '1e99', 'Too large.'],
    ['Seeds', '99999999999999999999', '99999999999999999999 is too large.'],
  ] as const) {
    const box = page.getByRole('textbox', { name: field, exact: true })
    await box.fill(text)
    await box.press('Tab')
    await page.getByText(complaint).waitFor()
    await expect.poll(() => start.isEnabled()).toBe(false)
    await box.fill('')
    await box.press('Tab')
    await expect.poll(() => start.isEnabled()).toBe(true)
  }

  // what the engine refuses stands at its field, and goes with the first change of it; what is old says that it is
  await page.getByText('Advanced…').click()
  const type = page.getByLabel('Type', { exact: true })
  await type.selectOption('subspace')
  const dimensions = page.getByRole('textbox', { name: 'Dimensions' })
  const refused = page.locator('.field', { has: dimensions }).locator('.bad')
  await refused.waitFor()
  await dimensions.fill('12')
  await dimensions.press('Tab')
  expect(await refused.count()).toBe(0)
  expect(await page.getByRole('region', { name: 'Plan' }).getAttribute('aria-busy')).toBe('true')
  await expect.poll(() => start.isEnabled()).toBe(true)
  expect(await page.getByRole('region', { name: 'Plan' }).getAttribute('aria-busy')).toBeNull()
  await type.selectOption({ index: 0 })

  await page.getByRole('textbox', { name: 'Tokens (list = sweep)' }).fill('1, 2')
  await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('2000')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Stop all' }).click()
  const runs = await ask(page, 'runs', {})
  expect(runs.map(run => run.spec.training.steps)).toEqual([2000, 2000])
})

e2e('a folder of pairs by other names: one button says which field holds what', async app => {
  const { page, home } = app
  const folder = join(home, 'my pairs')
  mkdirSync(folder)
  for (const part of [0, 1]) {
    const lines = Array.from({ length: 40 }, (_, i) => ({ q: `What is ${part} ${i}?`, a: ' It.' }))
    writeFileSync(join(folder, `${part}.jsonl`), lines.map(line => JSON.stringify(line)).join('\n'))
  }
  await visit(page, 'New')
  await page.getByText('Bring your own behaviour').click()
  await chooseNext(app, folder)
  const data = page.getByRole('group', { name: 'Choose a dataset' })
  await data.getByRole('button', { name: 'Choose folder…' }).click()
  const plan = page.getByRole('region', { name: 'Plan' })
  await plan.getByText(/50 of 50 records are unusable/).waitFor()
  // the window has no options of the command line
  expect(await plan.textContent()).not.toContain('--')
  await page.getByRole('button', { name: 'Prompt is q, completion is a' }).click()
  await plan.getByText(/records are unusable/).waitFor({ state: 'hidden' })
  expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('q')
  expect(await page.getByLabel('Completion', { exact: true }).inputValue()).toBe('a')
  await plan.getByText(/^training data: \d+ read/).waitFor()
})

e2e('a run trashed from its own page is said to be gone, and comes back', async app => {
  const { page } = app
  const id = await startRun(page, demoSpec(3))
  await untilState(page, id, ['done'])
  await address(page, `#/runs/${id}`)
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Move to trash' }).click()
  await page.getByText('This run is not there').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Done · 3 steps').waitFor()
})
