// One demo from its first run to its answer; every one ends alike: answer, numbers, curve, the model without and with, next.

import { curvePoints, type Demo, type DemoAnswer, type DemoCell } from '../contract/demo'
import { elicitationText } from '../contract/elicitation'
import { faultText } from '../contract/fault'
import { percent } from '../shared/percent'
import { drawnCurve } from './demo-curve'
import { demoEnding } from './demo-ending'
import { places, type Workbench } from './engine'
import { followRuns } from './follow-runs'
import { wasStopRequested } from './stop-signal'
import { durationText, exitCodes, type Terminal, table } from './terminal'

/** The id of the cell's run when it is done; null: it was stopped or failed, and said so. */
async function runCell(
  workbench: Workbench,
  terminal: Terminal,
  demo: Demo,
  { spec }: DemoCell,
): Promise<string | null> {
  const sweep = { name: `demo ${demo.name}`, base: spec }
  const how = { frozen: '', fit: false, again: false, single: true, atMost: null, shard: null }
  const { runs } = await workbench.api.startSweep({ sweep, ...how })
  const [ended] = await followRuns(workbench, runs, terminal)
  if (ended?.state.kind === 'failed') terminal.say(faultText(ended.state.fault))
  return ended?.state.kind === 'done' ? ended.run : null
}

const valueText = ({ measure }: Demo, value: number | null): string =>
  value === null ? '' : measure.share ? percent(value) : value.toFixed(3)

function answerTable(demo: Demo, { parts }: DemoAnswer): string {
  const several = parts.length > 1
  const { share, name } = demo.measure
  const rows = parts.flatMap(part =>
    part.rows.map(row => [
      ...(several ? [part.name] : []),
      row.name,
      // a loss is not shown twice
      ...(share ? [valueText(demo, row.value)] : []),
      ...row.beside.map(value => (value === null ? '' : percent(value))),
      row.loss?.toFixed(3) ?? '',
    ]),
  )
  const measures = [...(share ? [name] : []), ...demo.beside.map(of => of.name), 'held-out loss']
  return table(rows, [...(several ? [''] : []), 'behind', ...measures])
}

function curveOf(demo: Demo, { parts }: DemoAnswer): string {
  const curves = parts.map(({ name, rows }) => ({ name, points: curvePoints(rows) }))
  return drawnCurve(curves, demo.measure.name, value => valueText(demo, value))
}

function answerLines(demo: Demo, answer: DemoAnswer): string[] {
  const exact = answer.parts.flatMap(({ elicitation }) =>
    elicitation === null ? [] : [elicitationText(elicitation)],
  )
  return [
    ...['', ...answer.sentences, answer.preliminary, ''],
    ...[curveOf(demo, answer), ''],
    ...[answerTable(demo, answer), ''],
    ...exact.map(line => `  ${line}`),
  ]
}

/** Runs what is missing of a demo and says its answer; Ctrl-C ends it, and the next call goes on. */
export async function runDemo(
  workbench: Workbench,
  terminal: Terminal,
  demo: Demo,
): Promise<number> {
  const began = Date.now()
  const { api } = workbench
  terminal.say(`${demo.title}\n${demo.explanation}`)
  terminal.say(`It takes ${demo.lasts}; the runs go to ${places().home}.\n`)
  const cells = demo.parts.flatMap(part => part.cells.map(cell => ({ part: part.name, cell })))
  const runs: Record<string, string> = {}
  for (const [i, { part, cell }] of cells.entries()) {
    const whose = demo.parts.length > 1 ? `${part}, ` : ''
    terminal.say(`${i + 1} of ${cells.length}: ${whose}${cell.name}`)
    const run = await runCell(workbench, terminal, demo, cell)
    if (run === null || (wasStopRequested() && i + 1 < cells.length)) return exitCodes.interrupted
    runs[cell.id] = run
  }
  const answer = await api.demoAnswer({ demo, runs })
  const ending = await demoEnding({ api, demo, answer })
  const lines = [
    ...answerLines(demo, answer),
    ...['', ending.text, ''],
    `Done in ${durationText((Date.now() - began) / 1000)}. Try next:`,
    ...ending.next.map(line => `  ${line}`),
    `  spw show ${answer.parts[0]?.rows.at(-1)?.run ?? ''}`,
  ]
  terminal.answer({ answer, ...ending.data }, lines.join('\n'))
  return exitCodes.done
}
