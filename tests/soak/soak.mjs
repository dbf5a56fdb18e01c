// npm run soak -- [--minutes N] [--seed N]: a run, and a queue of three beside a playground, are killed at random, killed at
// a write, out of disk, out of memory, one after another. Then they are gone on with, and must be what those are that
// nothing happened to, bit for bit. `spw doctor` looks at the home at the end. Ends with 1 when anything was lost, damaged
// or unequal. Needs the built program (npm run build).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { blowsIn, cli, generator, starter } from './blows.mjs'
import { openPlayground } from './playground.mjs'
import { outcome, snapshotOf, sweepCommand, trainCommand, writeTexts } from './small-run.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
const seconds = Number(values.minutes) * 60
if (!existsSync(cli)) throw new Error('the program is not built: npm run build')

const folder = mkdtempSync(join(tmpdir(), 'spw-soak-'))
const home = join(folder, 'home')
mkdirSync(home)
/** megabytes of the disk that is filled; only root may make one */
const disk = 64
const hasDisk =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${disk}m`, 'tmpfs', home]).status === 0

const random = generator(Number(values.seed))
const texts = writeTexts(folder)
const [hung, failures] = [[], []]
const start = starter(home, hung)
const blows = blowsIn(home, start, random, hasDisk)
const kinds = Object.keys(blows).filter(
  kind => values.only === '' || values.only.split(',').includes(kind),
)
const counts = Object.fromEntries(
  kinds.map(kind => [kind, { blows: 0, ended: 0, beforeTheRun: 0 }]),
)
const playground = { answers: 0, kills: 0 }

/** Folders of runs; one with a dot is what a kill left of a run that was not made. */
function runFolders() {
  const runs = join(home, 'runs')
  const names = existsSync(runs) ? readdirSync(runs).filter(name => !name.startsWith('.')) : []
  return names.map(name => join(runs, name))
}
const folderOf = name => runFolders().findLast(run => run.includes(`-${name}-`))
const isDone = run =>
  JSON.parse(readFileSync(join(run, 'state.json'), 'utf8')).state?.kind === 'done'
const seedOf = run => JSON.parse(readFileSync(join(run, 'spec.json'), 'utf8')).seed

/** Three blows, or fewer where it ended before. @returns what they did */
async function hit(argsNow, isThere) {
  const hits = []
  for (let i = 0; i < 3; i++) {
    const kind = kinds[Math.floor(random() * kinds.length)]
    const { code, signal } = await blows[kind](argsNow())
    counts[kind].blows++
    if (code === 0) counts[kind].ended++
    if (!isThere()) counts[kind].beforeTheRun++
    hits.push(`${kind} ${signal ?? code}`)
    if (code === 0) break
  }
  return hits
}

/** One run: blows, then to its end undisturbed. */
async function runRound(n, whole) {
  const name = `soak${n}x`
  const argsNow = () => {
    const run = folderOf(name)
    return run === undefined ? trainCommand(texts, name) : ['resume', run]
  }
  const hits = await hit(argsNow, () => folderOf(name) !== undefined)
  const { code, said } = await start(argsNow()).ended
  const last = folderOf(name)
  if (last === undefined || !isDone(last))
    failures.push({ name, hits, code, said: said.slice(-500) })
  else if (outcome(last) !== whole) failures.push({ name, hits, unequal: true })
  else rmSync(last, { recursive: true })
}

/** A queue of three runs, while a prompted model of the same home is talked to. */
async function queueRound(n, wholes, kept) {
  const name = `queue${n}x`
  const made = () => runFolders().filter(run => run !== kept)
  const args = sweepCommand(texts, name)
  const talk = openPlayground(start, snapshotOf(kept), random)
  const hits = await hit(
    () => args,
    () => made().length > 0,
  )
  const { code, said } = await start(args).ended
  const talked = await talk.close()
  playground.answers += talked.answers
  playground.kills += talked.kills
  failures.push(...talked.failures.map(failure => ({ name, hits, ...failure })))
  const runs = made()
  const seeds = runs.map(seedOf).sort()
  const isWhole = String(seeds) === String(Object.keys(wholes).sort()) && runs.every(isDone)
  if (!isWhole) failures.push({ name, hits, code, seeds, said: said.slice(-500) })
  else if (runs.some(run => outcome(run) !== wholes[seedOf(run)]))
    failures.push({ name, hits, unequal: true })
  for (const run of runs) rmSync(run, { recursive: true })
}

/** What nothing happened to: one run, which is kept, and a queue. */
async function undisturbed() {
  const run = await start(trainCommand(texts, 'whole')).ended
  if (run.code !== 0) throw new Error(`the undisturbed run failed: ${run.said}`)
  const kept = folderOf('whole')
  const queue = await start(sweepCommand(texts, 'wholes')).ended
  if (queue.code !== 0) throw new Error(`the undisturbed queue failed: ${queue.said}`)
  const cells = runFolders().filter(cell => cell !== kept)
  const wholes = Object.fromEntries(cells.map(cell => [seedOf(cell), outcome(cell)]))
  for (const cell of cells) rmSync(cell, { recursive: true })
  return { kept, wholes }
}

async function main() {
  const { kept, wholes } = await undisturbed()
  const end = Date.now() + 1000 * seconds
  let rounds = 0
  for (; Date.now() < end; rounds++)
    if (rounds % 3 === 2) await queueRound(rounds, wholes, kept)
    else await runRound(rounds, outcome(kept))
  const doctor = await start(['doctor', '--json']).ended
  const log = join(home, 'engine.log')
  const unhandled = existsSync(log)
    ? readFileSync(log, 'utf8').split('nobody waited for it').length - 1
    : 0
  const said = doctor.said.slice(0, 1500)
  const options = { minutes: seconds / 60, seed: Number(values.seed) }
  const found = { failures, unhandled, hung, doctor: { code: doctor.code, said } }
  console.log(JSON.stringify({ ...options, rounds, counts, playground, ...found }, null, 2))
  return failures.length + hung.length + unhandled > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} finally {
  if (hasDisk) spawnSync('umount', [home])
  rmSync(folder, { recursive: true, force: true })
}
