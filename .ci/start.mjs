// `npm start`: build the app and open it. Without a display: say so, and run the demo on the command line instead.
// Arguments are the app's: switches for Chromium, files to open.
import { spawnSync } from 'node:child_process'
import { ensureElectronRuns, hasDisplay } from './display.mjs'
import { electronRuntime } from './electron-runtime.mjs'
import { foreground } from './foreground.mjs'
import { root } from './node-modules.mjs'

const inherit = { cwd: root, stdio: 'inherit' }

function build() {
  const args = ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn']
  console.log('Building …')
  const { status } = spawnSync(process.execPath, args, inherit)
  if (status !== 0) process.exit(status ?? 1)
}

/** Chromium cannot sandbox itself when root runs it; it refuses to start unless it is allowed to. */
function sandboxSwitches() {
  if (process.getuid?.() !== 0) return []
  console.log('You are root, so Chromium runs without its sandbox. Prefer an ordinary user.')
  return ['--no-sandbox']
}

// Ctrl-C comes from the terminal itself: a second one would not wait for a checkpoint
const passedOn = ['SIGTERM', 'SIGHUP']

async function openApp(given) {
  const { executable, env } = electronRuntime()
  const reason = ensureElectronRuns(executable, false)
  if (reason !== undefined) {
    console.error(`The window cannot open: ${reason}.`)
    return 1
  }
  const isSwitch = argument => argument.startsWith('-')
  // level 3: not Chromium's own complaints, of missing buses and the like; fatal errors are still printed
  const switches = [...sandboxSwitches(), '--log-level=3', ...given.filter(isSwitch)]
  const files = given.filter(argument => !isSwitch(argument))
  const options = { ...inherit, env: { ...process.env, ...env } }
  const { status, signal } = await foreground(
    executable,
    [...switches, root, ...files],
    options,
    passedOn,
  )
  if (signal !== null || status !== 0) {
    console.error(`Electron ended with ${signal ?? `exit code ${status}`}.`)
    console.error('To see why: npm start -- --log-level=0. If it names the sandbox, this system')
    console.error('forbids user namespaces to ordinary users; if the display, try xvfb-run.')
  }
  return status ?? 1
}

async function runDemo() {
  console.log(`
There is no display here, so the window cannot open. Two ways on:
  xvfb-run -a npm start          opens it on a virtual screen (Debian: apt install xvfb)
  npx spw --help                 the same engine on the command line
Running the first demo on the command line now, about a minute: spw demo locked
`)
  const demo = ['out/main/cli.js', 'demo', 'locked']
  return (await foreground(process.execPath, demo, inherit, passedOn)).status ?? 1
}

build()
process.exit(await (hasDisplay() ? openApp(process.argv.slice(2)) : runDemo()))
