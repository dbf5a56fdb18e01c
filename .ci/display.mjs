// A screen to draw on: the user's, or a virtual one (Xvfb) for tests. Linux only needs this; elsewhere there is always one.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A local X server listens on a socket of its number; a remote one is believed. */
function xServerIsThere(display) {
  const number = /^(?:unix)?:(\d+)/.exec(display)?.[1]
  if (number === undefined) return true
  const socket = `/tmp/.X11-unix/X${number}`
  if (existsSync(socket)) return true
  const abstract = existsSync('/proc/net/unix') ? readFileSync('/proc/net/unix', 'utf8') : ''
  return abstract.includes(`@${socket}\n`)
}

export function hasDisplay() {
  if (process.platform !== 'linux' || process.env.WAYLAND_DISPLAY) return true
  return Boolean(process.env.DISPLAY) && xServerIsThere(process.env.DISPLAY)
}

const has = command =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0

/** Debian packages of the libraries that Electron is linked against, old and new names. */
const packageOf = {
  'libgtk-3.so.0': ['libgtk-3-0', 'libgtk-3-0t64'],
  'libnss3.so': ['libnss3'],
  'libasound.so.2': ['libasound2', 'libasound2t64'],
  'libgbm.so.1': ['libgbm1'],
  'libcups.so.2': ['libcups2', 'libcups2t64'],
  'libatk-1.0.so.0': ['libatk1.0-0', 'libatk1.0-0t64'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'],
  'libatspi.so.0': ['libatspi2.0-0', 'libatspi2.0-0t64'],
  'libdrm.so.2': ['libdrm2'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXrandr.so.2': ['libxrandr2'],
  'libpango-1.0.so.0': ['libpango-1.0-0'],
}

/** Names of the packages that Electron needs, old and new. */
export const debianPackages = Object.values(packageOf)

/** Shared libraries that the executable asks for and this machine lacks. */
function missingLibraries(executable) {
  if (process.platform !== 'linux') return []
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' })
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map(match => match[1])
}

function aptPrefix() {
  if (!has('apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  return has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? ['sudo', '-n']
    : undefined
}

function apt(prefix, args) {
  const [command, ...rest] = [...prefix, 'apt-get', ...args]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return (
    spawnSync(command, rest, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 })
      .status === 0
  )
}

/** What is missing, by name, each with the Debian packages that may hold it. */
function missing(executable, withScreen) {
  const libraries = missingLibraries(executable).map(name => [name, packageOf[name] ?? []])
  return withScreen && !has('Xvfb') ? [...libraries, ['Xvfb', ['xvfb']]] : libraries
}

/**
 * Install what Electron lacks on this machine, where we may: shared libraries and, for tests, a virtual screen.
 * @returns why it cannot run, or undefined
 */
export function ensureElectronRuns(executable, withScreen) {
  if (process.platform !== 'linux') return undefined
  const lacking = missing(executable, withScreen)
  if (lacking.length === 0) return undefined
  const names = things => things.map(([name]) => name).join(', ')
  const debs = lacking.flatMap(([, candidates]) => candidates.slice(0, 1)).join(' ')
  const prefix = aptPrefix()
  if (prefix === undefined) return `${names(lacking)} missing (Debian: apt install ${debs})`
  console.log(`Installing ${names(lacking)} through apt …`)
  apt(prefix, ['update', '-qq'])
  const install = deb => apt(prefix, ['install', '-y', '-qq', '--no-install-recommends', deb])
  for (const [, candidates] of lacking) candidates.some(install)
  const still = missing(executable, withScreen)
  return still.length === 0 ? undefined : `${names(still)} missing, and apt could not install it`
}

/** Start a virtual screen. @returns its DISPLAY and how to stop it */
export function startVirtualScreen(width = 1600, height = 1000) {
  return new Promise((resolve, reject) => {
    const server = spawn(
      'Xvfb',
      ['-displayfd', '1', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const stop = () => server.kill()
    const late = setTimeout(() => {
      stop()
      reject(new Error('Xvfb did not start in 30 seconds'))
    }, 30_000)
    server.once('error', reject)
    server.once('exit', code => reject(new Error(`Xvfb ended with code ${code}`)))
    server.stdout.once('data', number => {
      clearTimeout(late)
      resolve({ display: `:${String(number).trim()}`, stop })
    })
  })
}
