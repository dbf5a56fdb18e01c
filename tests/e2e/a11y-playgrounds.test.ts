// axe on the playgrounds, the library and the analysis in both themes, in use, at both sizes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SnapshotEntry } from '../../src-worker/contract/library'
import { checked } from './axe'
import { type App, openApp, skipReason } from './harness'
import { room, theme, trained } from './playgrounds'
import { address } from './window'

describe.skipIf(skipReason !== '')('playgrounds', () => {
  let app: App
  const stops: Partial<Record<'text' | 'chess' | 'paths', SnapshotEntry>> = {}
  beforeAll(async () => {
    app = await openApp()
    const last = async (kind: Parameters<typeof trained>[1]) => (await trained(app, kind)).at(-1)!
    stops.text = await last('autoregressive')
    stops.chess = await last('chess')
    stops.paths = await last('pathfinding')
  }, 420_000)
  afterAll(() => app?.close())

  /** Bring a screen into use. */
  const used: Record<string, () => Promise<void>> = {
    text: async () => {
      await room(app, 'text', stops.text?.path ?? '')
      await app.page.getByRole('textbox', { name: 'Prompt' }).fill('The quick brown fox')
      await app.page.getByRole('button', { name: 'Write', exact: true }).click()
      await app.page.locator('.answer[aria-busy=false] .token').first().waitFor({ timeout: 60_000 })
    },
    chess: async () => {
      await room(app, 'chess', stops.chess?.path ?? '')
      await app.page.getByText('Your turn.').waitFor({ timeout: 60_000 })
      await app.page.getByRole('button', { name: 'New game' }).click()
      await app.page.getByRole('textbox', { name: 'Move or command' }).fill('e4')
      await app.page.keyboard.press('Enter')
      await app.page.getByText(/your move surprised it by/).waitFor({ timeout: 60_000 })
    },
    'text-serve': async () => {
      await room(app, 'text', stops.text?.path ?? '')
      await app.page.getByText('Serve this to other tools').click()
      await app.page.getByRole('textbox', { name: 'Port' }).waitFor()
    },
    'chess-variation': async () => {
      await room(app, 'chess', stops.chess?.path ?? '')
      await app.page
        .getByRole('toolbar', { name: /^Moves/ })
        .getByRole('button')
        .nth(1)
        .click()
      await app.page.keyboard.press('ArrowLeft')
      await app.page.keyboard.press('Home')
      await app.page.getByRole('textbox', { name: 'Move or command' }).fill('d4')
      await app.page.keyboard.press('Enter')
      await app.page.getByRole('region', { name: 'Variations' }).waitFor()
      await app.page.getByRole('region', { name: 'The model’s view of the game' }).waitFor()
    },
    'chess-match': async () => {
      await app.page.getByRole('button', { name: 'Model vs model', exact: true }).click()
      await app.page.getByRole('region', { name: 'Model against model' }).waitFor()
    },
    paths: async () => {
      await room(app, 'paths', stops.paths?.path ?? '')
      await app.page.getByRole('button', { name: 'Random' }).click()
      await app.page.getByRole('button', { name: 'Step', exact: true }).click()
      await app.page
        .getByRole('table', { name: 'Probability of each move' })
        .waitFor({ timeout: 60_000 })
    },
    snapshots: async () => {
      await address(app.page, '#/snapshots')
      await app.page.getByRole('heading', { name: 'Snapshots', level: 1 }).waitFor()
      await app.page.locator('tbody tr').first().click()
      await app.page.getByText(/^\d+ tensors?$/).waitFor({ timeout: 30_000 })
    },
    analysis: async () => {
      await address(app.page, '#/analysis')
      await app.page.getByRole('region', { name: /^Distance/ }).waitFor({ timeout: 60_000 })
    },
  }

  test.each(['dark', 'light'] as const)(
    '%s: no serious finding in use',
    async name => {
      await theme(app, name)
      for (const [screen, use] of Object.entries(used)) {
        await use()
        expect(await checked(app, screen, name), `${screen}, ${name}`).toEqual([])
      }
      expect(app.problems).toEqual([])
    },
    300_000,
  )
})
