// `npm run bundle`: the engine and all that it needs besides libc in one file, out/spw-<version>-linux-x64.tar.zst. For machines
// without Node, npm or network: `tar xf FILE && ./spw-<version>-linux-x64/spw demo`. `-- --gpu` adds the CUDA libraries of SPW_HOME.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { copyNativePackages } from './native-packages.mjs'
import { root } from './node-modules.mjs'

const require = createRequire(import.meta.url)
const { version } = require('../package.json')
const name = `spw-${version}-linux-x64`
/** zstd's level: some seconds; 12 takes twice as long for half a percent less, 19 minutes for a tenth */
const level = 9
/** bytes, without --gpu */
const largest = 120e6

/** What only the window shows stays out. */
const windowOnly = /^(index\.js(\.map)?|pictures|pieces|build)$/

/** The way in; it needs no program but the shell, unless it is reached through a link. */
const spw = `#!/bin/sh
# Soft Prompt Workbench, with a Node of its own.
self=$0
while [ -h "$self" ]; do
  link=$(readlink "$self")
  case $link in /*) self=$link ;; *) self=\${self%/*}/$link ;; esac
done
case $self in */*) here=\${self%/*} ;; *) here=. ;; esac
here=$(cd "$here" && pwd -P) || exit 1
export SPW_BUNDLE="$here"
export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
exec "$here/node" "$here/app/out/main/cli.js" "$@"
`

function stop(message) {
  console.error(message)
  process.exit(1)
}

/** Shared libraries that a file needs and that do not belong to glibc: name → path here. */
function librariesOf(file) {
  const glibc = /^(linux-vdso|ld-linux|lib(c|m|dl|rt|pthread|util|resolv)\.so)/
  const lines = execFileSync('ldd', [file], { encoding: 'utf8' }).split('\n')
  return lines.flatMap(line => {
    const [, library, path] = /^\s*(\S+) => (\/\S+)/.exec(line) ?? []
    return library === undefined || glibc.test(library) ? [] : [[library, path]]
  })
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true, dereference: true })
}

/** Licence of the Node that goes along, wherever its distribution keeps it. */
function copyNodeLicence(to) {
  const prefix = resolve(dirname(process.execPath), '..')
  const places = [prefix, join(prefix, 'share/doc/nodejs'), join(prefix, 'share/doc/node')]
  const found = places.map(place => join(place, 'LICENSE')).find(existsSync)
  if (found === undefined) stop(`The licence of Node is in none of ${places.join(', ')}.`)
  copyFileSync(found, to)
}

/** CUDA as `spw gpu install` laid it into SPW_HOME. */
function copyCuda(to) {
  const data = process.env.XDG_DATA_HOME || join(homedir(), '.local/share')
  const home = process.env.SPW_HOME || join(data, 'soft-prompt-workbench')
  const ours = require('onnxruntime-node/package.json').version
  const from = join(home, 'gpu', ours)
  const record = join(from, 'installed.json')
  if (!existsSync(record) || !JSON.parse(readFileSync(record, 'utf8')).complete)
    stop(`${from} holds no CUDA. Run spw gpu install first.`)
  copy(from, join(to, ours))
}

function fill(folder, gpu) {
  const app = join(folder, 'app')
  for (const part of ['out/main', 'resources']) {
    const from = join(root, part)
    const filter = path => dirname(path) !== from || !windowOnly.test(basename(path))
    cpSync(from, join(app, part), { recursive: true, dereference: true, filter })
  }
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copy(join(root, 'out/sbom'), join(folder, 'parts'))
  copyNativePackages(process, join(app, 'node_modules'))
  copyFileSync(realpathSync(process.execPath), join(folder, 'node'))
  copyNodeLicence(join(folder, 'LICENSE.node'))
  const native = [
    join(folder, 'node'),
    join(app, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1'),
    join(app, 'node_modules/tokenizers/tokenizers.linux-x64-gnu.node'),
    join(app, 'node_modules/zstd-napi/build/Release/binding.node'),
  ]
  for (const [library, path] of native.flatMap(librariesOf))
    copy(realpathSync(path), join(folder, 'lib', library))
  // symbols for debuggers: a fifth of Node's size
  spawnSync('strip', ['--strip-debug', join(folder, 'node')], { stdio: 'ignore' })
  chmodSync(join(folder, 'node'), 0o755)
  if (gpu) copyCuda(join(folder, 'gpu'))
  writeFileSync(join(folder, 'spw'), spw, { mode: 0o755 })
}

/** One file of a folder, the same for the same content. */
function pack(folder, file) {
  const { CompressStream } = require('zstd-napi')
  const { spawn } = require('node:child_process')
  const { createWriteStream } = require('node:fs')
  const { pipeline } = require('node:stream/promises')
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
  const args = ['-C', dirname(folder), ...same, '-cf', '-', basename(folder)]
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const zstd = new CompressStream({ compressionLevel: level, checksumFlag: true })
  return pipeline(tar.stdout, zstd, createWriteStream(file))
}

if (process.platform !== 'linux' || process.arch !== 'x64')
  stop('A bundle is made of the Node that runs this: it needs Linux on x64.')
const gpu = process.argv.includes('--gpu')
const build = ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn']
const built = process.argv.includes('--built')
if (!built && spawnSync(process.execPath, build, { cwd: root, stdio: 'inherit' }).status !== 0)
  stop('The build failed: see above.')
if (spawnSync(process.execPath, ['.ci/sbom.mjs'], { cwd: root, stdio: 'inherit' }).status !== 0)
  stop('The list of parts could not be made: see above.')
const folder = join(root, '.cache/bundle', name)
const file = join(root, 'out', `${name}.tar.zst`)
rmSync(folder, { recursive: true, force: true })
mkdirSync(join(folder, 'lib'), { recursive: true })
fill(folder, gpu)
await pack(folder, file)
const { size } = statSync(file)
rmSync(folder, { recursive: true, force: true })
if (!gpu && size > largest) stop(`${file} has ${size} bytes, more than ${largest}.`)
console.log(`${file}: ${(size / 1e6).toFixed(1)} MB`)
