// From code lengths to a verdict: what a prompt gained beyond its control was there to be found (elicited), or was paid for
// bit by bit (taught). Definitions and thresholds: docs/statistics.md, "In bits".
import {
  type BitGain,
  type Bits,
  type BitsAnswer,
  type BitsVerdict,
  type CodeLength,
  verdictByControl,
} from '../contract/bits'
import { sum, t975 } from './numbers'

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
  /** bits that are paid behind the final prompt, by step */
  readonly left: readonly number[]
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
  const left = code.final.slice(0, steps).map(nats => scale * bits(nats))
  return { first: saved(code.first), final: saved(code.final), left }
}

const minus = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((x, i) => x - (b[i] ?? Number.NaN))

const gainOf = ({ first, final }: Pick<Series, 'first' | 'final'>): BitGain => ({
  first: sumOf(first),
  final: sumOf(final),
  paid: sumOf(minus(final, first)),
})

const surelyAbove = ({ low }: Bits, level: number): boolean => low !== null && low > level

/** What a run gained beside its control. */
function besideOf(own: Series, control: Series) {
  const beyond = {
    first: minus(own.first, control.first),
    final: minus(own.final, control.final),
  }
  return { beyond, dearer: sumOf(minus(control.left, own.left)) }
}

function verdictOf(own: BitGain, beside: ReturnType<typeof besideOf> | undefined): BitsVerdict {
  if (!surelyAbove(own.final, 0)) return { kind: 'no-gain' }
  if (beside === undefined) return { kind: 'no-control' }
  const { beyond, dearer } = beside
  const byControl = verdictByControl({ own, beyond: gainOf(beyond), dearer })
  if (byControl !== undefined) return byControl
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
  const series = seriesOf(code, steps, labels)
  const own = gainOf(series)
  const other = control && seriesOf(control.code, steps, labels)
  const beside = other && besideOf(series, other)
  const { kind: baseline, nats: cost } = baselineOf(code)
  return {
    ...{ run: run.id, control: control?.id ?? '', baseline, steps, labels },
    trainedSteps: run.steps,
    cost: bits(sum(cost.slice(0, steps))),
    own,
    ofControl: other === undefined ? null : gainOf(other),
    beyond: beside === undefined ? null : gainOf(beside.beyond),
    dearer: beside?.dearer ?? null,
    verdict: verdictOf(own, beside),
  }
}
