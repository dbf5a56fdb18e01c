// Unit and golden tests. End-to-end tests have their own configuration: tests/e2e/vitest.config.mts.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { threadEntriesForTests } from './tests/setup/bundle.mjs'

/**
 * Rooms whose tests change nothing that others see (no module is replaced, no registry added to): their files share what a
 * worker has loaded, which is most of their time.
 */
const together = [
  ...['analysis', 'answer', 'contract', 'dataset', 'golden', 'graph', 'main', 'model', 'optimizer'],
  ...['ports', 'program', 'prompt', 'sample', 'session', 'shared', 'spec', 'stream', 'train'],
  ...['verify', 'weights'],
].map(room => `tests/${room}/**/*.test.ts`)
const all = ['tests/**/*.test.ts']
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

export default defineConfig({
  plugins: [vue(), threadEntriesForTests()],
  test: {
    pool: 'forks',
    maxWorkers: 3,
    // one thread each: threads beyond the cores would only wait for each other, and one worker often waits for a server
    env: { SPW_THREADS: process.env.SPW_THREADS ?? '1' },
    // `npm run mutants` puts its faults in by a plugin, which projects do not get
    ...(process.env.SPW_MUTANTS_CHILD ? { include: all, exclude: elsewhere } : { projects }),
    // a shared machine: generous limits, and in continuous integration what fails twice has failed
    testTimeout: 120_000,
    hookTimeout: 60_000,
    retry: process.env.CI ? 1 : 0,
    expect: { poll: { timeout: 20_000, interval: 50 } },
  },
})
