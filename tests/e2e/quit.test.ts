// Closing the window while a run trains: keep running hidden, checkpoint and quit, or cancel.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ElectronApplication } from 'playwright-core'
import { expect } from 'vitest'
import { e2e, executable, root } from './harness'
import { demoSpec, startRun, untilStep } from './runs'

/** Answer the next questions with this button, and count them. */
const answerWith = (electron: ElectronApplication, response: number): Promise<void> =>
  electron.evaluate(({ dialog }, button) => {
    const shared = globalThis as unknown as { questions: number }
    shared.questions ??= 0
    dialog.showMessageBox = (async () => {
      shared.questions++
      return { response: button, checkboxChecked: false }
    }) as typeof dialog.showMessageBox
  }, response)

const questions = (electron: ElectronApplication): Promise<number> =>
  electron.evaluate(() => (globalThis as unknown as { questions: number }).questions)

const closeWindow = (electron: ElectronApplication): Promise<void> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())

const visible = (electron: ElectronApplication): Promise<boolean | undefined> =>
  electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())

/** The run can be resumed. */
function expectSaved(home: string, id: string): void {
  const folder = join(home, 'runs', id)
  expect(readdirSync(join(folder, 'checkpoints')).length).toBeGreaterThan(0)
  const { state } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))
  expect(['queued', 'paused', 'stopped']).toContain(state.kind)
}

e2e('closing while a run trains asks first', async ({ page, electron, home }) => {
  const id = await startRun(page, demoSpec(20_000))
  await untilStep(page, id, 2)

  // cancel: nothing happens
  await answerWith(electron, 2)
  await closeWindow(electron)
  await expect.poll(() => questions(electron), { timeout: 10_000 }).toBe(1)
  expect(await visible(electron)).toBe(true)

  // keep running hidden; a second start shows the window again
  await answerWith(electron, 0)
  await closeWindow(electron)
  await expect.poll(() => visible(electron), { timeout: 10_000 }).toBe(false)
  const { step } = await untilStep(page, id, 3)
  await untilStep(page, id, step + 1)
  const second = spawnSync(executable(), ['--no-sandbox', root], {
    env: { ...process.env, SPW_HOME: home },
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect(second.stdout).toContain('running already')
  await expect.poll(() => visible(electron), { timeout: 10_000 }).toBe(true)

  // checkpoint and quit
  const ended = once(electron.process(), 'exit')
  await answerWith(electron, 1)
  await closeWindow(electron)
  expect(await ended).toEqual([0, null])
  expectSaved(home, id)
})

e2e('a signal of the system is not answered with a question', async ({ page, electron, home }) => {
  const id = await startRun(page, demoSpec(20_000))
  await untilStep(page, id, 2)
  const ended = once(electron.process(), 'exit')
  electron.process().kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expectSaved(home, id)
})
