// From code lengths to a verdict: what a prompt gained beyond its control was there to be found (elicited), or was paid for
// bit by bit (taught). Definitions and thresholds: docs/statistics.md, "In bits".
import type { BitGain, Bits, BitsAnswer, BitsVerdict, CodeLength } from '../contract/bits'
import { sum, t975 } from './numbers'

/** A gain of the run is beyond its control when it is more than this share of the run's own: seeds differ, too. */
const leastBeyond = 0.1

const bits = (nats: number): number => nats / Math.LN2

/**
 * Σ of a series and its 95 % interval. The mean moves while the prompt learns, so the variance is that of successive
 * differences (von Neumann et al. 1941), ½ Σ (x(t+1) − x(t))²/(T − 1), which a slow change hardly enters.
 */
export function sumOf(series: readonly number[]): Bits {
  const value = sum(series)
  const T = series.length
  if (T < 3) return { value, low: null, high: null }
  const differences = series.slice(1).map((x, i) => (x - (series[i] ?? 0)) ** 2)
  const half = t975(T - 1) * Math.sqrt((T * sum(differences)) / (2 * (T - 1)))
  return { value, low: value - half, high: value + half }
}

interface Series {
  /** bits saved over the baseline, by step */
  readonly first: readonly number[]
  readonly final: readonly number[]
}

/** The better baseline, and what each step costs with it, in nats. */
function baselineOf({ none, startToken }: CodeLength) {
  return startToken !== null && sum(startToken) < sum(none)
    ? ({ kind: 'start-token', nats: startToken } as const)
    : ({ kind: 'none', nats: none } as const)
}

/** @param over labels that the sums are to stand for */
function seriesOf(code: CodeLength, steps: number, over: number): Series {
  const { nats: base } = baselineOf(code)
  const scale = over / sum(code.labels.slice(0, steps))
  const saved = (nats: readonly number[]): number[] =>
    base.slice(0, steps).map((x, i) => scale * bits(x - (nats[i] ?? Number.NaN)))
  return { first: saved(code.first), final: saved(code.final) }
}

const minus = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((x, i) => x - (b[i] ?? Number.NaN))

const gainOf = ({ first, final }: Series): BitGain => ({
  first: sumOf(first),
  final: sumOf(final),
  paid: sumOf(minus(final, first)),
})

const surelyAbove = ({ low }: Bits, level: number): boolean => low !== null && low > level

function verdictOf(own: Series, beyond: Series | undefined): BitsVerdict {
  const gained = sumOf(own.final)
  if (!surelyAbove(gained, 0)) return { kind: 'no-gain' }
  if (beyond === undefined) return { kind: 'no-control' }
  if (!surelyAbove(sumOf(beyond.final), leastBeyond * gained.value))
    return { kind: 'nothing-beyond' }
  // saved at first sight less what was paid: (first) − (final − first)
  const net = sumOf(beyond.first.map((x, i) => 2 * x - (beyond.final[i] ?? Number.NaN)))
  if (surelyAbove(net, 0)) return { kind: 'elicited' }
  return { kind: net.high !== null && net.high < 0 ? 'taught' : 'undecided' }
}

interface Named {
  readonly id: string
  readonly steps: number
  readonly code: CodeLength
}

/** @param control a run of the same training on data that say nothing of the behaviour */
export function bitsAnswer(run: Named, control: Named | undefined): BitsAnswer {
  const { code } = run
  const steps = Math.min(code.labels.length, control?.code.labels.length ?? code.labels.length)
  const labels = sum(code.labels.slice(0, steps))
  const own = seriesOf(code, steps, labels)
  const other = control && seriesOf(control.code, steps, labels)
  const beyond = other && {
    first: minus(own.first, other.first),
    final: minus(own.final, other.final),
  }
  const { kind: baseline, nats: cost } = baselineOf(code)
  return {
    ...{ run: run.id, control: control?.id ?? '', baseline, steps, labels },
    trainedSteps: run.steps,
    cost: bits(sum(cost.slice(0, steps))),
    own: gainOf(own),
    ofControl: other === undefined ? null : gainOf(other),
    beyond: beyond === undefined ? null : gainOf(beyond),
    verdict: verdictOf(own, beyond),
  }
}
