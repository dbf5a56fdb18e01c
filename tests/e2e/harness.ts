// Drives the built app in real Electron (playwright-core's _electron). Use it like this:
//
//   e2e('a run starts', async ({ page, home, screenshot }) => {
//     await page.getByRole('button', { name: 'Start' }).click()
//     expect(await ask(page, 'runs', {})).toHaveLength(1)
//     await screenshot('home')                      // → tests/e2e/screenshots/home.png
//   })
//
// Each test has an app and a fresh SPW_HOME of its own; both are gone afterwards. It fails by itself when the page
// logged an error, broke its content security policy or threw, unless the test empties `problems`. For several tests on
// one app: `const app = await openApp()` in beforeAll, `app.close()` in afterAll. Without an Electron or a screen
// every test is skipped (SPW_E2E_SKIP says why); nothing needs `describe.skip`.
import { expect, test } from 'vitest'
import { type App, type OpenOptions, openApp } from './open-app'

export { type App, ask, executable, openApp, root } from './open-app'

/** why end-to-end tests cannot run here, or empty */
export const skipReason = process.env.SPW_E2E_SKIP ?? ''

/** A test with an app of its own. */
export function e2e(
  name: string,
  body: (app: App) => Promise<void>,
  options: OpenOptions = {},
): void {
  test.skipIf(skipReason !== '')(name, async () => {
    const app = await openApp(options)
    try {
      await body(app)
      expect(app.problems).toEqual([])
    } catch (error) {
      await app.screenshot(`failed-${name.replace(/\W+/g, '-')}`).catch(() => undefined)
      throw error
    } finally {
      await app.close()
    }
  })
}
