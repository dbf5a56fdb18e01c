// The page of a run: exports, table view, axes by key, log, fork and continue; and what a dead engine leaves on it.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, vi } from 'vitest'
import { ask, e2e, inOneApp } from './harness'
import { demoSpec, startRun, untilState, untilStep } from './runs'
import { address, chooseNext } from './window'

vi.setConfig({ testTimeout: 240_000 })

const together = inOneApp()

together('charts are exported, read as a table, and turned by keys', async app => {
  const { page, home } = app
  const id = await startRun(page, demoSpec(8))
  await untilState(page, id, ['done'])
  await address(page, `#/runs/${id}`)
  const save = async (entry: string, file: string): Promise<Buffer> => {
    await chooseNext(app, join(home, file))
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('menuitem', { name: entry }).click()
    await page.getByText(`Saved ${join(home, file)}`).waitFor()
    return readFileSync(join(home, file))
  }
  expect((await save('Save PNG…', 'a.png')).subarray(1, 4).toString()).toBe('PNG')
  expect((await save('Save SVG…', 'a.svg')).toString()).toMatch(/^<svg/)
  const rows = (await save('Save CSV…', 'a.csv')).toString().trim().split('\r\n')
  expect(rows[0]).toBe('series,step,Loss,smoothed')
  expect(rows.filter(row => row.startsWith('train,'))).toHaveLength(8)

  const logY = page.getByRole('button', { name: 'log y' })
  expect(await logY.getAttribute('aria-pressed')).toBe('false')
  await page.keyboard.press('y')
  expect(await logY.getAttribute('aria-pressed')).toBe('true')

  await page.getByRole('button', { name: 'Export', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Show as table' }).click()
  const table = page.getByRole('region', { name: 'Loss, nats per token, as a table' })
  expect(await table.getByRole('row').count()).toBe(9)

  await page.getByRole('tab', { name: 'Log' }).click()
  await expect.poll(() => page.locator('pre').innerText()).toMatch(/opening the model/)
})

together('a run is forked from its checkpoint and continued past its end', async ({ page }) => {
  const id = await startRun(page, demoSpec(4))
  await untilState(page, id, ['done'])
  await address(page, `#/runs/${id}`)
  await page.getByRole('button', { name: 'Continue…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Continue' })
  await dialog.getByRole('textbox', { name: 'Steps in all' }).fill('7')
  await dialog.getByRole('button', { name: 'Resume' }).click()
  await untilStep(page, id, 7)
  await untilState(page, id, ['done'])

  await page.getByRole('button', { name: 'Fork…' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('the fork')
  await page.getByRole('textbox', { name: 'Steps' }).fill('2')
  await page.getByRole('button', { name: 'Start the fork' }).click()
  await page.getByRole('heading', { level: 1, name: 'the fork' }).waitFor()
  const fork = page.url().split('/runs/')[1] ?? ''
  expect(fork).not.toBe(id)
  const { spec } = await untilState(page, fork, ['done'])
  expect(spec.prompt).toMatchObject({ init: { kind: 'snapshot' } })
})

together(
  'an evaluation of Inspect is imported from the menu of a run, and stands in its papers',
  async app => {
    const { page } = app
    const id = await startRun(page, demoSpec(2))
    await untilState(page, id, ['done'])
    await address(page, `#/runs/${id}`)
    await chooseNext(app, resolve('tests/dataset/fixtures/inspect/small.eval'))
    const choose = async () => {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Import an evaluation…' }).click()
    }
    await choose()
    await page.getByText(/measures? of 3 samples imported, 1 left out/).waitFor()
    await page.getByRole('tab', { name: 'Specification' }).click()
    const panel = page.getByRole('region', { name: 'Imported evaluation' })
    await panel.getByText('small.eval, sha256').waitFor()
    await panel.scrollIntoViewIfNeeded()
    for (const theme of ['dark', 'light'] as const) {
      await ask(page, 'saveSettings', { ...(await ask(page, 'settings', {})), theme })
      await page.locator(`html[data-theme=${theme}]`).waitFor()
      await app.screenshot(`imported-evaluation-${theme}`)
    }
    await page.getByRole('tab', { name: 'Charts' }).click()
    const measures = page.getByRole('region', { name: 'What Inspect measured' }).first()
    await measures.getByRole('rowheader', { name: 'small/letters/mean' }).waitFor()
    await measures.scrollIntoViewIfNeeded()
    await app.screenshot('imported-measures')
    // again: it is replaced, not added
    const times = async () =>
      (await ask(page, 'run', { id })).evaluations.map(({ importedAt }) => importedAt)
    const before = await times()
    await choose()
    await expect.poll(times).not.toEqual(before)
    expect(await times()).toHaveLength(1)
    const { metrics } = (await ask(page, 'run', { id })).summary
    expect(metrics['inspect/small/letters/mean']?.lastStep).toBe(2)
  },
)

e2e(
  'a dead engine is reported on the screen, and its run resumes from there',
  async app => {
    const { page } = app
    const base = demoSpec(20_000)
    const id = await startRun(page, { ...base, training: { ...base.training, checkpointEvery: 2 } })
    await address(page, `#/runs/${id}`)
    await untilStep(page, id, 5)
    process.kill((await ask(page, 'engineInfo', {})).pid, 'SIGKILL')
    const banner = page.getByRole('alert')
    await banner.getByText(/1 run was interrupted/).waitFor({ timeout: 60_000 })
    await app.screenshot('engine-died')
    await banner.getByRole('button', { name: 'Resume all' }).click()
    await untilState(page, id, ['training'])
    await ask(page, 'stopRun', { id })
    await untilState(page, id, ['stopped'])
  },
  { settings: { engineHost: 'process' } },
)
