// Runs under what their soft prompts have: tokens, trained numbers, or the bits that their training paid. On the second axis
// lengths and dimensions stand side by side, so that a prompt in a subspace gets a number where one whole token is more than
// enough; on the third it does not matter how many numbers a prompt has, but how much was put into them.
import type { AnalysedRun } from '../contract/analysed-run'
import { Fault } from '../contract/fault'
import { type Axis, lengthWord } from '../contract/needed'
import type { RunSpec } from '../contract/run-spec'
import { type Skipped, sameCurve } from './group'
import { mean } from './numbers'

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

/** Whether a run has what the third axis needs. */
export const hasBits = ({ bits }: AnalysedRun): boolean => bits !== undefined

export interface OnAxis {
  readonly runs: readonly AnalysedRun[]
  readonly skipped: readonly Skipped[]
}

function onNumbers(runs: readonly AnalysedRun[]): OnAxis {
  const placed = runs.flatMap(run => {
    const numbers = numbersOf(run)
    return numbers === null ? [] : [{ ...run, tokens: numbers, settings: settingsOf(run) }]
  })
  const without = runs.filter(run => numbersOf(run) === null)
  const reason = ({ state }: AnalysedRun): string =>
    state === 'queued' || state === 'running'
      ? `the run is ${state}: how many numbers it trains is not known yet`
      : 'how many numbers it trains is not known'
  return { runs: placed, skipped: without.map(run => ({ run: run.id, reason: reason(run) })) }
}

/** One length of one way of training: its seeds are one point. */
interface Length {
  readonly runs: readonly AnalysedRun[]
  /** mean over the seeds, whole, at least 1 */
  readonly bits: number
}

function lengthsOf(runs: readonly AnalysedRun[]): Length[] {
  const lengths: AnalysedRun[][] = []
  for (const run of runs) {
    const own = lengths.find(([a]) => a && a.tokens === run.tokens && sameCurve(a, run))
    if (own === undefined) lengths.push([run])
    else own.push(run)
  }
  return lengths.map(of => ({
    runs: of,
    bits: Math.max(1, Math.round(mean(of.map(({ bits }) => bits?.paid ?? 0)))),
  }))
}

const whyNoBits = ({ baseline, id }: AnalysedRun): string =>
  baseline !== undefined && baseline !== 'control'
    ? 'nothing was trained here, so no bits were paid'
    : `it is not measured in bits: spw bits ${id}`

/** A control stands under the bits that it paid itself. */
const onPaid = (controls: readonly AnalysedRun[]): AnalysedRun[] =>
  controls.map(run => ({ ...run, tokens: Math.max(1, Math.round(run.bits?.paid ?? 0)) }))

/**
 * Every length under the bits that its training paid, the mean of its seeds.
 * Two lengths that paid as much are one place: the longer one is left out.
 */
function onBits(runs: readonly AnalysedRun[]): OnAxis {
  const isBare = ({ baseline }: AnalysedRun): boolean =>
    baseline === 'none' || baseline === 'start-token'
  const isPlaced = (run: AnalysedRun): boolean => run.baseline === undefined && hasBits(run)
  const isControl = (run: AnalysedRun): boolean => run.baseline === 'control' && hasBits(run)
  const without = runs.filter(run => !isBare(run) && !isPlaced(run) && !isControl(run))
  const lengths = lengthsOf([...runs.filter(isPlaced)].sort((a, b) => a.tokens - b.tokens))
  const twinOf = (length: Length): AnalysedRun | undefined => {
    const [own] = length.runs
    const twin = lengths.find(
      ({ runs: [other], bits }) => bits === length.bits && other && own && sameCurve(other, own),
    )
    return twin === length ? undefined : twin?.runs[0]
  }
  const skipped = lengths.flatMap(length => {
    const twin = twinOf(length)
    const reason = `it paid as many bits as ${lengthWord(twin?.tokens ?? 0)}, which are shown`
    return twin === undefined ? [] : length.runs.map(({ id: run }) => ({ run, reason }))
  })
  const placed = lengths
    .filter(length => twinOf(length) === undefined)
    .flatMap(({ runs: of, bits }) => of.map(run => ({ ...run, tokens: bits })))
  return {
    runs: [...runs.filter(isBare), ...placed, ...onPaid(runs.filter(isControl))],
    skipped: [...without.map(run => ({ run: run.id, reason: whyNoBits(run) })), ...skipped],
  }
}

/** What has no place on the axis is left out, with the reason. Fault usage: none is measured in bits. */
export function onAxis(runs: readonly AnalysedRun[], axis: Axis): OnAxis {
  if (axis === 'tokens') return { runs, skipped: [] }
  if (axis === 'numbers') return onNumbers(runs)
  if (runs.some(hasBits)) return onBits(runs)
  throw new Fault(
    'usage',
    `none of the ${runs.length} runs is measured in bits`,
    'Measure some with spw bits RUN, or count in tokens or numbers.',
  )
}
