// Makes node_modules what package-lock.json says: runs `npm ci` when it is not. Plain Node, no dependencies.
// Every npm script that needs dependencies runs this file first.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const oldestNode = [20, 19]
const recommendedNode = 22

/** The packages of a lockfile: path → what it says of the package. */
function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages
}

/** npm keeps a record of what it installed; it must hold what the lockfile asks for, optional packages aside. */
function installed() {
  const record = resolve(root, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = packagesOf(resolve(root, 'package-lock.json'))
  const present = packagesOf(record)
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (path === '') return true
    const found = present[path]
    if (found === undefined) return Boolean(optional || devOptional || peer)
    return found.version === version
  })
}

/** node-gyp compiles zstd-napi against the headers beside Node; without them it would try to download some. */
function headersEnvironment() {
  const beside = resolve(dirname(process.execPath), '..')
  const found = [beside, '/usr', '/usr/local'].find(folder =>
    existsSync(resolve(folder, 'include/node/node_api.h')),
  )
  return found === undefined ? {} : { npm_config_nodedir: found }
}

/** Run npm with the npm that runs us, else the one on PATH. */
export function npm(args, options = {}) {
  const viaNode = process.env.npm_execpath
  const [command, first] = viaNode ? [process.execPath, [viaNode]] : ['npm', []]
  return spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: !viaNode && process.platform === 'win32',
    ...options,
  })
}

/** npm links the commands of dependencies but not the package's own: this makes `npx spw` work once it is built. */
function linkCommand() {
  const link = resolve(root, 'node_modules/.bin/spw')
  if (process.platform === 'win32' || lstatSync(link, { throwIfNoEntry: false })) return
  symlinkSync('../../out/main/cli.js', link)
}

export function ensureNodeModules() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    console.error(
      `Node ${process.versions.node} is too old: install Node ${oldestNode.join('.')} or newer.`,
    )
    process.exit(1)
  }
  if (installed()) return linkCommand()
  console.log('Installing dependencies (npm ci) …')
  // Electron's own tools ask for Node 22: one line of ours instead of npm's three warnings
  const quiet = major < recommendedNode ? ['--loglevel=error'] : []
  if (major < recommendedNode)
    console.log(`Node ${process.versions.node} works; Node ${recommendedNode} is recommended.`)
  const environment = {
    ...headersEnvironment(),
    ...process.env,
    ONNXRUNTIME_NODE_INSTALL: 'skip', // its script fetches CUDA libraries from NuGet; see docs/gpu.md
    ELECTRON_SKIP_BINARY_DOWNLOAD: '1', // electron-runtime.mjs fetches it
    JOBS: process.env.JOBS ?? 'max', // node-gyp: compilers beside each other
  }
  const { status } = npm(['ci', '--no-audit', '--no-fund', ...quiet], { env: environment })
  if (status === 0) return linkCommand()
  console.error(
    'npm ci failed: see its message above. It needs the npm registry and, for zstd-napi,',
  )
  console.error('python3, make and a C++ compiler.')
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureNodeModules()
