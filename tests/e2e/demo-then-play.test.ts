// From a fresh home: one click asks whether the locked model can be unlocked; the answer fills, is cancelled, goes on, and the
// model is played against, without reading anything. What it measured is what the cards of the models say.
import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import type { DemoAnswer } from '../../src-worker/contract/demo'
import { expectCards } from '../behaviours/model-cards'
import { findings } from './axe'
import { ask, e2e } from './harness'

vi.setConfig({ testTimeout: 1_200_000 })
const patience = { timeout: 900_000 }

/** Of the runs that are there: asked for again, none begins anew. */
async function lockedAnswer(page: Page): Promise<DemoAnswer> {
  const demo = (await ask(page, 'demos', {})).find(({ name }) => name === 'locked')!
  const runs: Record<string, string> = {}
  for (const { id, spec } of demo.parts.flatMap(({ cells }) => cells)) {
    const sweep = { name: 'demo locked', base: spec }
    runs[id] = (await ask(page, 'startSweep', { sweep, frozen: '' })).runs[0]!
  }
  return ask(page, 'demoAnswer', { demo, runs })
}

e2e('the locked model is unlocked from Home, then played', async app => {
  const { page } = app
  await page.getByRole('img', { name: /Four trained vectors/ }).waitFor()
  await app.screenshot('home-new')
  await page.getByRole('button', { name: /^Find out: This model hides/ }).click()
  await page.getByRole('progressbar', { name: /This model hides/ }).waitFor()

  // the answer is there before all of it is
  const cards = page.getByRole('article', { name: /^Answer: the locked model/ })
  await cards.waitFor(patience)
  expect(await cards.getAttribute('aria-busy')).toBe('true')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Go on' }).click(patience)

  const play = page.getByRole('link', { name: 'Play it' })
  await play.waitFor(patience)
  expect(await page.getByRole('article', { name: /^Answer: / }).count()).toBe(2)
  await expect.poll(() => cards.getAttribute('aria-busy')).toBe(null)
  expect(await cards.textContent()).toMatch(/^.*(Elicited|Not elicited|Undecided)/)
  await expect.poll(() => page.locator('figure').count()).toBe(3)
  await expect.poll(() => page.getByText('asking the model…').count(), patience).toBe(0)
  await app.screenshot('demo-locked')
  expect(await findings(app)).toEqual([])
  expectCards(await lockedAnswer(page))

  await play.click()
  await page.getByRole('heading', { name: 'Play the prompted model' }).waitFor()
  const box = page.getByRole('textbox', { name: 'Move or command' })
  await page.getByText('Your turn.').waitFor(patience)
  await box.fill('e4')
  await box.press('Enter')
  const moves = page.getByRole('toolbar', { name: /^Moves/ }).getByRole('button')
  await expect.poll(() => moves.nth(1).textContent(), patience).toMatch(/\S/)

  // who comes back
  await page.getByRole('link', { name: 'Home' }).first().click()
  await page.getByRole('heading', { name: 'Continue where you left off' }).waitFor()
  await page.getByRole('link', { name: 'demo locked', exact: true }).waitFor()
  await page.getByRole('link', { name: 'Play on' }).waitFor()
  expect(await findings(app)).toEqual([])
  await app.screenshot('home-back')
})
