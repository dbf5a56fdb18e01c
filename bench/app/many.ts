// The app with many runs: charts of ten that grow, of two hundred, and a table of thousands.
import type { Page } from 'playwright-core'
import type { Answer, Bridge } from '../../src-worker/contract/desktop'
import type { MetricSummary } from '../../src-worker/contract/run'
import { appendMetrics, summarised } from '../../src-worker/train/metrics-file'
import { ask } from '../../tests/e2e/open-app'
import { atLeast, atMost, type Figure, figure } from './figure'
import { putRuns, putState, type SyntheticRun } from './fill'
import { clickUntilChart, framesOf, type PageWindow } from './page'
import { processorSeconds } from './processes'
import { frameFigures, go, inApp, inHome, pidsOf, wait } from './window'

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
      const [now, isDue] = [step, beat++ % 10 === 0]
      if (isDue)
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

/** Asked and counted in the page: what crosses into this process would be measured too. */
const listRuns = (page: Page): Promise<{ readonly count: number; readonly milliseconds: number }> =>
  page.evaluate(async () => {
    const { performance, workbench } = globalThis as unknown as PageWindow & { workbench: Bridge }
    const start = performance.now()
    const answer = (await workbench.call('runs', {})) as Answer
    const count = answer.ok ? (answer.value as readonly unknown[]).length : 0
    return { count, milliseconds: performance.now() - start }
  })

/** Thousands of runs listed, some of them living. */
export const table = (): Promise<readonly Figure[]> =>
  inHome(async home => {
    const count = 3000
    await putRuns(home, count - 10, 40)
    const living = await putRuns(home, 10, 40, 'training', 10_000)
    return inApp(home, async app => {
      const { page } = app
      await ask(page, 'engineInfo', {})
      const listed = await listRuns(page)
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
          sent: number
          workbench: { on(name: string, f: (data: unknown) => void): void }
        }
        g.sent = 0
        g.workbench.on('runsChanged', data => {
          g.sent += JSON.stringify(data).length
        })
      })
      const frames = await framesOf(page, 8, 40)
      const sent = await page.evaluate(() => (globalThis as unknown as { sent: number }).sent)
      await writer.stop()
      return [
        figure(`${count} runs: listed`, listed.count, 'runs', atLeast(count)),
        figure(`${count} runs: list answered`, listed.milliseconds, 'ms'),
        figure(`${count} runs: processor while 10 live but nothing changes`, idle, '% of a core'),
        ...frameFigures(`${count} runs, scrolling, 10 live`, frames),
        figure(`${count} runs: runsChanged while 10 live`, sent / 8 / 1024, 'KiB/s'),
      ]
    })
  })
