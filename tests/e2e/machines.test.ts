// The window on another machine, through a real sshd on the loopback address: added, worked on, cut off, and back.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { enginesOf, missingSshd, startSshd } from '../machines/sshd'
import { ask, openApp, skipReason } from './harness'
import { visit } from './window'

const why = skipReason || missingSshd()
if (why !== '') console.log(`The window over ssh is not tried: ${why}.`)

test.skipIf(why !== '')(
  'a machine is added, used, lost and found again',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'spw-there-'))
    const there = join(home, 'spw')
    const cli = resolve('out/main/cli.js')
    writeFileSync(there, `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, { mode: 0o755 })
    writeFileSync(join(home, 'mine.jsonl'), '{"text": "a file of that machine"}\n'.repeat(50))
    const sshd = await startSshd({ SPW_HOME: home })
    const app = await openApp({ env: sshd.env }).catch(async error => {
      await sshd.close()
      throw error
    })
    const { page } = app
    page.setDefaultTimeout(20_000)
    try {
      const here = await ask(page, 'engineInfo', {})
      await visit(page, 'Settings')
      await page.getByLabel('Path of spw there').fill(there)
      await page.getByRole('button', { name: 'Add machine' }).click()
      await page.getByRole('button', { name: 'Use', exact: true }).click()
      await page.getByRole('button', { name: `Machine: ${sshd.host}` }).waitFor()
      const info = await ask(page, 'engineInfo', {})
      expect(info.home).toBe(home)
      expect(info.pid).not.toBe(here.pid)
      await app.screenshot('machine-there')

      // a file of that machine, through its folders
      await visit(page, 'Library')
      await page.getByRole('tab', { name: 'Datasets' }).click()
      await page.getByRole('button', { name: 'Choose file…' }).click()
      await page.getByRole('textbox', { name: 'Folder' }).fill(home)
      await page.getByRole('button', { name: 'Go', exact: true }).click()
      await page.getByRole('button', { name: 'mine.jsonl' }).waitFor()
      await app.screenshot('machine-files')
      await page.getByRole('button', { name: 'mine.jsonl' }).click()
      const path = join(home, 'mine.jsonl')
      const names = async () => (await ask(page, 'datasets', {})).map(entry => entry.path)
      await expect.poll(names).toContain(path)
      expect(readFileSync(join(home, 'library.json'), 'utf8')).toContain('mine.jsonl')
      // what was neither chosen nor listed stays out of the window's reach
      await expect(ask(page, 'addDataset', { path: '/etc/passwd', field: '' })).rejects.toThrow(
        'usage',
      )

      // the connection breaks: the window says so, and is back by itself, on the same engine
      sshd.cut()
      await page.getByText(`No connection to ${sshd.host}`).waitFor()
      await app.screenshot('machine-lost')
      await page.getByText(`No connection to ${sshd.host}`).waitFor({ state: 'detached' })
      expect((await ask(page, 'engineInfo', {})).pid).toBe(info.pid)

      await page.getByRole('button', { name: `Machine: ${sshd.host}` }).click()
      await page.getByRole('menuitem', { name: 'This computer' }).click()
      await page.getByRole('button', { name: 'Machine: This computer' }).waitFor()
      expect((await ask(page, 'engineInfo', {})).pid).toBe(here.pid)
      await expect(ask(page, 'listFolder', { folder: '' })).rejects.toThrow('usage')
      expect(app.problems).toEqual([])
    } finally {
      await app.close()
      for (const pid of enginesOf(cli, home)) process.kill(pid, 'SIGTERM')
      while (enginesOf(cli, home).length > 0) await sleep(50)
      await sshd.close()
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    }
  },
  180_000,
)
