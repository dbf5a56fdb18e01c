// The app by itself: its start, what it weighs, and its frames while a real training has the processor.
import { ask } from '../../tests/e2e/open-app'
import { atLeast, atMost, type Figure, figure } from './figure'
import { framesOf, type PageWindow } from './page'
import { memoryOf, processorSeconds } from './processes'
import { frameFigures, go, inApp, inHome, pidsOf, wait } from './window'

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
        await ask(page, 'behaviours', {})
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
