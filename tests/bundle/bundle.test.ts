// The bundle in a bare container: libc, a shell, and nothing else; no network. It makes the archive, which takes some seconds.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json'

const root = resolve(import.meta.dirname, '../..')
const name = `spw-${packageJson.version}-linux-x64`
const archive = join(root, 'out', `${name}.tar.zst`)

/** A process in namespaces of its own: its mounts, its processes, no network. */
const unshare = ['--mount', '--pid', '--net', '--fork', '--kill-child']
const asRoot = process.getuid?.() === 0 ? unshare : ['--map-root-user', ...unshare]

/** Why it cannot be tried here, or empty. */
function missing(): string {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'not Linux on x64'
  const tools = spawnSync('sh', ['-c', 'command -v tar zstd ldd']).status === 0
  if (!tools) return 'tar, zstd or ldd is missing'
  return spawnSync('unshare', [...asRoot, 'true']).status === 0 ? '' : 'no namespaces are allowed'
}
const why = missing()
if (why !== '') console.log(`The bundle is not tried in a bare container: ${why}.`)

/** The loader, the parts of libc, and a shell. */
function bareContainer(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spw-bare-'))
  for (const part of ['bin', 'proc', 'dev', 'tmp', 'root']) mkdirSync(join(folder, part))
  cpSync(realpathSync('/bin/sh'), join(folder, 'bin/sh'))
  const needed = execFileSync('ldd', [process.execPath], { encoding: 'utf8' })
  const loader = /\/\S*ld-linux\S*/.exec(needed)?.[0] ?? ''
  const libc = /\/\S*libc\.so\.6/.exec(needed)?.[0] ?? ''
  const parts = readdirSync(dirname(libc)).filter(name =>
    /^lib(c|m|dl|pthread|rt|util|resolv)\.so\.\d$/.test(name),
  )
  for (const path of [loader, ...parts.map(name => join(dirname(libc), name))])
    cpSync(realpathSync(path), join(folder, path))
  return folder
}

describe.skipIf(why !== '')('the bundle', () => {
  let container = ''
  const run = (command: string) => {
    const inside = `mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /bin/sh -c "$1"`
    const args = [...asRoot, 'sh', '-c', inside, container, command]
    // a user's machine has neither our variables nor our paths
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' }
    return spawnSync('unshare', args, { encoding: 'utf8', env, timeout: 580_000 })
  }

  beforeAll(() => {
    const built = existsSync(join(root, 'out/main/cli.js')) ? ['--built'] : []
    execFileSync(process.execPath, [join(root, '.ci/bundle.mjs'), ...built], { stdio: 'pipe' })
    container = bareContainer()
    execFileSync('tar', ['-C', container, '-xf', archive])
  }, 300_000)
  afterAll(() => {
    rmSync(archive, { force: true })
    if (container !== '') rmSync(container, { recursive: true, force: true })
  })

  test('is one file of 120 MB at most, and brings neither Electron nor npm', () => {
    expect(statSync(archive).size).toBeLessThan(120e6)
    const packages = readdirSync(join(container, name, 'app/node_modules'))
    expect(packages.sort()).toEqual([
      'onnxruntime-common',
      'onnxruntime-node',
      'tokenizers',
      'zstd-napi',
    ])
    const names = readdirSync(join(container, name), { recursive: true }).map(String)
    expect(names.filter(each => /electron|npm/.test(basename(each)))).toEqual([])
  })

  test('trains, tests and samples with nothing but libc and a shell', () => {
    const small =
      '--tokens 1 --steps 2 --lanes 1 --accumulation 1 --length 32 --test-every 1 --test-batches 1 --final-test-batches 1 --results 1 --result-tokens 8 --metric-samples 1'
    const train = `SPW_HOME=/tmp/home ./spw train --experiment autoregressive --model workbench-demo-base --data demo ${small}`
    const { status, stdout, stderr } = run(
      `cd /${name} && ${train} && [ -s /tmp/home/runs/*/results.jsonl ] && echo samples`,
    )
    expect(stderr).not.toContain('cannot open shared object')
    expect(`${status} ${stdout} ${stderr}`).toMatch(/^0 [\s\S]*held-out loss/)
    expect(stdout).toMatch(/^samples$/m)
  }, 600_000)

  test('knows its version from wherever it is called', () => {
    const { stdout } = run(`cd / && ${name}/spw --version`)
    expect(stdout.trim()).toBe(packageJson.version)
  })
})
