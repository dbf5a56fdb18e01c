// Takes every screen in both themes and three sizes, on a home with a few real runs; says what axe finds on each. Called by
// .ci/screenshots.mjs; --pictures also renews those of the README. What cannot be opened is said and counted, and the others go on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findings } from '../axe'
import { type App, ask, openApp, resize } from '../open-app'
import type { Scene } from './opening'
import { scenes } from './scenes'
import { type Seeded, seed } from './seed'

const folder = resolve('tests/e2e/screenshots/screens')
const themes = ['dark', 'light'] as const
const sizes = ['1024x700', '1280x800', '1920x1080'] as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theme: { type: 'string' },
    size: { type: 'string' },
    home: { type: 'string' },
    pictures: { type: 'boolean', default: false },
  },
})
const chosen = scenes.filter(
  ({ name }) => positionals.length === 0 || positionals.some(part => name.startsWith(part)),
)

/** Pictures of the README: the screen, in light at 1280 × 800. */
const pictures: Readonly<Record<string, string>> = { 'demo-answer': 'answer' }

const picture = (app: App, name: string, theme: string, size: string) =>
  app.page.screenshot({ path: join(folder, `${name}-${theme}-${size}.png`) })

async function setTheme({ page }: App, theme: (typeof themes)[number]): Promise<void> {
  await ask(page, 'saveSettings', { ...(await ask(page, 'settings', {})), theme })
  await page.locator(`html[data-theme=${theme}]`).waitFor()
}

/** @returns what is wrong on the screen */
async function take(app: App, scene: Scene, theme: string, seeded: Seeded): Promise<string[]> {
  const first = values.size ?? '1280x800'
  await sized(app, first)
  await app.page.keyboard.press('Escape')
  await scene.open(app, seeded)
  const wrong: string[] = []
  for (const size of sizes.filter(one => values.size === undefined || one === values.size)) {
    await sized(app, size)
    await app.page.waitForTimeout(450)
    await picture(app, scene.name, theme, size)
    const name = pictures[scene.name]
    if (values.pictures && name !== undefined && theme === 'light' && size === '1280x800')
      await app.page.screenshot({ path: resolve(`resources/pictures/${name}.png`) })
    const over = await app.page.evaluate(
      `(() => { const m = document.querySelector('main'); return m.scrollWidth - m.clientWidth })()`,
    )
    if (Number(over) > 0) wrong.push(`${size}: ${over} pixels too wide`)
  }
  return [...wrong, ...(await findings(app))]
}

const sized = (app: App, size: string): Promise<void> => {
  const [width = 0, height = 0] = size.split('x').map(Number)
  return resize(app, [width, height])
}

/** A person's own folder, in which ssh knows a machine. */
function userFolder(home: string): string {
  const ssh = join(home, 'user/.ssh')
  mkdirSync(ssh, { recursive: true })
  writeFileSync(join(ssh, 'config'), 'Host gpu-box\n  HostName gpu-box.invalid\n')
  return join(home, 'user')
}

async function main(): Promise<number> {
  mkdirSync(folder, { recursive: true })
  const home = values.home ?? mkdtempSync(join(tmpdir(), 'spw-screens-'))
  mkdirSync(home, { recursive: true })
  const app = await openApp({ home, env: { HOME: userFolder(home) } })
  app.page.setDefaultTimeout(15_000)
  // a tutorial that an earlier call left open would stand below every screen
  await app.page.evaluate(`localStorage.removeItem('tutorial'); location.reload()`)
  await app.page.getByRole('heading', { level: 1 }).first().waitFor()
  let failed = 0
  try {
    const isFresh = (await ask(app.page, 'runs', {})).length === 0
    if (isFresh)
      for (const theme of themes) {
        await setTheme(app, theme)
        for (const size of sizes) {
          await sized(app, size)
          await app.page.waitForTimeout(450)
          await picture(app, 'home-first', theme, size)
        }
      }
    const seeded = await seed(app)
    for (const theme of themes.filter(one => values.theme === undefined || one === values.theme)) {
      await setTheme(app, theme)
      for (const scene of chosen) {
        const wrong = await take(app, scene, theme, seeded).catch(async (error: Error) => {
          await picture(app, `failed-${scene.name}`, theme, 'now')
          return [error.message.split('\n')[0] ?? '']
        })
        if (wrong.length > 0) failed += 1
        console.log(`${scene.name}, ${theme}: ${wrong.length === 0 ? 'right' : wrong.join('\n  ')}`)
      }
    }
    for (const problem of app.problems) console.log(`the window ${problem}`)
    console.log(`${chosen.length} screens → ${folder}; ${failed} with something wrong`)
    return failed + app.problems.length > 0 ? 1 : 0
  } finally {
    await app.close()
    if (values.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

main().then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
