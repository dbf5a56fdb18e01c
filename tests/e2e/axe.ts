// axe in the window: what hinders people.
import { readFileSync } from 'node:fs'
import type { App } from './harness'
import { resize, sizes } from './window'

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/**
 * Findings that hinder people: serious and critical ones.
 * @param rules colours: only those that another theme can change
 */
export async function findings(app: App, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  if (!(await app.page.evaluate(`'axe' in globalThis`))) await app.page.evaluate(axe)
  const found = await app.page.evaluate(
    async only => {
      const g = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: Finding[] }> }
      }
      return (await g.axe.run({ resultTypes: ['violations'], ...only })).violations
    },
    rules === 'colours' ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {},
  )
  return found
    .filter(f => f.impact === 'serious' || f.impact === 'critical')
    .map(
      f =>
        `${f.id}: ${f.nodes.map(n => `${n.html.slice(0, 140)} ${n.failureSummary ?? ''}`).join(' | ')}`,
    )
}

/** Until the page has not changed for 150 ms and no transition is under way; at most 3 s: some pages never rest. */
const rest = ({ page }: App): Promise<unknown> =>
  page.evaluate(`new Promise(done => {
    const started = performance.now()
    let changed = started
    const observer = new MutationObserver(() => { changed = performance.now() })
    const options = { subtree: true, childList: true, attributes: true, characterData: true }
    observer.observe(document, options)
    const moves = () => document.getAnimations().some(
      a => a.playState === 'running' && a.effect?.getComputedTiming().endTime < Infinity)
    const look = () => {
      const now = performance.now()
      if (now - started < 3000 && (now - changed < 150 || moves())) return setTimeout(look, 50)
      observer.disconnect()
      requestAnimationFrame(() => requestAnimationFrame(done))
    }
    look()
  })`)

/** Pixels by which the page is wider than its place. */
const sideways = async ({ page }: App): Promise<number> =>
  Number(
    await page.evaluate(
      `(() => { const m = document.querySelector('main'); return m.scrollWidth - m.clientWidth })()`,
    ),
  )

/**
 * The screen as it stands, at both sizes. Beside colours nothing depends on the theme: all rules in the dark one, those of
 * colours in both. @returns what is wrong, of which there is a picture then
 */
export async function checked(
  app: App,
  name: string,
  theme: 'dark' | 'light',
  widths: readonly (readonly [number, number])[] = sizes,
): Promise<string[]> {
  const wrong: string[] = []
  if (widths.length === 0) await rest(app)
  for (const size of widths) {
    await resize(app, size)
    await rest(app)
    const wider = await sideways(app)
    if (wider > 0) wrong.push(`scrolls sideways at ${size[0]}, by ${wider}`)
  }
  wrong.push(...(await findings(app, theme === 'dark' ? 'all' : 'colours')))
  if (wrong.length > 0) await app.screenshot(`wrong-${name}-${theme}`)
  return wrong
}
