// `npm run mutants`: puts small faults into the sources, one at a time and in memory only, and runs the tests concerned.
// A fault that no test notices has survived; at least 90 % must be noticed. Arguments: --only PART (of a room's name or a
// file's path), --seconds N and --seed N (a random part of them, as many as fit: continuous integration).
// The tests run in a child process. A fault that never ends there has its child ended, and counts as noticed.
import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createVitest } from 'vitest/node'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = join(root, 'tests/mutants/faults')
const leastKilled = 0.9
/** seconds that the tests of one fault may take */
const longest = 240
const known = {
  only: { type: 'string', default: '' },
  seconds: { type: 'string', default: 'Infinity' },
  seed: { type: 'string', default: '1' },
}
const { values: asked } = parseArgs({ options: known })

/** [{ room, file, text, to, tests }] */
export function allFaults() {
  return readdirSync(folder).flatMap(name => {
    const { tests, faults } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    return faults.map(([file, text, to]) => ({
      room: name.slice(0, -5),
      file,
      text,
      to,
      tests: tests[file],
    }))
  })
}

/** Fisher–Yates on a linear congruential generator: the same part for the same seed. */
function shuffled(items, seed) {
  const order = [...items]
  let state = seed >>> 0
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const j = Math.floor((state / 2 ** 32) * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

let active
const mutant = {
  name: 'mutant',
  enforce: 'pre',
  transform(code, id) {
    if (active === undefined || id.split('?')[0] !== join(root, active.file)) return null
    return code.replace(active.text, () => active.to)
  },
}

async function openRunner() {
  const config = join(root, 'vitest.config.mts')
  // one failed test is enough
  const options = { config, root, watch: false, reporters: [{}], bail: 1 }
  // threads, because they end with this process, whatever a fault has made of them
  return createVitest('test', { ...options, pool: 'threads' }, { plugins: [mutant] })
}

/** { ok, failed }: whether the tests pass with the fault in the sources, and the names of those that do not. */
async function outcome(runner, fault) {
  active = fault.text === undefined ? undefined : fault
  runner.invalidateFile(join(root, fault.file))
  const specs = await runner.globTestSpecifications(fault.tests)
  const { testModules, unhandledErrors } = await runner.runTestSpecifications(specs, false)
  active = undefined
  runner.invalidateFile(join(root, fault.file))
  // the runner remembers the modules of earlier runs, too
  const own = testModules.filter(module => specs.some(spec => spec.moduleId === module.moduleId))
  const failed = own.flatMap(module =>
    [...module.children.allTests('failed')].map(test => test.fullName),
  )
  const ok = unhandledErrors.length === 0 && own.length > 0 && own.every(module => module.ok())
  return { ok, failed }
}

/** The child: it opens one runner and answers one outcome for each fault that it is sent. */
async function answerFaults() {
  const runner = await openRunner()
  process.on('message', async fault => process.send(await outcome(runner, fault)))
  process.on('disconnect', () => process.exit(0))
}

/** A child that is started again after it had to be ended, or ended by itself. */
function openChild() {
  let child
  const tried = (fault, limit) =>
    new Promise(settle => {
      if (!child?.connected)
        child = fork(fileURLToPath(import.meta.url), {
          env: { ...process.env, SPW_MUTANTS_CHILD: '1' },
        })
      const own = child
      const ended = failed => {
        clearTimeout(timer)
        own.removeAllListeners()
        own.kill('SIGKILL')
        child = undefined
        settle({ ok: false, failed: [failed] })
      }
      const timer = setTimeout(() => ended(`no end within ${limit} s`), 1000 * limit)
      own.once('exit', () => ended('the process of the tests ended'))
      own.once('message', answer => {
        clearTimeout(timer)
        own.removeAllListeners()
        settle(answer)
      })
      own.send(fault)
    })
  return { tried, close: () => child?.kill('SIGKILL') }
}

/** room → [noticed, tried] */
function counted(shares, room, noticed) {
  const [before, tried] = shares.get(room) ?? [0, 0]
  shares.set(room, [before + (noticed ? 1 : 0), tried + 1])
}

const percent = ([noticed, tried]) =>
  `${noticed} of ${tried}, ${((100 * noticed) / tried).toFixed(1)} %`

async function main() {
  const began = performance.now()
  const left = () => Number(asked.seconds) - (performance.now() - began) / 1000
  const chosen = allFaults().filter(({ room, file }) => `${room} ${file}`.includes(asked.only))
  const order = Number.isFinite(left()) ? shuffled(chosen, Number(asked.seed)) : chosen
  const child = openChild()
  // continuous integration has just run all of them
  const tests = Number.isFinite(left()) ? [] : [...new Set(order.flatMap(fault => fault.tests))]
  const { ok, failed } =
    tests.length === 0 ? { ok: true } : await child.tried({ file: '', tests }, 1200)
  if (!ok) {
    console.log(`without any fault these tests do not pass: ${failed.join(', ')}`)
    process.exit(1)
  }
  const shares = new Map()
  for (const fault of order) {
    if (left() <= 0) break
    const { ok: survived } = await child.tried(fault, longest)
    counted(shares, fault.room, !survived)
    if (survived) console.log(`survived: ${fault.file}\n  - ${fault.text}\n  + ${fault.to}`)
  }
  child.close()
  for (const [room, share] of shares) console.log(`${room}: ${percent(share)} noticed`)
  const low = [...shares.values()].some(([noticed, tried]) => noticed < leastKilled * tried)
  // a random part is too small to judge each room by itself
  const all = [...shares.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
  console.log(`${all[1]} of ${chosen.length} faults: ${percent(all)} noticed`)
  process.exit((tests.length > 0 ? low : all[0] < leastKilled * all[1]) ? 1 : 0)
}

if (process.env.SPW_MUTANTS_CHILD) await answerFaults()
else if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
