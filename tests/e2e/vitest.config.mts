// End-to-end tests: two windows at a time, each on its own screen, in the built app. `npm test` builds it and starts the screens;
// by hand: npm run build && xvfb-run -a npx vitest run --config tests/e2e/vitest.config.mts [file]
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    setupFiles: ['tests/setup/clean-up.ts'],
    maxWorkers: Number(process.env.SPW_E2E_WINDOWS ?? 1),
    // the window needs a core of its own
    env: { SPW_THREADS: process.env.SPW_THREADS ?? '1' },
    include: ['tests/e2e/**/*.test.ts'],
    // the packed app is made by `npm run package` and tried where it is: SPW_PACKED=FOLDER
    exclude: process.env.SPW_PACKED ? [] : ['tests/e2e/packed.test.ts'],
    testTimeout: 300_000,
    expect: { poll: { timeout: 20_000, interval: 50 } },
    hookTimeout: 300_000,
    retry: process.env.CI ? 1 : 0,
  },
})
