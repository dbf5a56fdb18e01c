// Time travel: at each of three checkpoints the room says what `spw sample` says of that
// checkpoint.
import { expect, vi } from 'vitest'
import type { SampleResult } from '../../src-worker/contract/playground'
import { e2e } from './harness'
import { room, spw, trained } from './playgrounds'

vi.setConfig({ testTimeout: 420_000 })

e2e('the same question at three checkpoints', async app => {
  const { page } = app
  const stops = await trained(app, 'autoregressive')
  await room(app, 'text', stops[0]?.path ?? '')
  await page.getByText('step 2', { exact: false }).first().waitFor()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Once upon a time')
  await page.getByRole('textbox', { name: 'Length' }).fill('20')
  await page.getByRole('textbox', { name: 'Length' }).press('Tab')
  await page.getByRole('button', { name: 'Write', exact: true }).click()
  await page.getByRole('button', { name: 'Text', exact: true }).click()

  const region = page.getByRole('region', { name: 'With the soft prompt', exact: true })
  const common = ['--prompt', 'Once upon a time', '--max-tokens', '20', '--seed', '0']
  for (const [i, stop] of stops.entries()) {
    // moving on asks again by itself, with the same seed
    if (i > 0) await page.getByRole('button', { name: 'Later checkpoint' }).click()
    type Answer = { samples: SampleResult['samples'] }
    const shown = await spw<Answer>(app, 'sample', '--snapshot', stop.path, ...common)
    await expect
      .poll(() => region.locator('.written').first().textContent(), { timeout: 60_000 })
      .toBe(shown.samples[0]?.text)
    await page.getByText(`step ${stop.step}`, { exact: false }).first().waitFor()
  }
  await page.getByRole('button', { name: 'Changes', exact: true }).click()
  await app.screenshot('time-travel')
})
