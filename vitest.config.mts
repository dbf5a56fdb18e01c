// Unit and golden tests. End-to-end tests have their own configuration: tests/e2e/vitest.config.mts.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { threadEntriesForTests } from './tests/setup/bundle.mjs'

export default defineConfig({
  plugins: [vue(), threadEntriesForTests()],
  test: {
    pool: 'forks',
    maxWorkers: 2,
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/e2e/**', 'node_modules/**'],
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
  },
})
