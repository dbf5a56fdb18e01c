// The answer of a sweep in a sentence: what the best length gains over no prompt.
import { tags } from '../../../src-worker/contract/metrics'
import type { RunSummary } from '../../../src-worker/contract/run'
import { tokensOf } from '../../../src-worker/contract/run-spec'
import type { ChartSeries } from '../../charts/chart-spec'
import { measure, plural } from '../../text/format'

export function answerOf(curve: ChartSeries): string {
  const points = curve.x.map((tokens, i) => ({ tokens, loss: curve.y[i] ?? Number.NaN }))
  const base = points.find(p => p.tokens === 0)
  const trained = points.filter(p => p.tokens > 0)
  const best = [...trained].sort((a, b) => a.loss - b.loss)[0]
  if (!best) return base ? `${curve.name}: ${measure(base.loss)} without a prompt.` : ''
  const reached = `${measure(best.loss)} with ${plural(best.tokens, 'token')}`
  if (!base) return `${curve.name}: lowest ${reached}.`
  const gain = base.loss - best.loss
  if (gain <= 0) return `${curve.name}: no length is better than no prompt (${measure(base.loss)}).`
  const most = trained.find(p => base.loss - p.loss >= 0.9 * gain)
  const near =
    most && most.tokens < best.tokens
      ? ` ${plural(most.tokens, 'token')} already ${most.tokens === 1 ? 'gains' : 'gain'} 90 % of that.`
      : ''
  return `${curve.name}: ${measure(base.loss)} without a prompt, ${reached}.${near}`
}

/** Runs that have a final loss, of all. */
export const finishedOf = (runs: readonly RunSummary[]): number =>
  runs.filter(run => run.metrics[tags.finalTestLoss]).length

/** Is there more than a single length to draw a curve through? */
export const hasCurve = (runs: readonly RunSummary[]): boolean =>
  new Set(runs.map(run => tokensOf(run.spec.prompt))).size > 1
