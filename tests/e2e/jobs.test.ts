// Jobs of a real Slurm in the window: a sweep and an answer wait there, and are cancelled. Its nodes take no work: nothing trains.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Cluster, missingSlurm, openCluster } from '../cluster/real-slurm'
import { findings } from './axe'
import { type App, ask, openApp, skipReason } from './harness'
import { demoSpec } from './runs'
import { address, resize } from './window'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })
const why = skipReason === '' ? missingSlurm() : skipReason
if (why !== '') console.log(`No jobs of Slurm in the window: ${why}.`)

let cluster: Cluster
let app: App
beforeAll(async () => {
  if (why !== '') return
  cluster = await openCluster()
  cluster.ask('scontrol', 'update', 'nodename=n1,n2', 'state=drain', 'reason=test')
  app = await openApp({ env: cluster.env })
  await resize(app, [1280, 800])
})
afterAll(async () => {
  await app?.close()
  await cluster?.close()
})

const slurm = { partition: '', gres: '', account: '', time: '10', arrayLimit: 16, setup: '' }
const waiting = /Job \d+: \d+ PENDING \(.+\)/

/** In both themes. */
async function pictures(name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await ask(app.page, 'saveSettings', { ...(await ask(app.page, 'settings', {})), theme })
    await app.page.locator(`html[data-theme=${theme}]`).waitFor()
    await app.screenshot(`${name}-${theme}`)
    expect(await findings(app)).toEqual([])
  }
}

test.skipIf(why !== '')('a sweep that waits for a node is shown, and cancelled', async () => {
  const { page } = app
  const axes = { tokens: [1, 2], models: [], datasets: [], seeds: [1, 2], untrained: false }
  const sweep = { name: 'on the cluster', base: demoSpec(4), ...axes }
  const { id } = await ask(page, 'submitSweep', { sweep, slurm, fit: false })
  await address(page, `#/sweeps/${encodeURIComponent('on the cluster')}`)
  const panel = page.getByRole('region', { name: 'On the cluster' })
  expect(await panel.getByText(waiting).innerText()).toContain(`Job ${id}: 4 PENDING`)
  await pictures('jobs-of-a-sweep')
  await panel.getByRole('button', { name: `Cancel job ${id}` }).click()
  await panel.getByText(`Job ${id}: 4 CANCELLED`).waitFor()
  expect(await panel.getByRole('button').count()).toBe(0)
  expect(app.problems).toEqual([])
})

test.skipIf(why !== '')('an answer that waits for a node is shown, and cancelled', async () => {
  const { page } = app
  const request = {
    ...{ base: demoSpec(4), target: null, reference: '', textPrompt: '' },
    ...{ within: 4, longest: 4, budgetSeconds: null },
  }
  const { id, sweep } = await ask(page, 'submitAnswer', { request, slurm })
  await address(page, `#/answers/${encodeURIComponent(sweep)}`)
  await page.getByText(`Job ${id}: 1 PENDING`).waitFor()
  await page
    .getByRole('status')
    .getByText(/^On the cluster · 0 runs/)
    .waitFor()
  expect(await page.getByRole('button', { name: 'Go on' }).count()).toBe(0)
  await pictures('jobs-of-an-answer')
  await page.getByRole('button', { name: `Cancel job ${id}` }).click()
  await page.getByText(`Job ${id}: 1 CANCELLED`).waitFor()
  // now it may be found here
  await page.getByRole('button', { name: 'Go on' }).waitFor()
  await page
    .getByRole('status')
    .getByText(/^Stopped/)
    .waitFor()
  expect(app.problems).toEqual([])
})
