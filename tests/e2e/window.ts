// Getting about in the window, for end-to-end tests.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { App } from './harness'

export { resize } from './open-app'

export const sizes = [
  [1280, 800],
  [1920, 1080],
] as const

/** By the rail, as a person would. */
export const visit = (page: Page, place: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: place }).click()

export async function address(page: Page, hash: string): Promise<void> {
  await page.evaluate(to => {
    const g = globalThis as unknown as { location: { hash: string } }
    g.location.hash = to
  }, hash)
  await expect.poll(() => page.url()).toContain(hash)
}

/** What file dialogs answer from now on. */
export const chooseNext = (app: App, path: string): Promise<void> =>
  app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] })
    dialog.showSaveDialog = async () => ({ canceled: false, filePath: chosen })
  }, path)
