// Which addresses the window may load, and which the user's browser may be asked to open. Pure: no Electron.
import { appOrigin } from './asset'

const parsed = (address: string): URL | undefined => {
  try {
    return new URL(address)
  } catch {
    return undefined
  }
}

/** Vite's address under `npm run dev`; a packaged app knows none, whatever its environment says. */
export const devAddress = (
  isPackaged: boolean,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined => (isPackaged ? undefined : env.ELECTRON_RENDERER_URL)

/** The window's own pages: app://workbench, and Vite's server under `npm run dev`. */
export function isOwnPage(address: string, devServer: string | undefined): boolean {
  const url = parsed(address)
  if (url === undefined) return false
  if (`${url.protocol}//${url.host}` === appOrigin) return true
  return devServer !== undefined && url.origin === parsed(devServer)?.origin
}

/** What the window's session may request: its own pages, what they made themselves, and the developer tools. */
export function mayRequest(address: string, devServer: string | undefined): boolean {
  const url = parsed(address)
  if (url === undefined) return false
  if (['blob:', 'data:', 'devtools:'].includes(url.protocol)) return true
  if (isOwnPage(address, devServer)) return true
  return devServer !== undefined && url.protocol === 'ws:' && url.host === parsed(devServer)?.host
}

const hosts: readonly string[] = ['huggingface.co', 'github.com', 'arxiv.org', 'lichess.org']

/** An https address of a host we link to, without credentials or port; in its canonical spelling, else undefined. */
export function externalAddress(address: string): string | undefined {
  const url = parsed(address)
  if (url === undefined || url.protocol !== 'https:') return undefined
  if (url.username !== '' || url.password !== '' || url.port !== '') return undefined
  const known = hosts.some(host => url.hostname === host || url.hostname === `www.${host}`)
  return known ? url.href : undefined
}
