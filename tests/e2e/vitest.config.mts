// End-to-end tests: one window at a time, in the built app. `npm test` builds it and gives it a screen first;
// by hand: npm run build && xvfb-run -a npx vitest run --config tests/e2e/vitest.config.mts [file]
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    fileParallelism: false,
    maxWorkers: 1,
    include: ['tests/e2e/**/*.test.ts'],
    testTimeout: 120_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
    hookTimeout: 120_000,
    retry: process.env.CI ? 1 : 0,
  },
})
