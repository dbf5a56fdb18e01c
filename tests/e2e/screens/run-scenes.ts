// Runs, sweeps, answers and the analysis: how each is opened for its picture.
import { analysed, at, patience, press, run, type Scene, show, tab } from './opening'

export const runs: readonly Scene[] = [
  at('runs', '#/runs'),
  at('runs-columns', '#/runs', ({ page }) => press(page, 'Columns')),
  at('runs-chosen', '#/runs?filter=sweep:books', async ({ page }) => {
    await page.keyboard.press('Control+a')
    await page.waitForTimeout(1500)
  }),
  at('runs-unknown-field', '#/runs?filter=colour:red'),
  at('run', run),
  at('run-results', run, ({ page }) => tab(page, /^Results/)),
  at('run-specification', run, ({ page }) => tab(page, 'Specification')),
  at('run-data-report', run, async ({ page }) => {
    await tab(page, 'Specification')
    await show(page, 'What the data held')
  }),
  at('run-evaluation', run, async ({ page }) => {
    await tab(page, 'Specification')
    await show(page, 'Imported evaluation')
  }),
  at('run-inspect', run, async ({ page }) => {
    await tab(page, 'Charts')
    await show(page, 'What Inspect measured')
  }),
  at(
    'run-bits',
    seeded => `#/runs/${seeded.inBits}`,
    async ({ page }) => {
      await tab(page, 'Specification')
      await show(page, 'In bits')
    },
  ),
  at(
    'run-not-measured',
    seeded => `#/runs/${seeded.elosUnheard}`,
    async ({ page }) => {
      await tab(page, 'Charts')
      await page
        .getByText(/^not measured: /)
        .first()
        .scrollIntoViewIfNeeded()
    },
  ),
  at('run-log', run, ({ page }) => tab(page, 'Log')),
  at('run-compare', run, async ({ page }) => {
    await tab(page, 'Charts')
    await press(page, /^Compare/)
  }),
  at('run-failed', seeded => `#/runs/${seeded.failed}`),
  at('sweep', seeded => `#/sweeps/${encodeURIComponent(seeded.sweep)}`),
  at('sweep-diverged', '#/sweeps/diverging', ({ page }) =>
    page
      .getByText(/training diverged/)
      .first()
      .waitFor(patience),
  ),
  at(
    'sweep-rename',
    seeded => `#/sweeps/${encodeURIComponent(seeded.sweep)}`,
    ({ page }) => press(page, 'Rename the sweep'),
  ),
  at(
    'answer',
    seeded => `#/answers/${encodeURIComponent(seeded.answer)}`,
    async ({ page }) => {
      await page.waitForTimeout(1500)
      await page.getByText('computing again…').waitFor({ ...patience, state: 'hidden' })
    },
  ),
  at('analysis', '#/analysis', ({ page }) => analysed(page)),
  ...['Numbers', 'Bits', 'Tokens'].map(axis =>
    at(`analysis-in-${axis.toLowerCase()}`, '#/analysis', async ({ page }) => {
      await analysed(page)
      await page.getByLabel('Counted in').getByText(axis, { exact: true }).click()
      await page.waitForTimeout(1000)
      await page.locator('.columns[aria-busy=false]').waitFor(patience)
      await page.waitForTimeout(500)
    }),
  ),
  at('analysis-import', '#/analysis', ({ page }) => press(page, 'Import…')),
  at('analysis-below', '#/analysis', ({ page }) => show(page, /^Distance/)),
  at('analysis-own', '#/analysis', async ({ page }) => {
    await page.locator('.paper select').selectOption({ label: 'Paper’s runs: hidden' })
    await analysed(page)
    await show(page, /^Distance/)
  }),
  at('report', '#/analysis', async ({ page }) => {
    await analysed(page)
    await press(page, 'Report…')
  }),
]
