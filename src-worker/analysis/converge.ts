// Did a run get as far as it could? Warnings make a point hollow and come with the run that would settle them.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Guard } from '../contract/analysis'
import { diverged, material, stillFalling, tooShort } from './loss-guards'
import { variance } from './numbers'
import { anotherSeed, more, ours, slower } from './suggest'

export interface GuardedPoint {
  readonly tokens: number
  readonly runs: readonly AnalysedRun[]
  /** mean over seeds, lower is better */
  readonly cost: number
  /** of each seed */
  readonly costs: readonly number[]
  readonly draws: Float64Array | null
}

function ownGuards(run: AnalysedRun): Guard[] {
  const guards: (Guard | undefined)[] = [diverged(run)]
  if (guards[0] === undefined) guards.push(tooShort(run) ?? stillFalling(run))
  if (run.state !== 'done')
    guards.push({
      kind: run.state === 'failed' ? 'failed' : 'unfinished',
      level: 'warning',
      run: run.id,
      reason: run.state === 'failed' ? 'the run failed' : `the run is ${run.state}, not done`,
      suggestion: ours(run)
        ? {
            text: 'Resume it',
            run: run.id,
            change: {},
            resume: true,
            command: `spw resume ${run.id}`,
          }
        : null,
    })
  if (run.restarts.length > 0)
    guards.push({
      kind: 'restarted',
      level: 'info',
      run: run.id,
      reason: `resumed at step ${run.restarts.join(', ')}`,
      suggestion: null,
    })
  return guards.filter(guard => guard !== undefined)
}

/** Seeds so far apart that the length's place on the curve is open: standard error above 10 % of the curve's fall. */
function seedSpread(point: GuardedPoint, gap: number): Guard | undefined {
  const last = point.runs.at(-1)
  if (last === undefined || point.costs.length < 2 || gap <= 0) return undefined
  const error = Math.sqrt(variance(point.costs) / point.costs.length)
  if (error < 0.1 * gap) return undefined
  const seeds = point.runs.map(run => run.seed ?? 0)
  return {
    kind: 'seed-spread',
    level: 'warning',
    run: last.id,
    reason:
      `${point.costs.length} seeds lie ${(Math.max(...point.costs) - Math.min(...point.costs)).toPrecision(2)} apart, ` +
      `${Math.round((100 * error) / gap)} % of the curve's whole fall as standard error`,
    suggestion: anotherSeed(last, Math.max(...seeds) + 1),
  }
}

function fewerSteps(point: GuardedPoint, others: readonly GuardedPoint[]): Guard[] {
  const steps = others.flatMap(p => p.runs.map(run => run.steps)).sort((a, b) => a - b)
  const usual = steps[steps.length >> 1] ?? 0
  return point.runs
    .filter(run => run.steps < usual * 0.95)
    .map(run => ({
      kind: 'fewer-steps',
      level: 'warning',
      run: run.id,
      reason: `${run.steps} steps, the other lengths had ${usual}`,
      suggestion: more(run, usual),
    }))
}

/** More tokens can do all that fewer can: ending above a shorter prompt means that the optimum was missed. */
function worseThanShorter(
  point: GuardedPoint,
  shorter: readonly GuardedPoint[],
): Guard | undefined {
  const best = shorter.reduce<GuardedPoint | undefined>(
    (a, b) => (a === undefined || b.cost < a.cost ? b : a),
    undefined,
  )
  const run = point.runs[0]
  if (best === undefined || run === undefined) return undefined
  const above = point.cost - best.cost
  const share = shareAbove(point, best)
  if (above < material.nats || share < 0.975) return undefined
  const isMissed = share >= surely
  return {
    kind: isMissed ? 'missed-optimum' : 'worse-than-shorter',
    level: 'warning',
    run: run.id,
    reason:
      `${point.tokens} ends ${above.toPrecision(2)} above ${best.tokens}, ` +
      `though a longer prompt can do all that a shorter one can${isMissed ? ': what is needed is read without it' : ''}`,
    suggestion: slower(run) ?? anotherSeed(run, (run.seed ?? 0) + 1),
  }
}

/** Of one flat curve in a hundred a point is this far above another by chance. */
const surely = 0.999

/** Share of draws in which a lies above b; 1 when the noise is unknown. */
function shareAbove(a: GuardedPoint, b: GuardedPoint): number {
  const { draws } = a
  const other = b.draws
  if (draws === null || other === null) return 1
  let above = 0
  for (let r = 0; r < draws.length; r++) if ((draws[r] ?? 0) > (other[r] ?? 0)) above++
  return above / draws.length
}

/**
 * Guards of every point of one curve, lengths ascending.
 * @param gap how far the curve falls from its baseline or first point to its best
 */
export function guardsOf(points: readonly GuardedPoint[], gap: number): Guard[][] {
  return points.map((point, i) => {
    const others = points.filter(p => p !== point)
    const guards = [
      ...point.runs.flatMap(ownGuards),
      ...fewerSteps(point, others),
      seedSpread(point, gap),
      worseThanShorter(point, points.slice(0, i)),
    ]
    return guards.filter(guard => guard !== undefined)
  })
}
