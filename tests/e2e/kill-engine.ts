// What a crash of the engine does to the app.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { ask } from './harness'

/** Ends the engine's process, and waits until another is ready. @returns the process that was ended */
export async function killEngine(page: Page): Promise<number> {
  const { pid } = await ask(page, 'engineInfo', {})
  process.kill(pid, 'SIGKILL')
  for (const kind of ['crashed', 'ready'])
    await expect
      .poll(async () => (await ask(page, 'engineStateNow', {})).kind, { timeout: 20_000 })
      .toBe(kind)
  return pid
}
