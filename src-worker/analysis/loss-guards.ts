// What the training loss alone says about a run: did it leave the numbers, was it still falling at the end?
import type { AnalysedRun } from '../contract/analysed-run'
import type { Guard } from '../contract/analysis'
import { mean, quantile, sum, t975 } from './numbers'
import { more, slower } from './suggest'

/** A fall smaller than this share of the whole fall, or than this many nats, is no reason to go on. */
export const material = { share: 0.01, nats: 0.003 }

interface Line {
  /** per step */
  readonly slope: number
  readonly error: number
  readonly freedom: number
}

/** Ordinary least squares. Blocks make the residuals nearly independent, as neighbouring losses share the prompt's state. */
function line(x: readonly number[], y: readonly number[]): Line {
  const mx = mean(x)
  const my = mean(y)
  const sxx = sum(x.map(v => (v - mx) ** 2))
  const slope = sum(x.map((v, i) => (v - mx) * ((y[i] ?? 0) - my))) / sxx
  const rest = sum(x.map((v, i) => ((y[i] ?? 0) - my - slope * (v - mx)) ** 2))
  const freedom = x.length - 2
  return { slope, error: Math.sqrt(rest / freedom / sxx), freedom }
}

/** Means of n blocks of neighbours. */
function blockMeans(values: readonly number[], n: number): number[] {
  return Array.from({ length: n }, (_, b) => {
    const from = Math.floor((b * values.length) / n)
    return mean(values.slice(from, Math.max(from + 1, Math.floor(((b + 1) * values.length) / n))))
  })
}

/** Finite training losses in order. */
function finiteLoss(run: AnalysedRun): { steps: number[]; values: number[] } {
  const steps: number[] = []
  const values: number[] = []
  for (const [i, value] of run.trainLoss.values.entries()) {
    if (value === null) continue
    steps.push(run.trainLoss.steps[i] ?? i)
    values.push(value)
  }
  return { steps, values }
}

/** Losses that a slope with an interval takes: four blocks of two. */
const leastTail = 8

/** The last quarter; of a short run the last eight losses, as long as those are no more than half of it. */
const tailStart = (losses: number): number =>
  Math.max(0, Math.min(Math.floor(losses * 0.75), losses - leastTail))

/** A training loss too short to see whether it was still falling. A run without one says nothing of itself. */
export function tooShort(run: AnalysedRun): Guard | undefined {
  const { values } = finiteLoss(run)
  const { length } = values
  if (length === 0 || length >= 2 * leastTail) return undefined
  const [first = 0, last = 0] = [values[0], values.at(-1)]
  return {
    kind: 'too-short',
    level: 'warning',
    run: run.id,
    reason:
      `too short to tell whether the training loss was still falling: ${length} ` +
      `${length === 1 ? 'loss' : 'losses'}, ${first.toFixed(3)} first and ${last.toFixed(3)} last; ` +
      `at least ${2 * leastTail} are needed`,
    suggestion: more(run, Math.max(4 * leastTail, 2 * run.steps)),
  }
}

/**
 * Slope of the training loss over its end, with its 95 % interval: over the last quarter of the steps, over the last eight
 * losses of a short run. Nothing of a run that is too short to tell.
 */
export function stillFalling(run: AnalysedRun): Guard | undefined {
  const { steps, values } = finiteLoss(run)
  if (values.length < 2 * leastTail) return undefined
  const from = tailStart(values.length)
  const tail = values.slice(from)
  const n = Math.min(12, tail.length >> 1)
  const { slope, error, freedom } = line(blockMeans(steps.slice(from), n), blockMeans(tail, n))
  const half = t975(freedom) * error
  if (slope + half >= 0) return undefined
  const span = (steps.at(-1) ?? 0) - (steps[from] ?? 0)
  const fall = -slope * span
  const whole = mean(values.slice(0, Math.max(1, values.length >> 6))) - mean(tail.slice(-n))
  if (fall < Math.max(material.nats, material.share * whole)) return undefined
  const per = (x: number): string => (x * 1000).toPrecision(2).replace('-', '−')
  return {
    kind: 'still-falling',
    level: 'warning',
    run: run.id,
    reason:
      `training loss was still falling over the last ${tail.length > leastTail ? 'quarter' : `${leastTail} steps`}: ` +
      `${per(slope)} nats per 1000 steps ` +
      `(95 %: ${per(slope - half)} to ${per(slope + half)})`,
    suggestion: more(run, run.steps * 2),
  }
}

/** A short run ends this many times above its first loss: no noise of batches does that. */
const muchRisen = 1.5

/** What can be said of a run too short for a usual move from block to block. */
function risen(
  values: readonly number[],
  base: Pick<Guard, 'kind' | 'level' | 'run'>,
  run: AnalysedRun,
): Guard | undefined {
  const [first, last] = [values[0], values.at(-1)]
  if (first === undefined || last === undefined || last < muchRisen * first) return undefined
  const reason = `training loss rose from ${first.toFixed(3)} to ${last.toFixed(3)} in ${values.length} steps`
  return { ...base, reason, suggestion: slower(run) }
}

/** A loss that left the numbers, or ends well above where it had been. */
export function diverged(run: AnalysedRun): Guard | undefined {
  if (run.hasDiverged === true)
    return {
      ...{ kind: 'diverged', level: 'warning', run: run.id, suggestion: slower(run) },
      reason: run.failure ?? 'training loss left the numbers',
    }
  const lost = run.trainLoss.values.indexOf(null)
  const base = { kind: 'diverged', level: 'warning', run: run.id } as const
  if (lost >= 0)
    return {
      ...base,
      reason: `training loss was not a number at step ${run.trainLoss.steps[lost] ?? lost}`,
      suggestion: slower(run),
    }
  const { values } = finiteLoss(run)
  if (values.length < 2 * leastTail) return risen(values, base, run)
  const blocks = blockMeans(values, Math.min(16, values.length >> 1))
  const low = Math.min(...blocks)
  const end = blocks.at(-1) ?? low
  // what one block usually differs from the next: the text itself is easier here and harder there
  const half = blocks.length >> 1
  const moves = blocks
    .slice(half)
    .map((block, i) => Math.abs(block - (blocks[i + half - 1] ?? block)))
  const usual = quantile(
    moves.sort((a, b) => a - b),
    0.5,
  )
  const fall = (blocks[0] ?? low) - low
  if (end - low < Math.max(material.nats, 0.25 * fall, 6 * usual)) return undefined
  return {
    ...base,
    reason:
      `training loss ends ${(end - low).toPrecision(2)} nats above the lowest it had been ` +
      `(${low.toFixed(3)})`,
    suggestion: slower(run),
  }
}
