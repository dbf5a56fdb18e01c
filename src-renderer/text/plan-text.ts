// "26 = 2 models × 4 lengths × 3 seeds + 2 baselines", when the cells make such a grid; else the number.
import type { Plan } from '../../src-worker/contract/plan'
import { plural } from './format'

export function sumText(plan: Plan): string {
  const { cells } = plan
  const trained = cells.filter(c => c.tokens > 0)
  const distinct = (pick: (c: Plan['cells'][number]) => unknown) => new Set(trained.map(pick)).size
  const axes: readonly [number, string][] = [
    [distinct(c => c.model), 'model'],
    [distinct(c => c.dataset), 'dataset'],
    [distinct(c => c.tokens), 'length'],
    [distinct(c => c.seed), 'seed'],
  ]
  const product = axes.reduce((n, [size]) => n * size, 1)
  const rest = cells.length - trained.length
  const shown = axes.filter(([size]) => size > 1).map(([size, name]) => plural(size, name))
  if (product !== trained.length || shown.length === 0) return String(cells.length)
  const baselines = rest > 0 ? ` + ${plural(rest, 'baseline')}` : ''
  return `${cells.length} = ${shown.join(' × ')}${baselines}`
}
