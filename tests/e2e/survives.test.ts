// What a run in training survives: a reload of the window, and the death of its engine.
import { expect } from 'vitest'
import type { LiveMetrics } from '../../src-worker/contract/metrics'
import { ask, e2e } from './harness'
import { killEngine } from './kill-engine'
import { demoSpec, runOf, startRun, untilState, untilStep } from './runs'

/** In the page: keep the steps that metrics events report. */
const listen = (): void => {
  const g = globalThis as unknown as {
    received: number[]
    workbench: { on(name: string, listener: (data: LiveMetrics[]) => void): void }
  }
  g.received = []
  g.workbench.on('metrics', batch => {
    for (const { lines } of batch) g.received.push(...lines.map(line => line.step))
  })
}
const received = (): number[] => (globalThis as unknown as { received: number[] }).received

e2e('a reloaded window misses no step', async ({ page }) => {
  const id = await startRun(page, demoSpec(20_000))
  await untilStep(page, id, 2)
  await page.reload()
  await page.waitForLoadState('load')
  await page.evaluate(listen)
  const query = {
    runs: [id],
    tags: ['Loss'],
    x: 'step' as const,
    points: 10_000,
    smoothing: 0,
    from: null,
    to: null,
  }
  const [series] = await ask(page, 'series', query)
  const { step } = await runOf(page, id)
  await expect
    .poll(async () => Math.max(...(await page.evaluate(received))), { timeout: 60_000 })
    .toBeGreaterThan(step + 3)
  const live = await page.evaluate(received)
  await ask(page, 'stopRun', { id })
  await untilState(page, id, ['stopped'])

  const seen = new Set([...(series?.x ?? []), ...live])
  const last = Math.max(...seen)
  const missed = Array.from({ length: last }, (_, i) => i + 1).filter(s => !seen.has(s))
  expect(missed).toEqual([])
})

e2e(
  'a run whose engine is killed is interrupted, and goes on from its checkpoint',
  async app => {
    const { page } = app
    const spec = demoSpec(20_000)
    const id = await startRun(page, { ...spec, training: { ...spec.training, checkpointEvery: 2 } })
    await untilStep(page, id, 5)
    await killEngine(page)
    const { step } = await untilState(page, id, ['interrupted'])
    await page
      .getByText(/interrupted/i)
      .first()
      .waitFor()
    await app.screenshot('interrupted')

    await ask(page, 'resumeRun', { id, steps: 0 })
    const again = await untilStep(page, id, step + 2)
    expect(again.restarts).toHaveLength(1)
    await ask(page, 'stopRun', { id })
    await untilState(page, id, ['stopped'])
    // what reached the page while the engine was gone is no problem of the page
    app.problems.length = 0
  },
  { settings: { engineHost: 'process' } },
)
