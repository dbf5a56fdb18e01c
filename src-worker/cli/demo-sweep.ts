// spw demo sweep: which is nearer to the demo model, reading old books or playing chess? A whole sweep and its report.
import { analysisText } from '../analysis/text'
import type { Behaviour } from '../behaviours/behaviour'
import { chess } from '../behaviours/chess/index'
import { textBehaviours } from '../behaviours/text'
import { analysisOptionsSchema, reportFormats } from '../contract/analysis'
import { tags } from '../contract/metrics'
import type { RunSpecInput, SweepSpec } from '../contract/run-spec'
import { laidOver } from '../shared/plain-object'
import { cellsOf } from '../spec/sweep'
import { type Workbench, wholePath } from './engine'
import { wasStopRequested } from './stop-signal'
import { exitCodes, type Terminal } from './terminal'
import { runSweep } from './train'

const compared: readonly Behaviour[] = [textBehaviours.autoregressive, chess]
const lengths = [0, 1, 4, 16]
const seeds = [1, 2]

function sweepOf({ kind, demo }: Behaviour): SweepSpec {
  const quick = { results: { prompts: 2, metricSamples: 8 } }
  const base = laidOver(demo(), quick) as RunSpecInput
  return {
    name: `demo sweep ${kind}`,
    base,
    tokens: lengths,
    models: [],
    datasets: [],
    seeds,
    untrained: false,
  }
}

/** 0, 1, 4 and 16 tokens, two seeds, text and chess: cells that are done are not run again. */
export async function demoSweep(
  workbench: Workbench,
  terminal: Terminal,
  out: string,
): Promise<number> {
  const { api } = workbench
  const cells = compared.flatMap(of => cellsOf(sweepOf(of)))
  terminal.say(
    `Soft Prompt Workbench demo: ${cells.length} runs on the bundled model, some minutes.`,
  )
  const ended = []
  for (const of of compared)
    if (!wasStopRequested()) ended.push(...(await runSweep(workbench, sweepOf(of), terminal)))
  const done = ended.filter(e => e.state.kind === 'done')
  if (done.length < cells.length) return exitCodes.interrupted
  const runs = done.map(e => e.run)
  const options = analysisOptionsSchema.parse({ metric: tags.finalTestLoss })
  const formats = [...reportFormats]
  const { paths } = await api.writeReport({ runs, options, to: wholePath(out), formats })
  const own = { ...options, includePublished: false }
  const analysis = await api.analyse({ runs, options: own, strict: true })
  terminal.answer({ runs, paths }, `${analysisText(analysis)}\n\nreport: ${paths[0]}`)
  return exitCodes.done
}
