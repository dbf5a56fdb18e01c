// The measurements: each fills a home, opens the app on it and answers figures.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { MetricSummary } from '../../src-worker/contract/run'
import { appendMetrics, summarised } from '../../src-worker/train/metrics-file'
import { type App, ask, openApp } from '../../tests/e2e/open-app'
import { atLeast, atMost, type Figure, figure } from './figure'
import { putRuns, putState, type SyntheticRun } from './fill'
import { clickUntilChart, type Frames, framesOf, type PageWindow } from './page'
import { memoryOf, processorSeconds, tree } from './processes'

const wait = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'spw-bench-'))
  try {
    return await work(home)
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function inApp<T>(home: string, work: (app: App) => Promise<T>): Promise<T> {
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

const pidsOf = (app: App): readonly number[] => tree(app.electron.process().pid ?? 0)

async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate(to => {
    const g = globalThis as unknown as { location: { hash: string } }
    g.location.hash = to
  }, hash)
}

const frameFigures = (what: string, frames: Frames): readonly Figure[] => [
  figure(`${what}: frames a second`, frames.perSecond, '/s', atLeast(50)),
  figure(`${what}: median frame`, frames.median, 'ms', atMost(20)),
  figure(`${what}: 95 % of frames below`, frames.p95, 'ms'),
  figure(`${what}: frames over 20 ms`, 100 * frames.late, '%'),
  figure(`${what}: longest frame`, frames.longest, 'ms'),
]

/** Appends to each run as a training process does: lines ten times a second, its state once a second. */
function grow(runs: readonly SyntheticRun[], from: number, perSecond: number) {
  let [step, going, beat] = [from, true, 0]
  let metrics: readonly Record<string, MetricSummary>[] = runs.map(() => ({}))
  const write = async (): Promise<void> => {
    while (going) {
      const due = wait(100)
      const steps = Array.from({ length: perSecond / 10 }, (_, i) => step + i + 1)
      step += steps.length
      const lines = runs.map(run => steps.map(run.line))
      await Promise.all(runs.map((run, i) => appendMetrics(run.folder, lines[i] ?? [])))
      metrics = metrics.map((m, i) => (lines[i] ?? []).reduce(summarised, m))
      const [now, tell] = [step, beat++ % 10 === 0]
      if (tell)
        await Promise.all(runs.map((r, i) => putState(r, 'training', now, metrics[i] ?? {})))
      await due
    }
  }
  const written = write()
  return {
    stop: async (): Promise<number> => {
      going = false
      await written
      return step
    },
  }
}

/** How far the large chart's text for screen readers says that the first line reaches. */
const reach = async (page: Page): Promise<number> => {
  const text = await page.evaluate(() => {
    const w = globalThis as unknown as PageWindow
    return w.document.querySelector('[role=img]')?.getAttribute('aria-label') ?? ''
  })
  return Number(/ to \S+ at ([\d, {2}]+)/.exec(text)?.[1]?.replace(/\D/g, '') ?? 0)
}

/** Ten runs of 10⁴ points, overlaid while they grow. */
export const streaming = (): Promise<readonly Figure[]> =>
  inHome(async home => {
    const [points, perSecond, seconds] = [10_000, 50, 15]
    const runs = await putRuns(home, 10, points, 'training', 12_000)
    const writer = grow(runs, points, perSecond)
    return inApp(home, async ({ page }) => {
      const [first, ...others] = runs.map(run => run.id)
      await go(page, `#/runs/${first}?compare=${others.join(',')}`)
      await page.waitForFunction(() => {
        const w = globalThis as unknown as PageWindow
        const label = w.document.querySelector('[role=img]')?.getAttribute('aria-label') ?? ''
        return label.includes('and 4 more lines')
      })
      await wait(2000)
      const before = await reach(page)
      const frames = await framesOf(page, seconds)
      const grown = (await reach(page)) - before
      return [
        ...frameFigures('10 runs stream', frames),
        figure(
          '10 runs stream: steps drawn a second and run',
          grown / seconds,
          '/s',
          atLeast(0.8 * perSecond),
        ),
      ]
    }).finally(() => writer.stop())
  })

/** Many finished runs, chosen in the table and laid over each other. */
export const overlay = (): Promise<readonly Figure[]> =>
  inHome(async home => {
    const [count, points] = [200, 10_000]
    await putRuns(home, count, points)
    const open = (name: string, target?: Figure['target']) =>
      inApp(home, async ({ page }) => {
        await ask(page, 'engineInfo', {})
        if (name !== 'first') await wait(1000)
        const start = Date.now()
        await page
          .getByRole('navigation', { name: 'Main' })
          .getByRole('link', { name: 'Runs' })
          .click()
        await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(10).waitFor()
        const table = Date.now() - start
        await page.getByRole('grid', { name: 'Runs' }).getByRole('checkbox').first().click()
        const shown = await clickUntilChart(page, 'Compare', count)
        const what = `${count} runs × ${points}, ${name} time`
        return [
          figure(`${what}: table shown`, table, 'ms', atMost(1000)),
          figure(`${what}: chart drawn`, shown.chart, 'ms', target),
          figure(`${what}: page quiet`, shown.quiet, 'ms'),
          figure(`${what}: longest frame`, shown.longest, 'ms'),
        ]
      })
    return [
      ...(await open('first')),
      ...(await open('second', atMost(1000))),
      ...(await open('third', atMost(1000))),
    ]
  })

/** From the start of the process to a window that can be used; then what it weighs. */
export const starting = (): Promise<readonly Figure[]> =>
  inHome(async home => {
    const figures: Figure[] = []
    for (const name of ['first start', 'second start']) {
      const start = Date.now()
      const found = await inApp(home, async app => {
        const { page } = app
        await page.getByRole('heading', { level: 1 }).waitFor()
        const painted = await page.evaluate(() => {
          const { performance: p } = globalThis as unknown as {
            performance: PageWindow['performance'] & {
              getEntriesByName(name: string): readonly { readonly startTime: number }[]
            }
          }
          return p.timeOrigin + (p.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0)
        })
        await ask(page, 'experiments', {})
        const ready = Date.now()
        await wait(8000)
        const pids = pidsOf(app)
        const busy = processorSeconds(pids)
        await wait(5000)
        const memory = memoryOf(pids)
        return [
          figure(`${name}: first paint`, painted - start, 'ms', atMost(2000)),
          figure(`${name}: engine answers`, ready - start, 'ms', atMost(2000)),
          figure(
            `${name}: idle memory of ${memory.processes} processes, PSS`,
            memory.proportional,
            'MiB',
          ),
          figure(`${name}: idle memory, RSS`, memory.resident, 'MiB'),
          figure(
            `${name}: idle processor`,
            (100 * (processorSeconds(pids) - busy)) / 5,
            '% of a core',
          ),
        ]
      })
      figures.push(...found)
    }
    return figures
  })

/** A real training on all cores, its charts in sight. */
export const training = (): Promise<readonly Figure[]> =>
  inHome(home =>
    inApp(home, async ({ page }) => {
      const base = {
        experiment: { kind: 'autoregressive' as const },
        model: 'workbench-demo-base',
        data: { path: 'demo' },
        prompt: { type: 'direct' as const, tokens: 16, init: { kind: 'vocabulary' as const } },
        training: { steps: 5000, lanes: 32, length: 128, testEvery: 32, finalTestBatches: 1 },
        results: { prompts: 0, metricSamples: 0 },
        device: 'cpu',
      }
      const axes = { name: '', tokens: [], models: [], datasets: [], seeds: [], untrained: false }
      const { runs } = await ask(page, 'startSweep', { sweep: { ...axes, base }, frozen: '' })
      const id = runs[0] ?? ''
      await go(page, `#/runs/${id}`)
      const step = async () => (await ask(page, 'run', { id })).summary.step
      while ((await step()) < 3) await wait(200)
      const from = await step()
      const frames = await framesOf(page, 12)
      const steps = (await step()) - from
      await ask(page, 'stopRun', { id })
      return [
        ...frameFigures('training on all cores', frames),
        figure('training on all cores: steps meanwhile', steps, '', atLeast(1)),
      ]
    }),
  )

/** Thousands of runs listed, some of them living. */
export const table = (): Promise<readonly Figure[]> =>
  inHome(async home => {
    const count = 3000
    await putRuns(home, count - 10, 40)
    const living = await putRuns(home, 10, 40, 'training', 10_000)
    return inApp(home, async app => {
      const { page } = app
      await ask(page, 'engineInfo', {})
      const asked = Date.now()
      const listed = await ask(page, 'runs', {})
      const answered = Date.now() - asked
      await go(page, '#/runs')
      await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(10).waitFor()
      await wait(3000)
      const pids = pidsOf(app)
      const busy = processorSeconds(pids)
      await wait(6000)
      const idle = (100 * (processorSeconds(pids) - busy)) / 6
      const writer = grow(living, 40, 10)
      await page.evaluate(() => {
        const g = globalThis as unknown as {
          told: number
          workbench: { on(name: string, f: (data: unknown) => void): void }
        }
        g.told = 0
        g.workbench.on('runsChanged', data => {
          g.told += JSON.stringify(data).length
        })
      })
      const frames = await framesOf(page, 8, 40)
      const told = await page.evaluate(() => (globalThis as unknown as { told: number }).told)
      await writer.stop()
      return [
        figure(`${count} runs: listed`, listed.length, 'runs', atLeast(count)),
        figure(`${count} runs: list answered`, answered, 'ms'),
        figure(`${count} runs: processor while 10 live but nothing changes`, idle, '% of a core'),
        ...frameFigures(`${count} runs, scrolling, 10 live`, frames),
        figure(`${count} runs: runsChanged while 10 live`, told / 8 / 1024, 'KiB/s'),
      ]
    })
  })
