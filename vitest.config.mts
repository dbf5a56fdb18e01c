// Unit and golden tests. End-to-end tests have their own configuration: tests/e2e/vitest.config.mts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { threadEntriesForTests } from './tests/setup/bundle.mjs'

const all = ['tests/**/*.test.ts']
/** Replaced modules, clocks, variables, and what an import adds would be seen by files that follow in the same worker. */
const changes = new RegExp(
  [
    /vi\.(mock|doMock|stub|spyOn|useFakeTimers|setSystemTime)|@vitest-environment/,
    /process\.env\.\w+ = |process\.chdir/,
    /^import '\./,
  ]
    .map(({ source }) => source)
    .join('|'),
  'm',
)
const rooms = readdirSync('tests', { withFileTypes: true }).filter(each => each.isDirectory())
/**
 * Files that change nothing which others see share what a worker has loaded, which is most of their time.
 * Apart are also the window's, each of which makes a page of its own.
 */
const together = rooms
  .filter(({ name }) => name !== 'renderer' && name !== 'e2e')
  .flatMap(({ name }) =>
    readdirSync(join('tests', name), { recursive: true, encoding: 'utf8' }).map(
      file => `tests/${name}/${file}`,
    ),
  )
  .filter(file => file.endsWith('.test.ts') && !changes.test(readFileSync(file, 'utf8')))
const elsewhere = ['tests/e2e/**', 'node_modules/**']
const projects = [
  {
    extends: true as const,
    test: { name: 'together', include: together, exclude: elsewhere, isolate: false },
  },
  {
    extends: true as const,
    test: { name: 'apart', include: all, exclude: [...elsewhere, ...together] },
  },
]

/** Begin with what takes longest, or nobody else has work when it ends: those that wait for servers, and trainings. */
const first = [
  ...['cluster/slurm', 'train/resume', 'hostile/files', 'cli/commands'],
  ...['workbench/answer-stopped', 'program/families', 'behaviours/custom/float64', 'machines/ssh'],
  ...['fuzz/fuzz', 'serve/clients', 'train/family-defaults', 'golden/reference'],
].map(name => `tests/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = first.findIndex(name => moduleId.endsWith(name))
      return at < 0 ? first.length : at
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  plugins: [vue(), threadEntriesForTests()],
  test: {
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    setupFiles: ['tests/setup/clean-up.ts'],
    maxWorkers: 3,
    // one thread each: threads beyond the cores would only wait for each other, and one worker often waits for a server
    env: { SPW_THREADS: process.env.SPW_THREADS ?? '1' },
    // `npm run mutants` puts its faults in by a plugin, which projects do not get
    ...(process.env.SPW_MUTANTS_CHILD ? { include: all, exclude: elsewhere } : { projects }),
    // a shared machine: generous limits, and in continuous integration what fails twice has failed
    testTimeout: 300_000,
    hookTimeout: 180_000,
    retry: process.env.CI ? 1 : 0,
    expect: { poll: { timeout: 20_000, interval: 50 } },
  },
})
