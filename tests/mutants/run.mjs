// `npm run mutants`: puts small faults into the sources, one at a time and in memory only, and runs the tests concerned.
// A fault that no test notices has survived; at least 90 % must be noticed. Arguments: --only PART (of a file's path),
// --seconds N and --seed N (a random part of them, as many as fit: continuous integration), --list (survivors only).
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
const options = {
  only: { type: 'string', default: '' },
  seconds: { type: 'string', default: 'Infinity' },
  seed: { type: 'string', default: '1' },
}
const { values: asked } = parseArgs({ options })

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
/** names of the tests that failed last */
let failures = []
const mutant = {
  name: 'mutant',
  enforce: 'pre',
  transform(code, id) {
    if (active === undefined || id.split('?')[0] !== join(root, active.file)) return null
    return code.replace(active.text, () => active.to)
  },
}

async function openRunner() {
  const config = { config: join(root, 'vitest.config.mts'), root, watch: false, reporters: [{}] }
  // threads, because they end with this process, whatever a fault has made of them
  return createVitest('test', { ...config, pool: 'threads' }, { plugins: [mutant] })
}

/** A fault that makes an endless loop is of no use: such a thread cannot be stopped, so the run ends and names it. */
function watched(fault, work) {
  const timer = setTimeout(() => {
    console.log(`no end within ${longest} s: take this fault out of the list\n  + ${fault.to}`)
    process.exit(1)
  }, 1000 * longest)
  return work.finally(() => clearTimeout(timer))
}

/** Whether the tests pass with the fault in the sources. */
async function passes(runner, fault) {
  active = fault.text === undefined ? undefined : fault
  runner.invalidateFile(join(root, fault.file))
  const specs = await runner.globTestSpecifications(fault.tests)
  const { testModules, unhandledErrors } = await runner.runTestSpecifications(specs, false)
  active = undefined
  runner.invalidateFile(join(root, fault.file))
  // the runner remembers the modules of earlier runs, too
  const own = testModules.filter(module => specs.some(spec => spec.moduleId === module.moduleId))
  failures = own.flatMap(module =>
    [...module.children.allTests('failed')].map(test => test.fullName),
  )
  return unhandledErrors.length === 0 && own.length > 0 && own.every(module => module.ok())
}

async function main() {
  const began = performance.now()
  const left = () => Number(asked.seconds) - (performance.now() - began) / 1000
  const chosen = allFaults().filter(fault => fault.file.includes(asked.only))
  const order = Number.isFinite(left()) ? shuffled(chosen, Number(asked.seed)) : chosen
  const runner = await openRunner()
  // continuous integration has just run all of them
  const tests = Number.isFinite(left()) ? [] : [...new Set(order.flatMap(fault => fault.tests))]
  if (tests.length > 0 && !(await watched({}, passes(runner, { file: '', tests })))) {
    console.log(`without any fault these tests do not pass: ${failures.join(', ')}`)
    process.exit(1)
  }
  const survivors = []
  let done = 0
  for (const fault of order) {
    if (left() <= 0) break
    done++
    if (!(await watched(fault, passes(runner, fault)))) continue
    survivors.push(fault)
    console.log(`survived: ${fault.file}\n  - ${fault.text}\n  + ${fault.to}`)
  }
  await runner.close()
  const share = done === 0 ? 0 : 1 - survivors.length / done
  console.log(`${done} of ${chosen.length} faults, ${(100 * share).toFixed(1)} % noticed`)
  process.exit(share >= leastKilled ? 0 : 1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
