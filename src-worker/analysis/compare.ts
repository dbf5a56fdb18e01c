// The paper's numbers beside ours: the same behaviour, model and length.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Difference, Interval } from '../contract/analysis'
import { lastPart } from '../shared/names'
import type { Metric } from './metric'
import { middle95 } from './numbers'
import type { PreparedCurve, PreparedPoint } from './prepare'

const sameWork = (a: PreparedCurve, b: PreparedCurve): boolean => {
  const [x, y] = [anyRun(a), anyRun(b)]
  return (
    x !== undefined &&
    y !== undefined &&
    x.behaviour.toLowerCase() === y.behaviour.toLowerCase() &&
    lastPart(x.model).toLowerCase() === lastPart(y.model).toLowerCase()
  )
}

const anyRun = ({ group }: PreparedCurve): AnalysedRun | undefined =>
  group.trained[0] ?? group.none[0] ?? group.startToken[0] ?? group.untrained[0]

const pointsOf = (curve: PreparedCurve): PreparedPoint[] => [
  ...(curve.none ? [curve.none] : []),
  ...curve.trained,
]

/** Interval of own − published, from whichever noise is known. */
function intervalOf(own: PreparedPoint, published: PreparedPoint, metric: Metric): Interval | null {
  const draws = own.draws ?? published.draws
  if (draws === null) return null
  const differences = Float64Array.from(
    draws.values,
    (_, r) =>
      metric.shown(own.draws?.values[r] ?? own.cost) -
      metric.shown(published.draws?.values[r] ?? published.cost),
  )
  const [low, high] = middle95(differences.sort())
  const { over, seeds, units, unit } = draws
  return Number.isFinite(low) && Number.isFinite(high)
    ? { low, high, over, seeds, units, unit }
    : null
}

function remarks(own: PreparedPoint, published: PreparedPoint): string[] {
  const [a, b] = [own.runs[0], published.runs[0]]
  if (a === undefined || b === undefined) return []
  const found: string[] = []
  if (a.steps !== b.steps) found.push(`${a.steps} steps, the paper ${b.steps}`)
  const paperData = b.settings.dataset ?? b.dataset
  if (a.dataset.toLowerCase() !== paperData.toLowerCase())
    found.push(`data ${a.dataset || 'unnamed'}, the paper ${paperData}`)
  if (a.source === 'workbench' && a.settings.original !== 'true')
    found.push('tested on held-out data, the paper on its stream')
  return found
}

/** Every length at which a curve of ours and one of the paper both have a number. */
export function differencesOf(curves: readonly PreparedCurve[], metric: Metric): Difference[] {
  const published = curves.filter(c => c.group.source === 'published')
  const ours = curves.filter(c => c.group.source !== 'published')
  return ours.flatMap(own =>
    published
      .filter(other => other.group.behaviour === own.group.behaviour && sameWork(own, other))
      .flatMap(other =>
        pointsOf(own).flatMap(point => {
          const twin = pointsOf(other).find(p => p.tokens === point.tokens)
          if (twin === undefined) return []
          const [a, b] = [metric.shown(point.cost), metric.shown(twin.cost)]
          return {
            behaviour: own.group.behaviour,
            model: own.group.model,
            tokens: point.tokens,
            curve: own.group.id,
            publishedCurve: other.group.id,
            own: a,
            published: b,
            difference: a - b,
            interval: intervalOf(point, twin, metric),
            remarks: remarks(point, twin),
          }
        }),
      ),
  )
}
