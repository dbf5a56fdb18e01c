// How each screen is opened, for its picture. A scene may go on from the one before it in its group.
import type { Page } from 'playwright-core'
import type { App } from '../open-app'
import type { Seeded } from './seed'

export interface Scene {
  readonly name: string
  readonly open: (app: App, seeded: Seeded) => Promise<void>
}

/** Long work of a screen: a model is opened, a text written. */
const patience = { timeout: 90_000 }

async function to(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = '#/'; location.hash = ${JSON.stringify(hash)}`)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForLoadState('networkidle')
}
const at = (
  name: string,
  hash: string | ((seeded: Seeded) => string),
  then?: Scene['open'],
): Scene => ({
  name,
  open: async (app, seeded) => {
    await to(app.page, typeof hash === 'string' ? hash : hash(seeded))
    await then?.(app, seeded)
  },
})
const press = (page: Page, name: string | RegExp) =>
  page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click()
const tab = (page: Page, name: string | RegExp) => page.getByRole('tab', { name }).click()
const show = (page: Page, heading: string | RegExp) =>
  page.getByRole('heading', { name: heading }).first().scrollIntoViewIfNeeded()
/** Nothing is being worked out any more. */
const analysed = async (page: Page) => {
  await page.getByRole('region', { name: /^Distance/ }).waitFor(patience)
  await page.waitForTimeout(500)
}
const run = (seeded: Seeded) => `#/runs/${seeded.run}`
const room =
  (name: 'text' | 'chess' | 'paths', more = '') =>
  (seeded: Seeded) =>
    `#/${name}?snapshot=${encodeURIComponent(seeded.snapshots[name])}${more}`

const home: readonly Scene[] = [
  at('home', '#/'),
  at('demo-answer', '#/demo/locked'),
  at('demo-answer-below', '#/demo/locked', ({ page }) => show(page, 'Numbers')),
  at('demo-new', '#/demo/shout'),
  at('tutorial', '#/', async ({ page }) => {
    await page
      .getByRole('button', { name: /tutorial/i })
      .first()
      .click()
  }),
  {
    name: 'tutorial-answer',
    open: async ({ page }) => {
      await press(page, /^Step 3/)
      await page
        .getByRole('region', { name: /^3 of 5/ })
        .getByRole('link')
        .first()
        .click()
    },
  },
  { name: 'home-again', open: async ({ page }) => press(page, 'Leave the tutorial') },
]

const make: readonly Scene[] = [
  at('new', '#/new'),
  at('new-below', '#/new', ({ page }) => show(page, /^4 · /)),
  at('new-advanced', '#/new', async ({ page }) => {
    await page.getByText('Advanced…').click()
    await page.getByRole('textbox', { name: 'Accumulation' }).scrollIntoViewIfNeeded()
  }),
  at('new-examples', '#/new', async ({ page }) => {
    await press(page, 'Show examples')
    await page.locator('mark').first().waitFor(patience)
    await page.locator('mark').first().scrollIntoViewIfNeeded()
  }),
  at('new-json', '#/new', ({ page }) => press(page, 'JSON')),
  at('new-command', '#/new', ({ page }) => press(page, 'Command line')),
  at('new-find', '#/new', async ({ page }) => {
    await press(page, 'Form')
    await press(page, 'Find the answer')
  }),
]

const runs: readonly Scene[] = [
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
  at('run-log', run, ({ page }) => tab(page, 'Log')),
  at('run-compare', run, async ({ page }) => {
    await tab(page, 'Charts')
    await press(page, /^Compare/)
  }),
  at('run-failed', seeded => `#/runs/${seeded.failed}`),
  at('sweep', seeded => `#/sweeps/${encodeURIComponent(seeded.sweep)}`),
  at(
    'sweep-rename',
    seeded => `#/sweeps/${encodeURIComponent(seeded.sweep)}`,
    ({ page }) => press(page, 'Rename the sweep'),
  ),
  at('answer', seeded => `#/answers/${encodeURIComponent(seeded.answer)}`),
  at('analysis', '#/analysis', ({ page }) => analysed(page)),
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

const play: readonly Scene[] = [
  at('text', room('text')),
  {
    name: 'text-written',
    open: async ({ page }) => {
      await page.getByRole('textbox', { name: 'Prompt' }).fill('The quick brown fox')
      await press(page, 'Write')
      await page.locator('.answer[aria-busy=false] .token').first().waitFor(patience)
    },
  },
  {
    name: 'text-serve',
    open: async ({ page }) => {
      await page.getByText('Serve this to other tools').click()
      await press(page, 'Serve this')
      await page.getByRole('button', { name: 'Stop serving' }).waitFor(patience)
      await page.getByRole('button', { name: 'Stop serving' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'text-served',
    open: async ({ page }) => press(page, 'Stop serving'),
  },
  at('chess', room('chess')),
  {
    name: 'chess-played',
    open: async ({ page }) => {
      await press(page, 'New game')
      for (const move of ['e4', 'Nf3']) {
        await page.getByText('Your turn.').waitFor(patience)
        await page.getByRole('textbox', { name: 'Move or command' }).fill(move)
        await page.keyboard.press('Enter')
        await page.getByText(/your move surprised it by/).waitFor(patience)
      }
      await page.getByText('Your turn.').waitFor(patience)
    },
  },
  {
    name: 'chess-variation',
    open: async ({ page }) => {
      await page
        .getByRole('toolbar', { name: /^Moves/ })
        .getByRole('button')
        .nth(1)
        .click()
      await page.getByRole('textbox', { name: 'Move or command' }).fill('d4')
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Variations' }).waitFor()
      await page.getByText('Your turn.').waitFor(patience)
    },
  },
  at('chess-elos', room('chess', '&two=1')),
  at('chess-match', room('chess'), ({ page }) => press(page, 'Model vs model')),
  at('paths', room('paths'), async ({ page }) => {
    await press(page, 'Random')
    await press(page, 'Step')
    await page.getByRole('table', { name: 'Probability of each move' }).waitFor(patience)
  }),
]

const library: readonly Scene[] = [
  at('library-models', '#/library?tab=models'),
  at('library-datasets', '#/library?tab=datasets'),
  at('library-preview', '#/library?tab=datasets', async ({ page }) => {
    await page
      .getByRole('button', { name: /Preview|pairs|demo/i })
      .first()
      .click()
  }),
  at('library-snapshots', '#/snapshots'),
  at('snapshot-open', '#/snapshots', async ({ page }) => {
    await page.locator('tbody tr').first().click()
    await page.getByText(/^\d+ tensors?$/).waitFor(patience)
  }),
  at('settings', '#/settings'),
  at('settings-machines', '#/settings', ({ page }) => show(page, 'Machines')),
  at('settings-below', '#/settings', ({ page }) => show(page, 'Versions and log')),
  at('palette', '#/', async ({ page }) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Find a command' }).fill('token')
  }),
  at('help', '#/', ({ page }) => page.keyboard.press('?')),
]

export const scenes: readonly Scene[] = [...home, ...make, ...runs, ...play, ...library]
