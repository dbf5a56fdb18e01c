// `npm run screenshots`: a picture of every screen in both themes and three sizes → tests/e2e/screenshots/screens/.
// Arguments name the screens: npm run screenshots -- home chess --theme dark --size 1280x800 --home FOLDER (kept and used again)
import { spawnSync } from 'node:child_process'
import { ensureElectronRuns, startVirtualScreen } from './display.mjs'
import { electronRuntime } from './electron-runtime.mjs'
import { root } from './node-modules.mjs'

const { executable } = electronRuntime()
const reason = ensureElectronRuns(executable, true)
if (reason !== undefined) {
  console.error(reason)
  process.exit(1)
}
const node = (args, env) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  }).status ?? 1
const built = process.env.SPW_BUILT
  ? 0
  : node(['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'], {})
if (built !== 0) process.exit(built)
const screen = process.platform === 'linux' ? await startVirtualScreen(1920, 1200) : undefined
const env = { SPW_E2E_ELECTRON: executable, ...(screen && { DISPLAY: screen.display }) }
const script = 'tests/e2e/screens/index.ts'
const status = node(['tests/setup/run.mjs', script, ...process.argv.slice(2)], env)
screen?.stop()
process.exit(status)
