// What scenes are opened with.
import type { Page } from 'playwright-core'
import type { App } from '../open-app'
import type { Seeded } from './seed'

export interface Scene {
  readonly name: string
  readonly open: (app: App, seeded: Seeded) => Promise<void>
}

/** Long work of a screen: a model is opened, a text written. */
export const patience = { timeout: 90_000 }

async function to(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = '#/'; location.hash = ${JSON.stringify(hash)}`)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForLoadState('networkidle')
}
export const at = (
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
export const press = (page: Page, name: string | RegExp) =>
  page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .first()
    .click()
/** The folded settings of New; they stay open while the screen does. */
export async function advanced(page: Page): Promise<void> {
  const type = page.getByLabel('Type', { exact: true })
  if (!(await type.isVisible())) await page.getByText('Advanced…').click()
  await type.waitFor()
}
export const tab = (page: Page, name: string | RegExp) => page.getByRole('tab', { name }).click()
export const show = (page: Page, heading: string | RegExp) =>
  page.getByRole('heading', { name: heading }).first().scrollIntoViewIfNeeded()
/** Nothing is being worked out any more. */
export const analysed = async (page: Page) => {
  await page.getByRole('region', { name: /^Distance/ }).waitFor(patience)
  await page.waitForTimeout(500)
}
export const run = (seeded: Seeded) => `#/runs/${seeded.run}`
export const room =
  (name: 'text' | 'chat' | 'chess' | 'paths', more = '') =>
  (seeded: Seeded) =>
    `#/${name === 'chat' ? 'text' : name}?snapshot=${encodeURIComponent(seeded.snapshots[name])}${more}`
