// Runs under what their soft prompts have: tokens, or trained numbers. On the second axis lengths and dimensions stand side by
// side, so that a prompt in a subspace gets a number where one whole token is more than enough.
import type { AnalysedRun } from '../contract/analysed-run'
import type { Axis } from '../contract/needed'
import type { RunSpec } from '../contract/run-spec'
import type { Skipped } from './group'

/** null: not known. Of a prompt in a subspace the spec says it, also when the run failed. */
function numbersOf({ tokens, parameters, spec }: AnalysedRun): number | null {
  const { prompt } = (spec ?? {}) as Partial<RunSpec>
  if (prompt?.type === 'subspace') return prompt.dimensions
  return tokens === 0 ? 0 : parameters
}

/** Dimensions are the axis now; the rows that they are projected to tell two curves apart. */
function settingsOf({ settings, tokens }: AnalysedRun): AnalysedRun['settings'] {
  const { 'prompt.dimensions': dimensions, ...others } = settings
  return dimensions === undefined ? settings : { ...others, 'prompt.rows': String(tokens) }
}

export interface OnAxis {
  readonly runs: readonly AnalysedRun[]
  readonly skipped: readonly Skipped[]
}

/** What has no place on the axis is left out, with the reason. */
export function onAxis(runs: readonly AnalysedRun[], axis: Axis): OnAxis {
  if (axis === 'tokens') return { runs, skipped: [] }
  const placed = runs.flatMap(run => {
    const numbers = numbersOf(run)
    return numbers === null ? [] : [{ ...run, tokens: numbers, settings: settingsOf(run) }]
  })
  const without = runs.filter(run => numbersOf(run) === null)
  const reason = 'how many numbers it trains is not known'
  return { runs: placed, skipped: without.map(({ id: run }) => ({ run, reason })) }
}
