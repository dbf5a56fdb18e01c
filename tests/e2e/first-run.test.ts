// A first run: its chart moves, stop, resume, done, results read by keys, snapshot listed. Demos in one click: demo-then-play.
import { expect, vi } from 'vitest'
import { ask, e2e } from './harness'
import { demoSpec, startRun, untilState, untilStep } from './runs'
import { address, visit } from './window'

vi.setConfig({ testTimeout: 420_000 })
const patience = { timeout: 240_000 }

e2e('a first soft prompt trains, stops, resumes and ends in the library', async app => {
  const { page } = app
  // what a first run is on: the demo's own texts
  const base = { ...demoSpec(60), data: { path: 'demo' } }
  const results = { prompts: 4, maxTokens: 6, metricSamples: 0 }
  const id = await startRun(page, { ...base, results })
  await address(page, `#/runs/${id}`)
  await page.getByRole('heading', { level: 1, name: /autoregressive/ }).waitFor()

  // the chart's own summary names its last step; it must move on by itself
  const chart = page.getByRole('img', { name: /^Loss, nats per token against step/ })
  const lastStep = async (): Promise<number> => {
    const reported = await chart.getAttribute('aria-label')
    return Number(/train: from .* to [\d.]+ at (\d+)/.exec(reported ?? '')?.[1] ?? 0)
  }
  await expect.poll(lastStep, patience).toBeGreaterThan(2)
  const before = await lastStep()
  await expect.poll(lastStep, patience).toBeGreaterThan(before)
  await app.screenshot('first-run-training')

  await page.getByRole('button', { name: 'Stop' }).click()
  const stopped = await untilState(page, id, ['stopped'])
  await page.getByRole('button', { name: 'Resume' }).click()
  await untilStep(page, id, stopped.step + 1)
  const done = await untilState(page, id, ['done'], patience.timeout)
  expect(done.step).toBe(done.spec.training.steps)
  expect(done.restarts).toHaveLength(1)

  await page.getByRole('tab', { name: /Results [1-9]/ }).click()
  await page.getByRole('heading', { name: 'With the soft prompt' }).waitFor()
  const second = page.getByText(/^2 of \d+/)
  await page.keyboard.press('j')
  await second.waitFor()
  await page.keyboard.press('k')
  await page.getByText(/^1 of \d+/).waitFor()

  await visit(page, 'Library')
  await page.getByRole('tab', { name: /Snapshots [1-9]/ }).click()
  await page.getByText('autoregressive').first().waitFor()
  expect((await ask(page, 'snapshots', {})).map(s => s.run)).toContain(id)
})
