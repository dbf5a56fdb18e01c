// Finding and going on: the palette, the draft of New over a restart, names, a failed run's first button, the top of a page.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { findings } from './axe'
import { ask, openApp, skipReason } from './harness'
import { demoSpec, startRun, untilState } from './runs'
import { address, resize, visit } from './window'

vi.setConfig({ testTimeout: 420_000 })

test.skipIf(skipReason !== '')(
  'what was set up and done is found again after a restart',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'spw-finding-'))
    let app = await openApp({ home })
    try {
      let { page } = app
      await resize(app, [1024, 700])
      const run = await startRun(page, { ...demoSpec(2), name: 'first of all' })
      await untilState(page, run, ['done'])
      const broken = await startRun(page, {
        ...demoSpec(3),
        data: { path: 'demo', testPath: join(home, 'nowhere.jsonl') },
      }).catch(() => '')

      await visit(page, 'New')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('my own name')
      await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('7')
      await page.getByRole('textbox', { name: 'Steps', exact: true }).press('Tab')
      await app.screenshot('new-1024')
      expect(await findings(app)).toEqual([])

      // a page begins at its top
      const main = page.locator('#main')
      await main.evaluate(element =>
        (element as unknown as { scrollTo(x: number, y: number): void }).scrollTo(0, 400),
      )
      await visit(page, 'Settings')
      await expect
        .poll(() =>
          main.evaluate(element => (element as unknown as { scrollTop: number }).scrollTop),
        )
        .toBe(0)

      await page.keyboard.press('Control+k')
      const query = page.getByRole('textbox', { name: 'Find a command' })
      await query.fill('frst all')
      await page
        .getByRole('option', { name: /first of all/ })
        .first()
        .waitFor()
      await app.screenshot('palette-1024')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'first of all' }).waitFor()
      expect(
        await page.getByRole('link', { name: 'Write with it' }).getAttribute('class'),
      ).toContain('primary')
      // an action of the screen, one of its menu, a section of the settings, a model, data: all by a few letters
      const find = async (letters: string, name: RegExp) => {
        await page.keyboard.press('Control+k')
        await query.fill(letters)
        await page.getByRole('option', { name }).first().waitFor()
        await page.keyboard.press('Enter')
      }
      await find('specif', /^This screen\s*Specification/)
      await page.getByRole('tab', { name: 'Specification', selected: true }).waitFor()
      await find('nme note', /^This run\s*Name, note, colour/)
      await page.getByRole('dialog').getByRole('textbox', { name: 'Note' }).waitFor()
      await page.keyboard.press('Escape')
      await find('diagnost', /^Settings\s*Versions and log/)
      await expect
        .poll(() => main.evaluate(element => (element as { scrollTop?: number }).scrollTop ?? 0))
        .toBeGreaterThan(0)
      await page.getByRole('heading', { name: 'Versions and log' }).waitFor()
      await find('demo-twin', /^Model\s*New experiment with workbench-demo-twin/)
      await page.getByRole('checkbox', { name: /workbench-demo-twin/, checked: true }).waitFor()
      await find('new experiment on', /^Data\s*New experiment on/)
      await find('first of', /^Run\s*first of all/)
      if (broken) {
        await expect
          .poll(async () => (await ask(page, 'run', { id: broken })).summary.state.kind)
          .toBe('failed')
        await address(page, `#/runs/${broken}`)
        await page.getByRole('button', { name: 'Change and start again' }).waitFor()
        await app.screenshot('run-failed-1024')
      }
      await app.close()

      app = await openApp({ home })
      page = app.page
      await visit(page, 'New')
      const name = page.getByRole('textbox', { name: 'Name', exact: true })
      await expect.poll(() => name.inputValue()).toBe('my own name')
      expect(await page.getByRole('textbox', { name: 'Steps', exact: true }).inputValue()).toBe('7')
      await page.keyboard.press('Control+k')
      await page.getByRole('option').first().getByText('first of all').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Start 1 run' }).click()
      await page.getByRole('heading', { level: 1, name: 'my own name' }).waitFor()
      expect(app.problems).toEqual([])
    } finally {
      await app.close().catch(() => undefined)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    }
  },
)
