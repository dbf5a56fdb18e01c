// axe in the window: what hinders people.
import { readFileSync } from 'node:fs'
import type { App } from './harness'

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** Findings that hinder people: serious and critical ones. */
export async function findings(app: App): Promise<string[]> {
  await app.page.evaluate(axe)
  const found = await app.page.evaluate(async () => {
    const g = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Finding[] }> }
    }
    return (await g.axe.run({ resultTypes: ['violations'] })).violations
  })
  return found
    .filter(f => f.impact === 'serious' || f.impact === 'critical')
    .map(
      f =>
        `${f.id}: ${f.nodes.map(n => `${n.html.slice(0, 140)} ${n.failureSummary ?? ''}`).join(' | ')}`,
    )
}
