// The page of a run reads it in bits: its control is trained, both are measured, and the control stands beside its behaviour.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { ask, e2e } from './harness'
import { demoSpec, startRun, untilState } from './runs'
import { address } from './window'

vi.setConfig({ testTimeout: 240_000 })

e2e(
  'a control is trained, cancelled, trained again and measured from the page of its run',
  async ({ page, home }) => {
    const path = join(home, 'pairs.jsonl')
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`)
    const pairs = words.map(word => ({
      prompt: `${word} ->`,
      completion: ` ${word.toUpperCase()}`,
    }))
    writeFileSync(path, pairs.map(pair => JSON.stringify(pair)).join('\n'))
    const spec = { ...demoSpec(60), experiment: { kind: 'custom' as const }, data: { path } }
    const id = await startRun(page, spec)
    await untilState(page, id, ['done'])
    await address(page, `#/runs/${id}`)
    await page.getByRole('tab', { name: 'Specification' }).click()
    const panel = page.getByRole('region', { name: 'In bits' })
    await panel.getByText('Not measured yet.').waitFor()
    const begin = panel.getByRole('button', { name: 'Train a control and measure' })
    await begin.click()
    await panel.getByRole('progressbar').waitFor()
    await panel.getByText(/^control: /).waitFor()
    await panel.getByRole('button', { name: 'Cancel' }).click()
    await begin.waitFor()
    expect((await ask(page, 'run', { id })).bits).toBeNull()

    await begin.click()
    await panel
      .getByRole('row', { name: 'Figure this run its control beyond the control' })
      .waitFor()
    const { bits } = await ask(page, 'run', { id })
    const control = await ask(page, 'run', { id: bits?.control ?? '' })
    expect(control.summary).toMatchObject({
      behaviour: 'control of own behaviour',
      state: { kind: 'done' },
    })
    expect(bits?.verdict.kind).not.toBe('no-control')
    await panel.getByRole('link', { name: 'Its control' }).waitFor()

    await address(page, '#/analysis')
    const legend = page.getByText(/, control$/)
    await legend.first().waitFor()
    expect(await page.getByRole('columnheader', { name: /control/ }).count()).toBe(0)
  },
)
