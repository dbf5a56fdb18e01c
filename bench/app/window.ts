// A home for a while, the app on it, and getting about in its window.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type App, openApp } from '../../tests/e2e/open-app'
import { atLeast, atMost, type Figure, figure } from './figure'
import type { Frames } from './page'
import { tree } from './processes'

export const wait = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

export async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'spw-bench-'))
  try {
    return await work(home)
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

export async function inApp<T>(home: string, work: (app: App) => Promise<T>): Promise<T> {
  const app = await openApp({ home })
  try {
    await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setContentSize(1360, 880),
    )
    return await work(app)
  } finally {
    await app.close()
  }
}

export const pidsOf = (app: App): readonly number[] => tree(app.electron.process().pid ?? 0)

export async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate(to => {
    const g = globalThis as unknown as { location: { hash: string } }
    g.location.hash = to
  }, hash)
}

export const frameFigures = (what: string, frames: Frames): readonly Figure[] => [
  figure(`${what}: frames a second`, frames.perSecond, '/s', atLeast(50)),
  figure(`${what}: median frame`, frames.median, 'ms', atMost(20)),
  figure(`${what}: 95 % of frames below`, frames.p95, 'ms'),
  figure(`${what}: frames over 20 ms`, 100 * frames.late, '%'),
  figure(`${what}: longest frame`, frames.longest, 'ms'),
]
