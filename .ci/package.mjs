// `npm run package`: the app as files that people install, in out/package/. On Linux an AppImage and a .deb, on Windows an
// installer and a zip, on macOS a dmg and a zip.   -- --dir: only the folder   -- deb: only that kind   -- --built: as it is built
// It packs Electron's own release. Where that is out of reach the old fallback is packed, and the files' names say so.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { electronRuntime } from './electron-runtime.mjs'
import { npm, root } from './node-modules.mjs'
import { configuration } from './packaging/config.mjs'
import { writeDeb } from './packaging/deb.mjs'
import { drawIcons } from './packaging/icons.mjs'
import { product, stage } from './packaging/layout.mjs'

/** bytes of one file */
const largest = 260e6
const packaging = join(root, '.ci/packaging')
const output = join(root, 'out/package')
const work = join(root, '.cache/package')
const system = { platform: process.platform, arch: process.arch }
const kindsOf = { linux: ['deb', 'AppImage'], win32: ['nsis', 'zip'], darwin: ['dmg', 'zip'] }

/** The command line of a packed app on Linux: the app's own binary as Node, which an old Electron's fuse does not keep from NODE_OPTIONS. */
const spw = `#!/bin/sh
self=$(readlink -f "$0")
here=\${self%/*}
unset NODE_OPTIONS
ELECTRON_RUN_AS_NODE=1 exec "$here/${product.name}" "$here/resources/engine/out/main/cli.js" "$@"
`

function must(command, args, what) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${what} failed: see above`)
}

/** What only packaging needs is installed when it is needed. */
function builder() {
  const lock = join(packaging, 'node_modules/.package-lock.json')
  if (!existsSync(lock)) {
    console.log('Installing what packaging needs (npm ci in .ci/packaging) …')
    const { status } = npm(
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: packaging,
      },
    )
    if (status !== 0) throw new Error('npm ci in .ci/packaging failed: see above')
  }
  return createRequire(join(packaging, 'package.json'))('electron-builder')
}

function build(isBuilt) {
  if (!isBuilt)
    must(
      process.execPath,
      ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
      'the build',
    )
  must(process.execPath, ['.ci/sbom.mjs'], 'the list of parts')
}

const folderOf = {
  linux: 'linux-unpacked',
  win32: 'win-unpacked',
  darwin: `mac${process.arch === 'arm64' ? '-arm64' : ''}`,
}

/** @returns the packed folder */
async function packFolder({ build: run, Platform }, config) {
  await run({ targets: Platform.current().createTarget('dir'), projectDir: packaging, config })
  const packed = join(output, folderOf[process.platform])
  if (process.platform === 'linux') {
    writeFileSync(join(packed, 'spw'), spw)
    chmodSync(join(packed, 'spw'), 0o755)
  }
  return packed
}

/** @returns why it could not be made, or undefined */
async function pack(kind, { build: run, Platform }, config, packed, mark) {
  try {
    if (kind === 'deb')
      writeDeb({
        ...{ packed, product, arch: process.arch },
        icons: join(work, 'icons'),
        mime: join(root, 'resources/build/mime.xml'),
        work: join(work, 'deb'),
        file: join(output, `${product.name}-${product.version}-linux-${process.arch}${mark}.deb`),
      })
    else {
      const targets = Platform.current().createTarget(kind)
      await run({ targets, projectDir: packaging, prepackaged: packed, config })
    }
  } catch (error) {
    return String(error.message ?? error).split('\n')[0]
  }
}

/** Name, size and sha512 of each file: what a channel of updates is checked against. */
function listFiles() {
  const files = readdirSync(output).filter(name => name.startsWith(`${product.name}-`))
  const list = files.map(name => {
    const path = join(output, name)
    const sha512 = createHash('sha512').update(readFileSync(path)).digest('base64')
    return { name, bytes: statSync(path).size, sha512 }
  })
  const channel = { version: product.version, channel: 'latest', files: list }
  writeFileSync(join(output, 'files.json'), `${JSON.stringify(channel, null, 2)}\n`)
  for (const { name, bytes } of list) console.log(`${name}: ${(bytes / 1e6).toFixed(1)} MB`)
  return list
    .filter(({ bytes }) => bytes > largest)
    .map(({ name }) => `${name} is larger than ${largest / 1e6} MB`)
}

async function main(given) {
  const isDir = given.includes('--dir')
  const asked = given.filter(argument => !argument.startsWith('-'))
  const kinds = isDir ? [] : asked.length > 0 ? asked : kindsOf[process.platform]
  const tools = builder()
  build(given.includes('--built'))
  const { executable, version, source } = electronRuntime()
  const mark = source === 'fallback' ? `-old-electron-${version}` : ''
  const icons = join(work, 'icons')
  drawIcons(join(root, 'resources/build/icon.svg'), icons)
  stage(join(work, 'staged'), system)
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const folder = process.platform === 'darwin' ? undefined : dirname(executable)
  const electron = { version, source, mark, folder }
  const config = configuration({ staged: join(work, 'staged'), icons, output, electron })
  const packed = await packFolder(tools, config)
  const missing = []
  for (const kind of kinds) {
    const reason = await pack(kind, tools, config, packed, mark)
    if (reason !== undefined) missing.push(`${kind} could not be made: ${reason}`)
  }
  const faults = listFiles()
  rmSync(join(work, 'staged'), { recursive: true, force: true })
  for (const line of [...missing, ...faults]) console.log(line)
  console.log(
    `${kinds.length - missing.length} of ${kinds.length} kinds of package, and the folder ${packed}`,
  )
  // what was not asked for by name may be missing: its tools come from GitHub
  return faults.length > 0 || (asked.length > 0 && missing.length > 0) ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
