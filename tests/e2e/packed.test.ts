// The packed app itself (npm run package; SPW_PACKED=its folder, or the AppImage): from a path with a space, by a user who is
// not root, in Chromium's sandbox. The fuses shut Node's inspector and Electron lacks what Playwright asks of Chromium's, so
// the page is asked over Chromium's own port, one expression at a time.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { skipReason } from './harness'

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 600_000 })
const packed = process.env.SPW_PACKED ?? ''
const isImage = packed.endsWith('.AppImage')
const patience = { timeout: 1_700_000, interval: 500 }
/** root runs Chromium without a sandbox only */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
const asUser = isRoot ? { uid: nobody, gid: nobody } : {}

/** Everything below a folder belongs to the user who starts the app. */
function give(folder: string): void {
  if (isRoot) execFileSync('chown', ['-R', `${nobody}:${nobody}`, folder])
}

/** Runs in a Node of its own, for Node 20 has a WebSocket only by a switch. */
const asker = `
const [address, expression] = process.argv.slice(1)
const socket = new WebSocket(address)
const params = { expression, awaitPromise: true, returnByValue: true }
socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
socket.onmessage = ({ data }) => {
  const { id, result } = JSON.parse(data)
  if (id !== 1) return
  process.stdout.write(JSON.stringify(result.exceptionDetails ?? result.result.value ?? null))
  socket.close()
}
`
const ask = (address: string, expression: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ['--experimental-websocket', '-e', asker, address, expression], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 60_000,
    }),
  )

describe.skipIf(packed === '' || skipReason !== '')('the packed app', () => {
  let folder = ''
  let app = ''
  let child: ChildProcess
  let page = ''
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
    // where there is no FUSE an AppImage is unpacked, here into our folder, which a second start must not empty
    ...(isImage && { TMPDIR: folder, APPIMAGE_EXTRACT_AND_RUN: '1', NO_CLEANUP: '1' }),
  })
  const inPage = (expression: string): unknown => ask(page, expression)
  const start = (...args: string[]): ChildProcess => {
    const options = { cwd: folder, env: environment(), ...asUser }
    return spawn(join(app, isImage ? basename(packed) : 'soft-prompt-workbench'), args, options)
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spw-packed-'))
    chmodSync(folder, 0o755)
    app = join(folder, 'a path with spaces', 'Soft Prompt Workbench')
    mkdirSync(join(folder, 'home of a user'))
    cpSync(packed, isImage ? join(app, basename(packed)) : app, { recursive: true })
    if (process.env.XAUTHORITY) cpSync(process.env.XAUTHORITY, join(folder, 'authority'))
    give(folder)
    child = start('--remote-debugging-port=0')
    const host = await new Promise<string>((found, failed) => {
      child.stderr?.on('data', chunk => {
        said += chunk
        const url = /DevTools listening on ws:\/\/([^/]+)/.exec(said)?.[1]
        if (url !== undefined) found(url)
      })
      child.once('exit', (code, signal) =>
        failed(new Error(`it ended with ${code ?? signal}: ${said}`)),
      )
    })
    type Target = { readonly type: string; readonly webSocketDebuggerUrl: string }
    const pages = async (): Promise<Target[]> => {
      const targets = (await (await fetch(`http://${host}/json`)).json()) as Target[]
      return targets.filter(({ type }) => type === 'page')
    }
    await vi.waitFor(async () => expect(await pages()).toHaveLength(1), 20_000)
    page = (await pages())[0]?.webSocketDebuggerUrl ?? ''
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
    expect(inPage('location.href')).toMatch(/^app:\/\/workbench\//)
    expect(inPage("window.workbench.call('appInfo', {})")).toMatchObject({
      value: { packaged: true },
    })
    const all = spawnSync('ps', ['-ww', '-eo', 'pid,ppid,args'], { encoding: 'utf8' }).stdout
    const ours = all.split('\n').filter(line => line.includes(folder))
    const renderers = ours.filter(line => line.includes('--type=renderer'))
    expect(renderers.length).toBeGreaterThan(0)
    expect(ours.filter(line => / --no-sandbox/.test(line))).toEqual([])
    const pid = /^\s*(\d+)/.exec(renderers[0] ?? '')?.[1] ?? ''
    // 2: a filter of system calls is on
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m)
  })

  test('a second start shows the first window and ends', async () => {
    const second = start()
    expect((await once(second, 'exit'))[0]).toBe(0)
  })

  test('plays the first demo to its end', async () => {
    const found = (name: string): string =>
      `[...document.querySelectorAll('button, a')].find(e => (e.ariaLabel ?? e.textContent).trim().startsWith('${name}'))`
    await expect.poll(() => inPage(`!!${found('Find out: This model hides')}`), patience).toBe(true)
    inPage(`${found('Find out: This model hides')}.click()`)
    await expect.poll(() => inPage(`!!${found('Play it')}`), patience).toBe(true)
    const cards = `[...document.querySelectorAll('article')].filter(e => /^Answer: /.test(e.ariaLabel))`
    expect(inPage(`${cards}.length`)).toBe(2)
    await expect.poll(() => inPage(`${cards}.some(e => e.ariaBusy === 'true')`)).toBe(false)
    expect(inPage(`${cards}[0].textContent`)).toMatch(/Elicited|Not elicited|Undecided/)
  })

  test('its command line runs on its own binary, and sees what the window did', () => {
    const options = { env: environment(), encoding: 'utf8', ...asUser } as const
    const unpacked = readdirSync(folder).find(name => name.startsWith('appimage_extracted_'))
    const place = isImage ? join(folder, unpacked ?? '') : app
    const { status, stdout } = spawnSync(join(place, 'spw'), ['runs'], options)
    expect(status).toBe(0)
    expect(stdout).toContain('workbench-demo-locked')
  })
})
