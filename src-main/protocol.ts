// app://workbench: the built window, served from disk under a strict content security policy.
import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { appScheme, assetPath, headersOf } from './asset'

/** Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

export function serveApp(root: string): void {
  protocol.handle(appScheme, async ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405 })
    const file = await assetPath(root, url)
    if (file === undefined) return new Response('not found', { status: 404 })
    const body = method === 'HEAD' ? null : await readFile(file)
    return new Response(body, { headers: headersOf(file) })
  })
}
