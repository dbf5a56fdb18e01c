// npm run soak -- [--minutes N] [--seed N]: a run is killed at random, killed at a write, out of disk, out of memory, one after
// another. Then it is resumed, and must be what the run that nothing happened to is, bit for bit. `spw doctor` looks at the
// home at the end. Ends with 1 when anything was lost, damaged or unequal. Needs the built program (npm run build).
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { outcome, trainCommand, writeTexts } from './small-run.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
const cli = resolve('out/main/cli.js')
const hook = resolve(import.meta.dirname, 'kill-at-write.cjs')
const seconds = Number(values.minutes) * 60
if (!existsSync(cli)) throw new Error('the program is not built: npm run build')

/** A small linear generator: which moment is hit depends on the seed. */
let state = Number(values.seed) >>> 0
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

const folder = mkdtempSync(join(tmpdir(), 'spw-soak-'))
const home = join(folder, 'home')
mkdirSync(home)
/** megabytes of the disk that is filled; only root may make one */
const disk = 48
const hasDisk =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${disk}m`, 'tmpfs', home]).status === 0
const hasLimit = spawnSync('prlimit', ['--version']).status === 0

const texts = writeTexts(folder)

/** milliseconds; commands that did not end in it */
const patience = 180_000
const hung = []

function start(args, { env = {}, before = [] } = {}) {
  const [command, ...rest] = [
    ...before,
    process.execPath,
    ...(env.SPW_KILL_AT ? ['--require', hook] : []),
    cli,
    ...args,
  ]
  const child = spawn(command, rest, {
    env: { ...process.env, SPW_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const channel of [child.stdout, child.stderr]) channel.on('data', chunk => (said += chunk))
  // nothing here takes minutes: a command that does not end is a failure too
  const late = setTimeout(() => {
    hung.push(args[0])
    child.kill('SIGKILL')
  }, patience)
  const ended = new Promise(done =>
    child.once('close', (code, signal) => {
      clearTimeout(late)
      done({ code, signal, said })
    }),
  )
  return { child, ended }
}
const train = name => trainCommand(texts, name)

/** The run of this name; a folder with a dot is what a kill left of a run that was not made. */
function folderOf(name) {
  const runs = join(home, 'runs')
  const found = existsSync(runs)
    ? readdirSync(runs).filter(run => !run.startsWith('.') && run.includes(`-${name}-`))
    : []
  return found.length === 0 ? undefined : join(runs, found.at(-1))
}

const blows = {
  /** at any moment of the first seconds */
  async kill(args) {
    const { child, ended } = start(args)
    await sleep(6000 * random())
    child.kill('SIGKILL')
    return ended
  },
  /** at one of the calls that change a file */
  write: args =>
    start(args, { env: { SPW_KILL_AT: String(1 + Math.floor(random() * 400)) } }).ended,
  /** all but a few kilobytes of the disk are taken */
  async disk(args) {
    const ballast = join(home, 'ballast')
    const { bavail, bsize } = statfsSync(home)
    writeFileSync(
      ballast,
      Buffer.alloc(Math.max(0, bavail * bsize - Math.floor(random() * 100_000))),
    )
    const ended = await start(args).ended
    rmSync(ballast)
    return ended
  },
  /** megabytes of address space; Node alone wants about 700 */
  memory: args =>
    start(args, { before: ['prlimit', `--as=${Math.floor((700 + 1500 * random()) * 1e6)}`] }).ended,
}
const possible = Object.keys(blows).filter(
  kind => (kind !== 'disk' || hasDisk) && (kind !== 'memory' || hasLimit),
)
const kinds =
  values.only === '' ? possible : possible.filter(kind => values.only.split(',').includes(kind))

const failures = []
const counts = Object.fromEntries(
  kinds.map(kind => [kind, { blows: 0, ended: 0, beforeTheRun: 0 }]),
)

/** Blows until it has had three, then to its end undisturbed. */
async function round(n, whole) {
  const name = `soak${n}x`
  const hits = []
  for (let i = 0; i < 3; i++) {
    const kind = kinds[Math.floor(random() * kinds.length)]
    const run = folderOf(name)
    const { code, signal } = await blows[kind](run === undefined ? train(name) : ['resume', run])
    counts[kind].blows++
    if (code === 0) counts[kind].ended++
    if (folderOf(name) === undefined) counts[kind].beforeTheRun++
    hits.push(`${kind} ${signal ?? code}`)
    if (code === 0) break
  }
  const run = folderOf(name)
  const { code, said } = await start(run === undefined ? train(name) : ['resume', run]).ended
  const last = folderOf(name)
  const isDone =
    last !== undefined &&
    JSON.parse(readFileSync(join(last, 'state.json'), 'utf8')).state?.kind === 'done'
  if (!isDone) failures.push({ name, hits, code, said: said.slice(-500) })
  else if (outcome(last) !== whole) failures.push({ name, hits, unequal: true })
  if (last !== undefined && isDone) rmSync(last, { recursive: true })
}

async function main() {
  const { code, said } = await start(train('whole')).ended
  if (code !== 0) throw new Error(`the undisturbed run failed: ${said}`)
  const whole = outcome(folderOf('whole'))
  const end = Date.now() + 1000 * seconds
  let rounds = 0
  for (; Date.now() < end; rounds++) await round(rounds, whole)
  const doctor = await start(['doctor', '--json']).ended
  const unhandled = existsSync(join(home, 'engine.log'))
    ? readFileSync(join(home, 'engine.log'), 'utf8').split('nobody waited for it').length - 1
    : 0
  console.log(
    JSON.stringify(
      {
        minutes: seconds / 60,
        seed: Number(values.seed),
        rounds,
        counts,
        failures,
        unhandled,
        hung,
        doctor: { code: doctor.code, said: doctor.said.slice(0, 1500) },
      },
      null,
      2,
    ),
  )
  return failures.length + hung.length + unhandled > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} finally {
  if (hasDisk) spawnSync('umount', [home])
  rmSync(folder, { recursive: true, force: true })
}
