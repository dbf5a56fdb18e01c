// `npm test`: build, unit and golden tests, end-to-end tests in real Electron; one total at the end.
// Arguments are passed on to vitest as file filters: npm test -- tests/graph
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureElectronRuns, startVirtualScreen } from './display.mjs'
import { electronRuntime } from './electron-runtime.mjs'
import { root } from './node-modules.mjs'

const filters = process.argv.slice(2)
const reports = join(root, '.cache/test-reports')

/**
 * Run one vitest configuration. @param shown at once, or when it has ended
 * @returns how many passed, failed and were skipped
 */
async function vitest(name, config, { env = {}, atOnce = true } = {}) {
  const report = join(reports, `${name}.json`)
  rmSync(report, { force: true })
  if (atOnce) heading(name)
  const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = ['run', '--config', config, '--passWithNoTests', ...outputs, ...filters]
  const { status, written } = await node(['node_modules/vitest/vitest.mjs', ...args], env, atOnce)
  if (!atOnce) {
    heading(name)
    process.stdout.write(written)
  }
  const counts = existsSync(report) ? countsOf(JSON.parse(readFileSync(report, 'utf8'))) : zero
  // a file that does not load, or a crash, fails no single test: count it, so that it cannot go unseen
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

const heading = name => console.log(`\n── ${name} ──`)

/** A program of Node's. @returns its exit code, and what it wrote where that is not shown at once */
function node(args, env = {}, atOnce = false) {
  return new Promise(resolve => {
    const stdio = atOnce ? 'inherit' : ['ignore', 'pipe', 'pipe']
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio,
      env: { ...process.env, ...env },
    })
    const chunks = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', data => chunks.push(data))
    child.once('close', status => resolve({ status, written: Buffer.concat(chunks) }))
  })
}

const zero = { passed: 0, failed: 0, skipped: 0 }
const countsOf = report => ({
  passed: report.numPassedTests,
  failed: report.numFailedTests,
  skipped: report.numPendingTests + (report.numTodoTests ?? 0),
})
const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** Something that is right or wrong as a whole, counted as one test. What it writes is shown when it has ended. */
async function check(name, args) {
  const { status, written } = await node(args)
  heading(name)
  process.stdout.write(written)
  console.log(status === 0 ? `${name}: right` : `${name} FAILED: counted as one failed test`)
  return status === 0 ? { ...zero, passed: 1 } : { ...zero, failed: 1 }
}

const bin = path => join('node_modules', path)
const build = () =>
  check('build', [bin('electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'])
/** Continuous integration looks at style and types too. */
const style = () => [
  check('lint', [bin('@biomejs/biome/bin/biome'), 'check', '.']),
  // in a quarter of the time that TypeScript 5 takes, which vue-tsc still needs
  check('types', [bin('typescript-7/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']),
  check('types of the window', [
    bin('vue-tsc/bin/vue-tsc.js'),
    '--noEmit',
    '-p',
    'tsconfig.renderer.json',
  ]),
]

/** Small faults put into the sources (SPW_MUTANTS=1): a part of them, another one for each revision. */
const mutants = () => {
  const { stdout } = spawnSync('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: root })
  const seed = String(Number.parseInt(String(stdout), 16) || 1)
  return check('mutants', ['tests/mutants/run.mjs', '--seconds', '90', '--seed', seed])
}

/** End-to-end tests need an Electron and a screen; without them they are skipped, and say why. */
async function endToEnd() {
  const config = 'tests/e2e/vitest.config.mts'
  try {
    const { executable } = electronRuntime()
    const reason = ensureElectronRuns(executable, true)
    if (reason !== undefined) throw new Error(reason)
    // two windows at once: one often waits
    const screens =
      process.platform === 'linux'
        ? await Promise.all([startVirtualScreen(), startVirtualScreen()])
        : []
    const displays = screens.map(({ display }) => display)
    const env = {
      SPW_E2E_ELECTRON: executable,
      SPW_E2E_WINDOWS: String(Math.max(1, screens.length)),
      ...(displays.length > 0 && { DISPLAY: displays[0], SPW_E2E_DISPLAYS: displays.join(' ') }),
    }
    try {
      return await vitest('end to end', config, { env, atOnce: false })
    } finally {
      for (const screen of screens) screen.stop()
    }
  } catch (error) {
    console.log(`End-to-end tests are skipped: ${error.message}`)
    return vitest('end to end', config, { env: { SPW_E2E_SKIP: error.message }, atOnce: false })
  }
}

mkdirSync(reports, { recursive: true })
// none needs another's result, and each computes in one thread; the tests go into windows of what was built
const checks = process.env.CI ? style() : []
const built = await build()
const total = [
  built,
  // the windows often wait, and the unit tests have the time meanwhile
  ...(await Promise.all([vitest('unit and golden', 'vitest.config.mts'), endToEnd(), ...checks])),
  ...(process.env.SPW_MUTANTS ? [await mutants()] : []),
].reduce(add)
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exit(total.failed > 0 ? 1 : 0)
