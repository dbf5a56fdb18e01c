// Drives the built app in real Electron (playwright-core's _electron). Use it like this:
//
//   e2e('a run starts', async ({ page, home, screenshot }) => {
//     await page.getByRole('button', { name: 'Start' }).click()
//     expect(await ask(page, 'runs', {})).toHaveLength(1)
//     await screenshot('home')                      // → tests/e2e/screenshots/home.png
//   })
//
// Each test has an app and a fresh SPW_HOME of its own; both are gone afterwards. It fails by itself when the page
// logged an error, broke its content security policy or threw, unless the test empties `problems`. Tests that need no fresh
// home share an app: `const e2e = inOneApp()`, in place of the import. For several tests on one state of an app:
// `const app = await openApp()` in beforeAll, `app.close()` in afterAll. Without an Electron or a screen every test is
// skipped (SPW_E2E_SKIP says why); nothing needs `describe.skip`.
import { afterAll, expect, test } from 'vitest'
import { type App, type OpenOptions, openApp } from './open-app'

export { type App, ask, executable, openApp, root } from './open-app'

/** why end-to-end tests cannot run here, or empty */
export const skipReason = process.env.SPW_E2E_SKIP ?? ''

type Body = (app: App) => Promise<void>

/** Fails with a picture, and where the page had problems. */
async function tried(name: string, body: Body, app: App): Promise<void> {
  try {
    await body(app)
    expect(app.problems).toEqual([])
  } catch (error) {
    await app.screenshot(`failed-${name.replace(/\W+/g, '-')}`).catch(() => undefined)
    throw error
  }
}

/** A test with an app of its own. */
export function e2e(name: string, body: Body, options: OpenOptions = {}): void {
  test.skipIf(skipReason !== '')(name, async () => {
    const app = await openApp(options)
    try {
      await tried(name, body, app)
    } finally {
      await app.close()
    }
  })
}

/** As e2e, for tests of a file that take over an app as those before them left it; behind one that failed comes a new app. */
export function inOneApp(options: OpenOptions = {}): (name: string, body: Body) => void {
  let open: App | undefined
  const close = async (): Promise<void> => {
    const last = open
    open = undefined
    await last?.close()
  }
  afterAll(close)
  return (name, body) =>
    test.skipIf(skipReason !== '')(name, async () => {
      open ??= await openApp(options)
      try {
        await tried(name, body, open)
      } catch (error) {
        await close()
        throw error
      }
    })
}
