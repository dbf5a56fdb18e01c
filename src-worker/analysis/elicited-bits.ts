// Which run's bits stand beside an answer, or why none do: a verdict needs a control.
import { controlOf } from '../behaviours/registry'
import type { AnalysedRun } from '../contract/analysed-run'
import type { Elicitation, ElicitationBits } from '../contract/elicitation'
import type { ExperimentSpec } from '../contract/experiment-spec'
import type { PreparedPoint } from './prepare'

/** Why runs like this one can have no control; empty: they can. */
function noControlOf({ spec }: AnalysedRun): string {
  const { experiment } = (spec ?? {}) as { readonly experiment?: ExperimentSpec }
  if (experiment === undefined) return ''
  const control = controlOf(experiment)
  return control.kind === 'none' ? `it can have no control, because ${control.because}` : ''
}

/** Runs read against a control come first, then those of the length that the answer speaks of. */
const worth = ({ bits }: AnalysedRun, isThere: boolean): number =>
  (bits?.answer?.beyond ? 2 : 0) + Number(isThere)

/** @param at the length that the answer speaks of */
export function bitsOf(
  points: readonly PreparedPoint[],
  at: number | undefined,
  source: Elicitation['source'],
): ElicitationBits {
  const none = (reason: string): ElicitationBits => ({ kind: 'none', reason })
  const trained = points.flatMap(({ tokens, runs }) => runs.map(run => ({ tokens, run })))
  const [read] = trained
    .filter(({ run }) => run.bits?.answer)
    .sort((a, b) => worth(b.run, b.tokens === at) - worth(a.run, a.tokens === at))
  if (read?.run.bits?.answer) {
    const { answer } = read.run.bits
    return { kind: 'read', tokens: read.tokens, answer, noControl: noControlOf(read.run) }
  }
  if (source !== 'workbench') return none('for its training data are not here')
  const { run } = trained.find(({ tokens }) => tokens === at) ?? trained[0] ?? {}
  if (run === undefined) return none('for no soft prompt is trained and measured yet')
  const noControl = noControlOf(run)
  return noControl === '' ? { kind: 'unread', run: run.id } : none(`for ${noControl}`)
}
