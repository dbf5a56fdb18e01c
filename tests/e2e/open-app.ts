// Starts the built app in real Electron (playwright-core's _electron), for end-to-end tests and benchmarks. Knows no
// vitest. The app is the one of the working directory, or of the folder SPW_E2E_APP.
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import type {
  Answer,
  Bridge,
  BridgeArgs,
  BridgeCallName,
  BridgeResult,
} from '../../src-worker/contract/desktop'
import type { Settings } from '../../src-worker/contract/library'

// not by this file's own place: a benchmark runs as a bundle that lies elsewhere
export const root = resolve(process.env.SPW_E2E_APP ?? '.')
const screenshots = resolve('tests/e2e/screenshots')

/** The Electron that npm test found, or the one this machine has. */
export function executable(): string {
  if (process.env.SPW_E2E_ELECTRON) return process.env.SPW_E2E_ELECTRON
  const reported = execFileSync(process.execPath, ['.ci/electron-runtime.mjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  return reported.trim().split('\n').at(-1) ?? ''
}

/** The screen of this worker, where `npm test` started several. */
function screenOfWorker(): Readonly<Record<string, string>> {
  const displays = (process.env.SPW_E2E_DISPLAYS ?? '').split(' ').filter(Boolean)
  const display = displays[(Number(process.env.VITEST_POOL_ID ?? 1) - 1) % displays.length]
  return display === undefined ? {} : { DISPLAY: display }
}

type LaunchOptions = NonNullable<Parameters<typeof _electron.launch>[0]>

export interface OpenOptions {
  /** a home to open again; default: a fresh one, deleted at close */
  readonly home?: string
  readonly settings?: Partial<Settings>
  readonly env?: Readonly<Record<string, string>>
  /** more arguments of the app */
  readonly args?: readonly string[]
}

export interface App {
  readonly electron: ElectronApplication
  readonly page: Page
  /** SPW_HOME */
  readonly home: string
  /** what went wrong in the page so far: errors logged or thrown, violations of the content security policy */
  readonly problems: string[]
  /** whole window → tests/e2e/screenshots/NAME.png */
  screenshot(name: string): Promise<void>
  /** quit as a signal of the system does: checkpoint, no question; deletes the home unless it was given */
  close(): Promise<void>
}

/** Called in the page by its security policy's own event, which the console does not always report. */
function watch(page: Page, problems: string[]): void {
  page.on('pageerror', error => problems.push(`threw: ${error.stack ?? error.message}`))
  page.on('console', message => {
    if (message.type() === 'error') problems.push(`logged: ${message.text()}`)
  })
}

const patienceToQuit = 45_000

/** @returns whether it went in time */
async function quit(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true
  let inTime = true
  const late = setTimeout(() => {
    inTime = false
    child.kill('SIGKILL')
  }, patienceToQuit)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  clearTimeout(late)
  return inTime
}

/**
 * One start in some hundred on a busy machine, the app runs, but Playwright never hears of its first page or its
 * connection is cut: once more. A start that truly fails, fails thrice.
 */
async function launch(options: LaunchOptions, tries = 3): Promise<ElectronApplication> {
  try {
    return await _electron.launch(options)
  } catch (error) {
    if (tries === 1) throw error
    console.error(`Playwright did not see the app start: trying once more.\n${error}`)
    return launch(options, tries - 1)
  }
}

/** Lines of the engine's log about promises that failed while nobody waited for them. */
function unnoticedIn(home: string): string[] {
  const log = join(home, 'engine.log')
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []
  return lines.filter(line => line.includes('nobody waited for it'))
}

export async function openApp(options: OpenOptions = {}): Promise<App> {
  if (!existsSync(join(root, 'out/main/index.js')))
    throw new Error('the app is not built: npm run build')
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'spw-e2e-'))
  if (options.settings) writeFileSync(join(home, 'settings.json'), JSON.stringify(options.settings))
  const problems: string[] = []
  const electron = await launch({
    executablePath: executable(),
    args: [root, ...(options.args ?? [])],
    cwd: root,
    env: {
      ...(process.env as Record<string, string>),
      ...screenOfWorker(),
      ...{ SPW_HOME: home, ...options.env },
    },
    timeout: 30_000,
  })
  const child = electron.process() // not to be had any more once it has ended
  const page = await electron.firstWindow().catch(async error => {
    child.kill('SIGKILL')
    throw error
  })
  watch(page, problems)
  await page.waitForLoadState('load')
  return {
    electron,
    page,
    home,
    problems,
    screenshot: async name => {
      mkdirSync(screenshots, { recursive: true })
      await page.screenshot({ path: join(screenshots, `${name}.png`) })
    },
    close: async () => {
      const left = await quit(child)
      const unnoticed = unnoticedIn(home)
      await electron.close().catch(() => undefined)
      if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
      if (unnoticed.length > 0) throw new Error(unnoticed.join('\n'))
      if (!left) throw new Error(`the app had not quit after ${patienceToQuit / 1000} s`)
    },
  }
}

export const resize = (app: App, [width, height]: readonly [number, number]): Promise<void> =>
  app.electron.evaluate(
    ({ BrowserWindow }, size) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(size[0], size[1])
    },
    [width, height] as const,
  )

/** Ask the engine or the desktop from inside the page, as the app itself does. A fault is thrown. */
export async function ask<N extends BridgeCallName>(
  page: Page,
  name: N,
  args: BridgeArgs<N>,
): Promise<BridgeResult<N>> {
  const answer = await page.evaluate(
    async ([callName, callArgs]) => {
      const { workbench } = globalThis as unknown as { workbench: Bridge }
      return (await workbench.call(callName as N, callArgs as BridgeArgs<N>)) as Answer
    },
    [name, args] as const,
  )
  if (answer.ok) return answer.value as BridgeResult<N>
  throw new Error(`${answer.fault.code}: ${answer.fault.message} ${answer.fault.fix}`)
}
