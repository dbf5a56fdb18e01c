// The shelf: a .pt of the original is imported, its model located, and it writes; then compare,
// export, trash and undo.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { referencePath } from '../reference-path'
import { findings } from './axe'
import { ask, e2e, inOneApp, skipReason } from './harness'
import { trained } from './playgrounds'
import { address, chooseNext, resize } from './window'

vi.setConfig({ testTimeout: 420_000 })
const together = inOneApp()
const reference = referencePath('reference', 'snapshots', 'direct_p5.pt')

if (existsSync(reference) || skipReason !== '')
  together('a .pt is opened, its model located, and sampled', async app => {
    const { page } = app
    await address(page, '#/snapshots')
    await chooseNext(app, reference)
    await page.getByRole('button', { name: 'Choose file…' }).click()
    await page.getByText('1 snapshot imported.').waitFor()
    const [entry] = await ask(page, 'snapshots', {})
    expect(entry?.metadata.source).toBe('original-pt')
    expect(entry?.metadata.shape).toMatchObject({ type: 'direct', tokens: 5 })
    await page.getByText('is not in the library', { exact: false }).first().waitFor()
    await page.getByText('What the file says of its training').click()

    await chooseNext(app, referencePath('models', 'tiny-neox'))
    await page.getByRole('button', { name: 'Locate…' }).click()
    await expect
      .poll(async () => (await ask(page, 'snapshots', {}))[0]?.modelPath, { timeout: 30_000 })
      .not.toBeNull()
    await app.screenshot('snapshots')
    await page.getByRole('link', { name: 'Write with it' }).click()
    await page.getByRole('textbox', { name: 'Prompt' }).fill('Hello')
    await page.getByRole('button', { name: 'Write', exact: true }).click()
    const answer = page.getByRole('region', { name: 'With the soft prompt', exact: true })
    await answer.locator('.token').nth(10).waitFor({ timeout: 60_000 })
  })

together('what is no snapshot is refused with its reason', async app => {
  await address(app.page, '#/snapshots')
  await chooseNext(app, join(__dirname, 'harness.ts'))
  await app.page.getByRole('button', { name: 'Choose file…' }).click()
  await app.page.getByRole('alert').getByText('harness.ts').first().waitFor()
})

e2e('checkpoints are found, compared, exported, thrown away and brought back', async app => {
  const { page, home } = app
  const stops = await trained(app, 'chess')
  await address(page, '#/snapshots')
  await page.getByRole('searchbox', { name: 'Search snapshots' }).fill('chess step 2')
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1)
  await page.getByRole('searchbox', { name: 'Search snapshots' }).fill('')
  await page.getByRole('checkbox', { name: /^Compare step 2 · / }).check()
  await page.getByRole('checkbox', { name: /^Compare step 4 · / }).check()
  await page.getByRole('button', { name: 'Compare two' }).click()
  await page.getByRole('dialog').getByText('4 ≠').waitFor()
  await page.keyboard.press('Escape')

  // rows of one height, with what can be done on them
  interface Box {
    readonly offsetHeight: number
    readonly scrollWidth: number
    readonly clientWidth: number
  }
  const heights = async () =>
    new Set(
      await page
        .locator('tbody tr')
        .evaluateAll(rows => rows.map(row => Math.round((row as unknown as Box).offsetHeight))),
    ).size
  expect(await heights()).toBe(1)
  // nothing lies beside the smallest window; what has no column there stands below the name, the whole of it in its title
  await resize(app, [1024, 700])
  await page.getByRole('columnheader', { name: 'Held-out loss' }).waitFor()
  const beside = await page
    .locator('.scroll')
    .evaluate(list => (list as unknown as Box).scrollWidth - (list as unknown as Box).clientWidth)
  expect(beside).toBe(0)
  expect(await heights()).toBe(1)
  await page
    .locator('tbody tr')
    .first()
    .getByTitle(/^chess · seed 0 · .* · (final|checkpoint) · workbench-demo-base · /)
    .waitFor()
  await resize(app, [1360, 880])
  expect(
    await page
      .locator('tbody tr')
      .first()
      .getByRole('button', { name: /^Play it: .*step \d/ })
      .count(),
  ).toBe(1)
  await page.getByRole('columnheader', { name: 'Seed' }).waitFor()
  await page.getByRole('columnheader', { name: 'Data' }).waitFor()
  await page
    .locator('tbody tr')
    .filter({ hasText: 'final' })
    .getByRole('button', { name: /^Actions for/ })
    .click()
  await page.getByRole('menuitem', { name: 'Export…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Workbench', exact: true }).waitFor()
  await page.keyboard.press('Escape')

  // a generated prompt is baked at conditions
  await page.locator('tbody tr').filter({ hasText: 'final' }).getByRole('cell').nth(1).click()
  for (const size of [
    [1280, 800],
    [1024, 700],
  ] as const) {
    await resize(app, size)
    await app.screenshot(`snapshots-${size[0]}`)
  }
  expect(await findings(app)).toEqual([])
  await resize(app, [1280, 800])
  await page.getByRole('button', { name: 'Export…' }).click()
  await page.getByRole('button', { name: 'PEFT adapter', exact: true }).click()
  await page.getByText('it is baked at these conditions').waitFor()
  await chooseNext(app, home)
  await page.getByRole('button', { name: 'Choose folder…' }).last().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click()
  await page.getByText('Exported to', { exact: false }).waitFor()
  expect(existsSync(join(home, 'chess-4-step-6', 'adapter_config.json'))).toBe(true)

  await page.getByRole('button', { name: 'Move to the trash' }).click()
  const last = stops.at(-1)?.path ?? ''
  await expect.poll(() => existsSync(last)).toBe(false)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => existsSync(last)).toBe(true)
})
