// The text room on a run just trained: what it writes is what `spw sample` writes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SampleResult } from '../../src-worker/contract/playground'
import { type App, openApp, skipReason } from './harness'
import { room, spw, trained } from './playgrounds'

describe.skipIf(skipReason !== '')('text', () => {
  let app: App
  let snapshot = ''
  beforeAll(async () => {
    app = await openApp()
    snapshot = (await trained(app, 'autoregressive')).at(-1)?.path ?? ''
    await room(app, 'text', snapshot)
    await app.page.getByRole('heading', { name: 'Talk to the prompted model' }).waitFor()
  }, 300_000)
  afterAll(() => app?.close())

  const answer = (name: string) => app.page.getByRole('region', { name, exact: true })
  const written = async (name: string) => {
    await expect
      .poll(() => answer(name).getAttribute('aria-busy'), { timeout: 60_000 })
      .toBe('false')
    return answer(name).locator('.written').first().textContent()
  }

  test('both sides, streamed, equal to the command line', async () => {
    const { page } = app
    await page.getByRole('textbox', { name: 'Prompt' }).fill('The old man said')
    await page.getByRole('textbox', { name: 'Length' }).fill('24')
    await page.getByRole('textbox', { name: 'Seed' }).fill('5')
    await page.getByRole('textbox', { name: 'Seed' }).press('Tab')
    await page.getByRole('button', { name: 'Write', exact: true }).click()
    await answer('Without').waitFor()
    await answer('With the soft prompt').locator('.token').first().waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Text', exact: true }).click()

    const common = ['--prompt', 'The old man said', '--max-tokens', '24', '--seed', '5']
    type Answer = { samples: SampleResult['samples'] }
    const prompted = await spw<Answer>(app, 'sample', '--snapshot', snapshot, ...common)
    const bare = await spw<Answer>(app, 'sample', '--model', 'workbench-demo-base', ...common)
    expect(await written('With the soft prompt')).toBe(prompted.samples[0]?.text)
    expect(await written('Without')).toBe(bare.samples[0]?.text)
    expect(prompted.samples[0]?.text).not.toBe(bare.samples[0]?.text)
    await app.screenshot('text')
  })

  test('alternatives of a token by keyboard', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Tokens', exact: true }).click()
    const tokens = answer('With the soft prompt').locator('.token')
    await tokens.first().focus()
    await page.keyboard.press('ArrowRight')
    await expect
      .poll(() => tokens.nth(1).evaluate(e => e === e.ownerDocument.activeElement))
      .toBe(true)
    await answer('With the soft prompt').getByRole('status').getByText('%').first().waitFor()
  })

  test('the chip goes where the caret is, and the history brings a question back', async () => {
    const { page } = app
    const prompt = page.getByRole('textbox', { name: 'Prompt' })
    await prompt.fill('ab')
    await prompt.press('Home')
    await prompt.press('ArrowRight')
    await page.getByRole('button', { name: 'Caret', exact: true }).click()
    expect(await page.locator('.preview').innerText()).toMatch(/a\s*soft prompt ×4\s*b/)
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByRole('region', { name: 'History' }).getByText('The old man said').click()
    expect(await prompt.inputValue()).toBe('The old man said')
  })

  test('one of the paper’s prompts is a click away, and writing can be stopped', async () => {
    const { page } = app
    await page.getByRole('button', { name: 'Paper’s prompts…' }).click()
    const dialog = page.getByRole('dialog')
    const first = dialog.locator('.choice').first()
    const words = await first.getAttribute('title')
    await first.click()
    expect(await page.getByRole('textbox', { name: 'Prompt' }).inputValue()).toBe(words)
    await page.getByRole('textbox', { name: 'Length' }).fill('400')
    await page.getByRole('textbox', { name: 'Samples' }).fill('64')
    await page.getByRole('textbox', { name: 'Samples' }).press('Tab')
    await page.getByRole('button', { name: 'Write 64 samples' }).click()
    await answer('With the soft prompt').locator('.token').nth(3).waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await expect
      .poll(() => answer('Without').getAttribute('aria-busy'), { timeout: 30_000 })
      .toBe('false')
    expect(await answer('With the soft prompt').locator('.token').count()).toBeLessThan(64 * 400)
  })

  test('the window is loaded anew and the draft is still there', async () => {
    const { page } = app
    const prompt = page.getByRole('textbox', { name: 'Prompt' })
    await prompt.fill('It was a dark night')
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await page.reload()
    await expect.poll(() => prompt.inputValue()).toBe('It was a dark night')
    expect(await page.getByRole('textbox', { name: 'Length' }).inputValue()).toBe('400')
    expect(await page.locator('.preview').innerText()).toMatch(/night\s*soft prompt ×4/)
  })

  test('models are unloaded when asked, and nothing was logged', async () => {
    await app.page.getByRole('button', { name: 'Unload' }).click()
    await app.page.getByText('Models unloaded.').waitFor()
    await expect.poll(() => app.page.getByText('In memory:').count()).toBe(0)
    expect(app.problems).toEqual([])
  })
})
