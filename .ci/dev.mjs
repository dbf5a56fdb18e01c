// `npm run dev`: electron-vite with hot reload, on whichever Electron this machine can have.
import { electronRuntime } from './electron-runtime.mjs'
import { foreground } from './foreground.mjs'
import { root } from './node-modules.mjs'

const { env } = electronRuntime()
const sandbox = process.getuid?.() === 0 ? { NO_SANDBOX: '1' } : {}
const args = [
  'node_modules/electron-vite/bin/electron-vite.js',
  'dev',
  '--watch',
  ...process.argv.slice(2),
]
const { status } = await foreground(process.execPath, args, {
  cwd: root,
  env: { ...process.env, ...env, ...sandbox },
})
process.exit(status ?? 1)
