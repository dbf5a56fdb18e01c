// How each screen is opened, for its picture. A scene may go on from the one before it in its group.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type App, ask } from '../open-app'
import { advanced, at, patience, press, room, type Scene, show } from './opening'
import { runs } from './run-scenes'

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
  ...[1, 2, 4, 5].map(step => ({
    name: `tutorial-${step}`,
    open: async ({ page }: App) => {
      await press(page, new RegExp(`^Step ${step}`))
      const way = page.getByRole('region', { name: new RegExp(`^${step} of 5`) }).getByRole('link')
      if (await way.isVisible()) await way.click()
      await page.getByRole('heading', { level: 1 }).first().waitFor()
    },
  })),
  { name: 'home-again', open: async ({ page }) => press(page, 'Leave the tutorial') },
  at('toast', '#/runs', async ({ page }) => {
    await page.locator('[role=grid] [tabindex="0"]').first().focus()
    await page.keyboard.press('Delete')
    await page.getByText(/moved to the trash/).waitFor(patience)
  }),
  { name: 'toast-undone', open: async ({ page }) => press(page, 'Undo') },
]

const make: readonly Scene[] = [
  at('new', '#/new'),
  at('new-below', '#/new', ({ page }) => show(page, /^4 · /)),
  at('new-advanced', '#/new', async ({ page }) => {
    await advanced(page)
    await page.getByRole('textbox', { name: 'Accumulation' }).scrollIntoViewIfNeeded()
  }),
  at('new-plan', '#/new', async ({ page }) => {
    await page.locator('.plan .parts').waitFor(patience)
    await page.locator('.plan .parts').scrollIntoViewIfNeeded()
  }),
  at('new-subspace', '#/new', async ({ page }) => {
    await advanced(page)
    await page.getByLabel('Type', { exact: true }).selectOption('subspace')
    await page.getByRole('textbox', { name: 'Dimensions' }).fill('12')
    await page.keyboard.press('Tab')
    await page.getByRole('textbox', { name: 'Dimensions' }).scrollIntoViewIfNeeded()
    await page.locator('.plan .parts').waitFor(patience)
  }),
  {
    name: 'new-type-again',
    open: async ({ page }) => {
      await page.getByLabel('Type', { exact: true }).selectOption({ index: 0 })
      await page.locator('.plan .parts').waitFor(patience)
    },
  },
  at('new-fault', '#/new', async ({ page }) => {
    await advanced(page)
    await page.getByLabel('Type', { exact: true }).selectOption('subspace')
    await page.getByText('“Dimensions” is missing').first().waitFor(patience)
    await page.getByRole('textbox', { name: 'Dimensions' }).scrollIntoViewIfNeeded()
  }),
  {
    name: 'new-fault-gone',
    open: async ({ page }) => {
      await page.getByLabel('Type', { exact: true }).selectOption({ index: 0 })
      await page.locator('.plan .parts').waitFor(patience)
    },
  },
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
  at('new-alpaca', '#/new', async ({ page, home }) => {
    await writeDraft(page, {
      ...{
        experiment: {
          kind: 'custom',
          fields: { prompt: 'instruction', completion: 'output', input: 'input' },
        },
      },
      ...{ model: 'workbench-demo-base', data: { path: join(home, 'instructions.jsonl') } },
    })
    await press(page, 'Show examples')
    await page.locator('mark').first().waitFor(patience)
    await page.locator('mark').first().scrollIntoViewIfNeeded()
  }),
  { name: 'new-alpaca-gone', open: async ({ page }) => writeDraft(page, {}) },
]

async function writeDraft(page: Page, base: object): Promise<void> {
  await press(page, 'JSON')
  const json = page.getByRole('textbox', { name: 'Sweep as JSON' })
  await json.fill(JSON.stringify({ base }))
  await press(page, 'Form')
}

/** Its panel stays open from one visit to the next. */
async function serve(page: Page): Promise<void> {
  const start = page.getByRole('button', { name: 'Serve this', exact: true })
  if (!(await start.isVisible())) await page.getByText('Serve this to other tools').click()
  await start.click()
  const stop = page.getByRole('button', { name: 'Stop serving' })
  await stop.waitFor(patience)
  await stop.scrollIntoViewIfNeeded()
}

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
      await serve(page)
    },
  },
  {
    name: 'text-served',
    open: async ({ page }) => press(page, 'Stop serving'),
  },
  at('text-unknown-day', room('chat'), async ({ page }) => {
    await page.getByRole('checkbox', { name: 'Chat template' }).check()
    await page.getByRole('textbox', { name: 'User' }).fill('Who are you?')
    await press(page, 'Write')
    await page
      .getByText(/does not say which day/)
      .first()
      .waitFor(patience)
    await page
      .getByText(/does not say which day/)
      .first()
      .scrollIntoViewIfNeeded()
  }),
  at('text-serve-unknown-day', room('chat'), async ({ page }) => {
    await serve(page)
  }),
  {
    name: 'text-served-unknown-day',
    open: async ({ page }) => {
      await press(page, 'Stop serving')
      await page.getByRole('checkbox', { name: 'Chat template' }).uncheck()
    },
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
  at('library-alpaca', '#/library?tab=datasets', async ({ page }) => {
    await page.getByText('instructions', { exact: false }).first().click()
    await page.waitForTimeout(1000)
  }),
  at('library-snapshots', '#/snapshots'),
  at('snapshot-open', '#/snapshots', async ({ page }) => {
    await page.getByRole('row', { name: /final/ }).first().click()
    await page.getByText(/^\d+ tensors?$/).waitFor(patience)
  }),
  at('settings', '#/settings'),
  at('settings-machines', '#/settings', ({ page }) => show(page, 'Machines')),
  at('settings-machine-added', '#/settings', async ({ page }) => {
    await ask(page, 'addMachine', { host: 'gpu-box', program: '' })
    await page.evaluate('location.reload()')
    await page.getByRole('button', { name: 'Remove gpu-box' }).scrollIntoViewIfNeeded()
  }),
  {
    name: 'settings-machine-removed',
    open: async ({ page }) => press(page, 'Remove gpu-box'),
  },
  at('settings-below', '#/settings', ({ page }) => show(page, 'Versions and log')),
  at('palette', '#/', async ({ page }) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Find a command' }).fill('token')
  }),
  at('help', '#/', ({ page }) => page.keyboard.press('?')),
]

export const scenes: readonly Scene[] = [...home, ...make, ...runs, ...play, ...library]
