// `npm start`: build the app and open it. Without a display: say so, and run the demo on the command line instead.
import { spawnSync } from 'node:child_process'
import { hasDisplay, missingLibraries } from './display.mjs'
import { electronRuntime } from './electron-runtime.mjs'
import { root } from './node-modules.mjs'

const inherit = { cwd: root, stdio: 'inherit' }

function build() {
  const quiet = ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn']
  console.log('Building …')
  const { status } = spawnSync(process.execPath, quiet, inherit)
  if (status !== 0) process.exit(status ?? 1)
}

/** Chromium cannot sandbox itself when root runs it; it refuses to start unless told so. */
function sandboxArguments() {
  if (process.getuid?.() !== 0) return []
  console.log('You are root, so Chromium runs without its sandbox. Prefer an ordinary user.')
  return ['--no-sandbox']
}

function openApp(appArguments) {
  const { executable, env } = electronRuntime()
  const missing = missingLibraries(executable)
  if (missing.length > 0) {
    console.error(
      `Electron needs ${missing.join(', ')}: install it (Debian: apt install libgtk-3-0 libnss3 libasound2 libgbm1).`,
    )
    return 1
  }
  const quiet = '--log-level=3' // Chromium's own complaints, of missing buses and the like; a fatal one is still told
  const { status, signal } = spawnSync(
    executable,
    [...sandboxArguments(), quiet, root, ...appArguments],
    {
      ...inherit,
      env: { ...process.env, ...env },
    },
  )
  if (signal === 'SIGTRAP' || signal === 'SIGABRT')
    console.error(
      'Electron ended at once. If it named the sandbox above, this system forbids user namespaces: see README, "Problems".',
    )
  return status ?? 1
}

function runDemo() {
  console.log(`
There is no display here, so the window cannot open. Two ways on:
  xvfb-run -a npm start          opens it on a virtual screen (Debian: apt install xvfb)
  npx spw --help                 the same engine on the command line
Running the demo on the command line now: spw demo
`)
  return spawnSync(process.execPath, ['out/main/cli.js', 'demo'], inherit).status ?? 1
}

build()
process.exit(hasDisplay() ? openApp(process.argv.slice(2)) : runDemo())
