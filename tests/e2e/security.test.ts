// What a page must never be able to do, tried from inside the page (checklist S1–S11 of the security research).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, openApp, skipReason } from './harness'

/** What these probes use of the page's globals; the tests are compiled without the DOM. */
interface Globals {
  workbench: Record<string, unknown> & {
    call(name: string, args: unknown): Promise<{ ok: boolean; fault?: { message: string } }>
  }
  fetch(address: string): Promise<{ status: number; headers: { get(name: string): string | null } }>
  open(address: string): unknown
  document: {
    createElement(tag: string): Record<string, unknown>
    body: { append(node: unknown): void }
    addEventListener(name: string, listener: (event: { violatedDirective: string }) => void): void
  }
  navigator: {
    geolocation: { getCurrentPosition(ok: unknown, bad: (error: { code: number }) => void): void }
    mediaDevices: { getUserMedia(wanted: unknown): Promise<unknown> }
  }
  Notification: { requestPermission(): Promise<string> }
  eval(code: string): unknown
  location: { href: string }
  [name: string]: unknown
}

describe.skipIf(skipReason !== '')('the page', () => {
  let app: App
  beforeAll(async () => {
    app = await openApp()
  })
  afterAll(async () => app?.close())

  test('has no Node', async () => {
    const found = await app.page.evaluate(() => {
      const g = globalThis as unknown as Globals
      return ['require', 'process', 'module', 'Buffer', 'global'].filter(name => name in g)
    })
    expect(found).toEqual([])
  })

  test('runs isolated, sandboxed, with web security', async () => {
    const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>
      }
      const p = contents.getLastWebPreferences()
      return [p.contextIsolation, p.sandbox, p.nodeIntegration, p.webSecurity, p.webviewTag]
    })
    expect(preferences).toEqual([true, true, false, true, false])
  })

  test('sees a frozen bridge with four names', async () => {
    const [names, frozen] = await app.page.evaluate(() => {
      const { workbench } = globalThis as unknown as Globals
      return [Object.keys(workbench).sort(), Object.isFrozen(workbench)] as const
    })
    expect(names).toEqual(['call', 'on', 'pathOf', 'platform'])
    expect(frozen).toBe(true)
  })

  test.each([
    ['unknown call', 'shutDown', {}, 'there is no call named shutDown'],
    ['inherited name', 'constructor', {}, 'there is no call named constructor'],
    ['wrong type', 'run', { id: 7 }, 'run.id: Invalid input: expected string, received number'],
    ['foreign address', 'openExternal', { url: 'file:///etc/passwd' }, 'is not an address'],
  ])('is refused: %s', async (_what, name, args, words) => {
    const answer = await app.page.evaluate(
      ([n, a]) => (globalThis as unknown as Globals).workbench.call(n as string, a),
      [name, args] as const,
    )
    expect(answer.ok).toBe(false)
    expect(answer.fault?.message).toContain(words)
  })

  test('cannot run code made of text', async () => {
    // in a later task: the debugger that runs this function is itself exempt from the policy
    const reported = await app.page.evaluate(
      () =>
        new Promise<string>(done => {
          setTimeout(() => {
            try {
              done(String((globalThis as unknown as Globals).eval('1 + 1')))
            } catch (error) {
              done((error as Error).name)
            }
          })
        }),
    )
    expect(reported).toBe('EvalError')
  })

  test('cannot reach the network', async () => {
    const reported = await app.page.evaluate(() =>
      (globalThis as unknown as Globals).fetch('https://example.com/').then(
        () => 'reached',
        () => 'refused',
      ),
    )
    expect(reported).toBe('refused')
  })

  test.each([
    '/../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '/%00index.html',
    '/assets/../../../package.json',
    '/nothing.html',
    '/',
  ])('gets no file for %s', async path => {
    const status = await app.page.evaluate(
      address =>
        (globalThis as unknown as Globals).fetch(address).then(
          r => r.status,
          () => 404, // not even an address
        ),
      `app://workbench${path}`,
    )
    expect(status).toBe(404)
  })

  test('is served with its policy and type', async () => {
    const reported = await app.page.evaluate(() =>
      (globalThis as unknown as Globals)
        .fetch('app://workbench/index.html')
        .then(r =>
          ['content-security-policy', 'x-content-type-options'].map(h => r.headers.get(h)),
        ),
    )
    expect(reported[0]).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(reported[0]).not.toContain('unsafe')
    expect(reported[1]).toBe('nosniff')
  })

  test('cannot open a window or a webview', async () => {
    await app.page.evaluate(() => {
      const g = globalThis as unknown as Globals
      g.open('https://example.com/')
      g.open('app://workbench/index.html')
      g.document.body.append(g.document.createElement('webview'))
    })
    const windows = await app.electron.evaluate(
      ({ BrowserWindow, webContents }) =>
        [BrowserWindow.getAllWindows().length, webContents.getAllWebContents().length] as const,
    )
    expect(windows).toEqual([1, 1])
  })

  test('cannot leave', async () => {
    const before = app.page.url()
    await app.page.evaluate(() => {
      ;(globalThis as unknown as Globals).location.href = 'https://example.com/'
    })
    await new Promise(done => setTimeout(done, 500))
    expect(app.page.url()).toBe(before)
  })

  test('gets no permissions', async () => {
    const reported = await app.page.evaluate(async () => {
      const g = globalThis as unknown as Globals
      const place = await new Promise(done => {
        g.navigator.geolocation.getCurrentPosition(
          () => done('given'),
          error => done(error.code === 1 ? 'denied' : `error ${error.code}`),
        )
      })
      const camera = await g.navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'given',
        (error: Error) => error.name,
      )
      return [place, camera, await g.Notification.requestPermission()]
    })
    expect(reported[0]).toBe('denied')
    expect(reported[1]).not.toBe('given')
    expect(reported[2]).toBe('denied')
  })
})
