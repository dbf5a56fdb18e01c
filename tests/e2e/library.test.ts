// The library: a dataset added and looked into, a model folder added and refused, a model from a stand-in of the hub.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findings } from './axe'
import { ask, e2e, inOneApp, root } from './harness'
import { openHub } from './hub'
import { chooseNext, visit } from './window'

const together = inOneApp()

const demo = join(root, 'resources/models/workbench-demo-base')

together('a dataset is added, read, taken off the list and put back', async app => {
  const { page, home } = app
  const file = join(home, 'three.jsonl')
  const lines = ['<b>bold</b> is text', 'second', 'third'].map(text => JSON.stringify({ text }))
  writeFileSync(file, lines.join('\n'))
  await visit(page, 'Library')
  await page.getByRole('tab', { name: /Datasets/ }).click()
  await chooseNext(app, file)
  await page.getByRole('button', { name: 'Choose file…' }).click()
  // text of a dataset is shown as text
  await page.getByText('<b>bold</b> is text').waitFor()
  // its documents are counted in the background
  await page.getByRole('row', { name: /^three\.jsonl text 3 / }).waitFor()
  await page.getByRole('button', { name: 'Actions for three.jsonl' }).click()
  await page.getByRole('menuitem', { name: 'Take off the list' }).click()
  const has = async () => (await ask(page, 'datasets', {})).some(d => d.path === file)
  await expect.poll(has).toBe(false)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(has).toBe(true)
})

together('a model folder is added; one that does not fit says why', async app => {
  const { page, home } = app
  const good = join(home, 'good')
  cpSync(demo, good, { recursive: true, dereference: true })
  const bad = join(home, 'bad')
  mkdirSync(bad)
  writeFileSync(join(bad, 'config.json'), '{"model_type": "bert"}')
  await visit(page, 'Library')
  await chooseNext(app, good)
  await page.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByRole('button', { name: /^Actions for .*good/ }).waitFor()
  await chooseNext(app, bad)
  await page.getByRole('button', { name: 'Choose folder…' }).click()
  await page.getByText(/bert/).first().waitFor()
})

together(
  'a model comes from the hub, only its needed files, over a connection that drops',
  async app => {
    const { page } = app
    const hub = await openHub(demo, { dropAfter: 4_000_000 })
    try {
      await ask(page, 'saveSettings', {
        ...(await ask(page, 'settings', {})),
        hubEndpoint: hub.endpoint,
      })
      await visit(page, 'Library')
      // found by a part of its name and chosen by keyboard; what cannot be run says why
      await page.getByRole('textbox', { name: 'Model name or id' }).fill('tiny')
      await page.getByText('cannot be used: architecture mamba').waitFor()
      await app.screenshot('library-hub')
      expect(await findings(app)).toEqual([])
      await page.getByRole('textbox', { name: 'Model name or id' }).press('ArrowDown')
      await page.getByRole('textbox', { name: 'Model name or id' }).press('Enter')
      await page.getByRole('region', { name: 'Files of org/tiny', exact: true }).waitFor()
      await page.getByRole('button', { name: /^Download/ }).click()
      await expect
        .poll(async () => (await ask(page, 'downloads', {}))[0]?.state, { timeout: 90_000 })
        .toBe('done')
      await page.getByRole('button', { name: /^Actions for org\/tiny/ }).waitFor()
      expect(hub.asked.some(line => line.includes('bytes='))).toBe(true)
      expect(hub.asked.some(line => line.includes('pytorch_model.bin'))).toBe(false)
      await app.screenshot('library')
    } finally {
      hub.close()
    }
  },
)

e2e('a wrong checksum is refused, with its fault on the download', async app => {
  const { page } = app
  const hub = await openHub(demo, { wrongChecksum: true })
  try {
    await ask(page, 'saveSettings', {
      ...(await ask(page, 'settings', {})),
      hubEndpoint: hub.endpoint,
    })
    await visit(page, 'Library')
    await page.getByRole('textbox', { name: 'Model name or id' }).fill('org/tiny')
    await page.getByRole('option', { name: /^org\/tiny 3.4 M/ }).click()
    await page.getByRole('button', { name: /^Download/ }).click()
    await page.getByText('failed', { exact: true }).waitFor({ timeout: 90_000 })
    expect((await ask(page, 'models', {})).some(m => m.id === 'org/tiny')).toBe(false)
  } finally {
    hub.close()
  }
})
