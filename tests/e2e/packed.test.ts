// The packed app itself (npm run package -- --dir; SPW_PACKED=FOLDER, its folder): from a path with a space, by a user who is
// not root, in Chromium's sandbox. The fuses shut Node's inspector, so the window is driven over Chromium's own port.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../temporary'
import { skipReason } from './harness'

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 600_000 })
const packed = process.env.SPW_PACKED ?? ''
const patience = { timeout: 1_700_000 }
/** Debian's and Fedora's "nobody": root runs Chromium without a sandbox only */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
const asUser = isRoot ? { uid: nobody, gid: nobody } : {}

/** Everything below a folder belongs to the user who starts the app. */
function give(folder: string): void {
  if (isRoot) execFileSync('chown', ['-R', `${nobody}:${nobody}`, folder])
}

describe.skipIf(packed === '' || skipReason !== '')('the packed app', () => {
  let folder = ''
  let app = ''
  let child: ChildProcess
  let browser: Browser
  let page: Page
  let said = ''
  const environment = (): NodeJS.ProcessEnv => ({
    PATH: '/usr/bin:/bin',
    DISPLAY: process.env.DISPLAY ?? '',
    ...(process.env.XAUTHORITY && { XAUTHORITY: join(folder, 'authority') }),
    HOME: folder,
    SPW_HOME: join(folder, 'home of a user'),
    // what a packed app must not listen to
    ELECTRON_RENDERER_URL: 'http://127.0.0.1:9/',
    NODE_OPTIONS: '--require /nonexistent.js',
  })
  const start = (...args: string[]): ChildProcess => {
    const options = { cwd: folder, env: environment(), ...asUser }
    return spawn(join(app, 'soft-prompt-workbench'), args, options)
  }

  beforeAll(async () => {
    folder = temporaryFolder()
    chmodSync(folder, 0o755)
    app = join(folder, 'a path with spaces', 'Soft Prompt Workbench')
    mkdirSync(join(folder, 'home of a user'))
    cpSync(packed, app, { recursive: true })
    if (process.env.XAUTHORITY) cpSync(process.env.XAUTHORITY, join(folder, 'authority'))
    if (isRoot) chownSync(folder, nobody, nobody)
    give(folder)
    child = start('--remote-debugging-port=0')
    const address = new Promise<string>((found, failed) => {
      child.stderr?.on('data', chunk => {
        said += chunk
        const url = /DevTools listening on (\S+)/.exec(said)?.[1]
        if (url !== undefined) found(url)
      })
      child.once('exit', (code, signal) =>
        failed(new Error(`it ended with ${code ?? signal}: ${said}`)),
      )
    })
    child.once('exit', (code, signal) =>
      console.log(`the app ended with ${code ?? signal}: ${said}`),
    )
    browser = await chromium.connectOverCDP(await address)
    await expect.poll(() => browser.contexts()[0]?.pages().length ?? 0).toBe(1)
    page = browser.contexts()[0]?.pages()[0] as Page
  })
  afterAll(async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test('shows its own page, whatever the environment names, and runs in the sandbox', () => {
    expect(page.url()).toMatch(/^app:\/\/workbench\//)
    const all = spawnSync('ps', ['-ww', '-eo', 'pid,ppid,args'], { encoding: 'utf8' }).stdout
    const ours = all.split('\n').filter(line => line.includes(app))
    const renderers = ours.filter(line => line.includes('--type=renderer'))
    expect(renderers.length).toBeGreaterThan(0)
    expect(ours.filter(line => line.includes('--no-sandbox'))).toEqual([])
    const pid = /^\s*(\d+)/.exec(renderers[0] ?? '')?.[1] ?? ''
    // 2: a filter of system calls is on
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m)
  })

  test('a second start shows the first window and ends', async () => {
    const second = start()
    expect((await once(second, 'exit'))[0]).toBe(0)
    expect(browser.contexts()[0]?.pages().length).toBe(1)
  })

  test('plays the first demo to its end', async () => {
    await page.getByRole('button', { name: /^Find out: This model hides/ }).click()
    await page.getByRole('link', { name: 'Play it' }).waitFor(patience)
    const cards = page.getByRole('article', { name: /^Answer: / })
    expect(await cards.count()).toBe(2)
    await expect.poll(() => cards.first().getAttribute('aria-busy'), patience).toBe(null)
    expect(await cards.first().textContent()).toMatch(/Elicited|Not elicited|Undecided/)
  })

  test('its command line runs on its own binary, and verifies what came along', () => {
    const options = { env: environment(), encoding: 'utf8', ...asUser } as const
    const { status, stdout, stderr } = spawnSync(join(app, 'spw'), ['runs'], options)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('workbench-demo-locked')
  })
})
