// The answer of a demo from the runs of it that are done: by the same rules as every other answer.
import type { AnalysedRun } from '../contract/analysed-run'
import { analysisOptionsSchema } from '../contract/analysis'
import {
  type Demo,
  type DemoAnswer,
  type DemoCell,
  type DemoPart,
  type DemoRow,
  softTokens,
} from '../contract/demo'
import type { Elicitation } from '../contract/elicitation'
import { tags } from '../contract/metrics'
import { capitalised } from '../shared/names'
import { percent } from '../shared/percent'
import { elicitationOf } from './elicited'
import { metricOf } from './metric'
import { prepare } from './prepare'

/** By the ids of the cells. */
export type DemoRuns = ReadonlyMap<string, AnalysedRun>

const draws = 1000

/** All runs of the demo are asked for the reference. */
function elicited(
  { cells, criterion, name }: DemoPart,
  demo: Demo,
  runs: ReadonlyMap<string, AnalysedRun>,
): Elicitation | null {
  const of = (wanted: readonly DemoCell[]): AnalysedRun[] =>
    wanted.flatMap(({ id }) => runs.get(id) ?? [])
  const own = of(cells.filter(({ role }) => role !== 'reference'))
  const metric = metricOf(criterion.measure, criterion.kind === 'gain' ? 'bits' : 'nats')
  const curve = prepare(own, metric, draws).curves.find(({ trained }) => trained.length > 0)
  if (curve === undefined) return null
  const everyCell = demo.parts.flatMap(part => part.cells)
  const references = of(everyCell.filter(({ role }) => role === 'reference'))
  const options = analysisOptionsSchema.parse({ references: references.map(({ id }) => id), draws })
  const all = [...new Set([...own, ...of(everyCell)])]
  return {
    ...elicitationOf({ curve, metric, criterion, runs: own, all }, options, []),
    ...{ behaviourLabel: own[0]?.behaviour ?? '', label: name, measure: demo.measure.name },
  }
}

/** 'Elicited by 4 soft tokens: the locked model, 36 % against 3 % without.' */
function sentence(part: DemoPart, demo: Demo, elicitation: Elicitation | null): string {
  if (elicitation === null)
    return `No answer yet: ${part.name}, nothing is measured yet that would say.`
  const { state, baselines } = elicitation
  const shown = (value: number): string =>
    demo.measure.share ? percent(value) : `${value.toFixed(3)} nats`
  const without = baselines.map(({ value }) => value)
  const best = demo.measure.share ? Math.max(...without) : Math.min(...without)
  const beside = without.length === 0 ? '' : ` against ${shown(best)} without`
  switch (state.kind) {
    case 'elicited':
      return `Elicited by ${softTokens(state.at.tokens)}: ${part.name}, ${shown(state.at.value)}${beside}.`
    case 'not-elicited':
      return `Not elicited by ${softTokens(state.longest)}: ${part.name}, at best ${shown(state.at.value)}${beside}.`
    case 'there-already':
      return `There without a prompt: ${part.name}, ${shown(state.at.value)}.`
    case 'undecided':
      return `Undecided: ${part.name}, ${state.reason}.`
    case 'gain':
      return state.bits === null
        ? `No yes or no, and no gain yet: ${part.name}.`
        : `No yes or no: ${part.name} gains ${state.bits.value.toFixed(3)} bits a token with ${softTokens(state.bits.tokens)}.`
  }
}

function rowsOf(
  { cells, criterion }: DemoPart,
  { beside }: Demo,
  runs: ReadonlyMap<string, AnalysedRun>,
): DemoRow[] {
  return cells.flatMap(({ id, name, tokens, role }) => {
    const run = runs.get(id)
    if (run === undefined) return []
    const metric = (tag: string): number | null => run.metrics[tag] ?? null
    return [
      {
        ...{ cell: id, name, tokens, role, run: run.id },
        ...{ value: metric(criterion.measure), loss: metric(tags.finalTestLoss) },
        beside: beside.map(({ tag }) => metric(tag)),
      },
    ]
  })
}

/** @param runs runs by cell; those that are missing are not there yet */
export function demoAnswer(demo: Demo, runs: DemoRuns): DemoAnswer {
  const parts = demo.parts.map(part => ({
    ...{ name: part.name, elicitation: elicited(part, demo, runs) },
    rows: rowsOf(part, demo, runs),
  }))
  const seeds = new Set([...runs.values()].map(({ seed }) => seed)).size
  const steps = Math.max(0, ...[...runs.values()].map(run => run.steps))
  return {
    sentences: demo.parts.map((part, i) =>
      capitalised(sentence(part, demo, parts[i]?.elicitation ?? null)),
    ),
    preliminary: `Preliminary: ${seeds === 1 ? 'one seed' : `${seeds} seeds`}, ${steps} steps, few held-out examples.`,
    parts,
  }
}
