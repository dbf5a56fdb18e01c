// What is measured inside the page: frames by requestAnimationFrame, and when something is there to be seen.
import type { Page } from 'playwright-core'

export interface Frames {
  readonly perSecond: number
  /** milliseconds between two frames */
  readonly median: number
  readonly p95: number
  readonly longest: number
  /** share of frames that took more than 20 ms */
  readonly late: number
}

/** The little of the DOM that is used here; benchmarks are typed without it. */
interface PageElement {
  scrollTop: number
  readonly scrollHeight: number
  getAttribute(name: string): string | null
  click(): void
}
interface PageWindow {
  readonly document: {
    querySelector(selector: string): PageElement | null
    querySelectorAll(selector: string): ArrayLike<PageElement>
  }
  readonly performance: { now(): number; readonly timeOrigin: number }
  requestAnimationFrame(listener: (now: number) => void): number
}

export type { PageElement, PageWindow }

/** Times of all frames for a while, in ms; `scroll`: pixels that the runs table is scrolled by at each frame. */
export async function framesOf(page: Page, seconds: number, scroll = 0): Promise<Frames> {
  const gaps = await page.evaluate(
    ([length, pixels]) =>
      new Promise<number[]>(done => {
        const w = globalThis as unknown as PageWindow
        const table = pixels > 0 ? w.document.querySelector('[role=grid]') : null
        const [found, start]: [number[], number] = [[], w.performance.now()]
        let last = start
        const tick = (): void => {
          const now = w.performance.now()
          found.push(now - last)
          last = now
          if (table !== null) table.scrollTop += pixels
          if (now - start < length * 1000) w.requestAnimationFrame(tick)
          else done(found.slice(1))
        }
        w.requestAnimationFrame(tick)
      }),
    [seconds, scroll] as const,
  )
  const sorted = [...gaps].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return {
    perSecond: gaps.length / (gaps.reduce((sum, gap) => sum + gap, 0) / 1000),
    median: at(0.5),
    p95: at(0.95),
    longest: at(1),
    late: gaps.filter(gap => gap > 20).length / gaps.length,
  }
}

export interface Shown {
  /** ms from the click until the frame in which the large chart shows every run */
  readonly chart: number
  /** ms until the page is quiet: half a second of frames below 50 ms follows */
  readonly quiet: number
  /** the longest frame up to then */
  readonly longest: number
}

/**
 * Click, then wait for a chart whose text for screen readers names so many more lines than it names.
 * The text changes with the chart's data; the picture follows in the next frame, which is waited for.
 */
export function clickUntilChart(page: Page, button: string, lines: number): Promise<Shown> {
  return page.evaluate(
    ([name, text]) =>
      new Promise<Shown>((done, failed) => {
        const w = globalThis as unknown as PageWindow
        const shown = (): boolean =>
          Array.from(w.document.querySelectorAll('[role=img]')).some(e =>
            (e.getAttribute('aria-label') ?? '').includes(text),
          )
        const start = w.performance.now()
        let [last, longest, calmSince, chart] = [start, 0, start, 0]
        let [framesLeft, seen] = [2, false]
        const tick = (): void => {
          const now = w.performance.now()
          longest = Math.max(longest, now - last)
          if (now - last > 50) calmSince = now
          last = now
          seen ||= shown()
          if (seen && framesLeft-- === 0) chart = now - start
          if (chart > 0 && now - Math.max(calmSince, start + chart) > 500)
            done({ chart, quiet: calmSince - start, longest })
          else if (now - start > 120_000) failed(new Error('no chart after 120 s'))
          else w.requestAnimationFrame(tick)
        }
        const buttons = Array.from(w.document.querySelectorAll('button'))
        const found = buttons.find(
          b => (b as unknown as { textContent: string }).textContent.trim() === name,
        )
        if (found === undefined) failed(new Error(`there is no button ${name}`))
        found?.click()
        w.requestAnimationFrame(tick)
      }),
    [button, `and ${lines - 6} more lines`] as const,
  )
}
