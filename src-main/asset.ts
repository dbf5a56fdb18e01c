// Which file an app:// address means. Nothing outside the root is ever served, whatever the spelling.
import { realpath, stat } from 'node:fs/promises'
import { extname, join, relative, resolve, sep } from 'node:path'

export const appScheme = 'app'
export const appOrigin = 'app://workbench'
export const appPage = `${appOrigin}/index.html`

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const headersOf = (file: string): Record<string, string> => ({
  'Content-Type': types[extname(file)] ?? 'application/octet-stream',
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
})

const inside = (root: string, path: string): boolean => {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path
}

/** A decoded path, or undefined when its spelling is one that an honest page never uses. */
function decodedPath(address: string): string | undefined {
  try {
    const url = new URL(address)
    if (`${url.protocol}//${url.host}` !== appOrigin) return undefined
    const path = decodeURIComponent(url.pathname)
    return /[\0\\]|(^|\/)\.\.?(\/|$)|%/.test(path) ? undefined : path
  } catch {
    return undefined
  }
}

/** The real path of the file that `address` names under `root`, or undefined: not ours, not there, or not a file. */
export async function assetPath(root: string, address: string): Promise<string | undefined> {
  const path = decodedPath(address)
  if (path === undefined) return undefined
  try {
    const [realRoot, file] = await Promise.all([realpath(root), realpath(join(root, path))])
    if (!inside(realRoot, file)) return undefined // a symbolic link that leads out
    return (await stat(file)).isFile() ? file : undefined
  } catch {
    return undefined
  }
}
