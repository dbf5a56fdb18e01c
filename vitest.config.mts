// Unit and golden tests. End-to-end tests have their own configuration: tests/e2e/vitest.config.mts.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { threadEntriesForTests } from './tests/setup/bundle.mjs'

export default defineConfig({
  plugins: [vue(), threadEntriesForTests()],
  test: {
    pool: 'forks',
    maxWorkers: 3,
    // one thread each: threads beyond the cores would only wait for each other, and one worker often waits for a server
    env: { SPW_THREADS: process.env.SPW_THREADS ?? '1' },
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/e2e/**', 'node_modules/**'],
    // a shared machine: generous limits, and in continuous integration what fails twice has failed
    testTimeout: 120_000,
    hookTimeout: 60_000,
    retry: process.env.CI ? 1 : 0,
    expect: { poll: { timeout: 20_000, interval: 50 } },
  },
})
