// spw train, sweep, resume, fork: runs in this very process, in the same folders as the app's.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import type { RunSummary } from '../contract/run'
import type { SweepSpec } from '../contract/run-spec'
import { checkedFlags } from './checked'
import { type Workbench, withWorkbench } from './engine'
import { answerEnded, type Ended, endedOf, followRuns } from './follow-runs'
import { numberFrom } from './numbers'
import { addSpecOptions, changesOf, frozenOf, sweepOf } from './spec-options'
import { action, type Terminal } from './terminal'

type Options = Record<string, unknown>

/** Hours of training must not end at a file that cannot be written. */
async function outFile(out: unknown): Promise<string | undefined> {
  if (out === undefined) return undefined
  const path = resolve(String(out))
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory())
    throw new Fault('usage', `--out ${path} is a folder`, 'Name a file that does not exist yet.')
  return path
}

async function trainCommand(terminal: Terminal, options: Options): Promise<number> {
  const out = await outFile(options.out)
  const sweep = { ...(await sweepOf(options)), name: '' }
  return withWorkbench(async workbench => {
    const { api } = workbench
    const how = { frozen: '', fit: options.fit === true, again: true, single: true }
    const { runs, notes } = await api.startSweep({ sweep, ...how })
    for (const note of notes) terminal.say(note)
    const ended = await followRuns(workbench, runs, terminal)
    const [one] = ended
    if (out !== undefined && one?.state.kind === 'done') {
      const { snapshot } = await api.run({ id: one.run })
      if (snapshot !== null)
        await api.exportSnapshot({ path: snapshot, to: out, format: 'workbench', conditions: [] })
    }
    return answerEnded(terminal, ended, true)
  })
}

/** A cell whose run is in the hands of another process. */
const busyElsewhere = (run: RunSummary): Ended => ({
  ...endedOf(run),
  finalTestLoss: null,
  state: {
    kind: 'failed',
    fault: {
      code: 'busy',
      message: `${run.folder} is ${run.state.kind} in another process`,
      fix: 'Wait until it has ended, or stop it there first.',
    },
  },
})

/** Runs a sweep to its end: cells that are done are not run again. Answers every cell that has ended, in their order. */
export async function runSweep(
  workbench: Workbench,
  sweep: SweepSpec,
  terminal: Terminal,
  { frozen = '', fit = false }: { frozen?: string; fit?: boolean } = {},
): Promise<readonly Ended[]> {
  const { api } = workbench
  const how = { frozen, fit, again: false, single: false }
  const { runs, started, notes } = await api.startSweep({ sweep, ...how })
  for (const note of notes) terminal.say(note)
  const known = new Map((await api.runs({})).map(run => [run.id, run]))
  const found = new Map<string, Ended>()
  for (const id of runs.filter(id => !started.includes(id))) {
    const run = known.get(id)
    if (run === undefined) continue
    const isDone = run.state.kind === 'done'
    if (isDone)
      terminal.say(`${runs.indexOf(id) + 1} of ${runs.length}: ${run.name}: done already (${id})`)
    found.set(id, isDone ? endedOf(run) : busyElsewhere(run))
  }
  for (const one of await followRuns(workbench, started, terminal)) found.set(one.run, one)
  return runs.flatMap(id => found.get(id) ?? [])
}

async function sweepCommand(terminal: Terminal, options: Options): Promise<number> {
  const sweep = await sweepOf(options)
  const frozen = await frozenOf(options)
  return withWorkbench(async workbench => {
    const ended = await runSweep(workbench, sweep, terminal, { frozen, fit: options.fit === true })
    return answerEnded(terminal, ended, false)
  })
}

const stepsSchema = z.object({ steps: z.int().min(1) })

async function resumeCommand(
  terminal: Terminal,
  name: string,
  options: { steps?: string },
): Promise<number> {
  const steps =
    options.steps === undefined
      ? 0
      : checkedFlags(stepsSchema, { steps: numberFrom('steps', options.steps) }).steps
  return withWorkbench(async workbench => {
    const { api } = workbench
    const { id } = await api.findRun({ name })
    const { summary } = await api.run({ id })
    const { state, step } = summary
    if (state.kind === 'done' && steps === 0 && !summary.readOnly) {
      terminal.say(`${id} is done, at step ${step}; with --steps N it goes on`)
      return answerEnded(terminal, [endedOf(summary)], true)
    }
    await api.resumeRun({ id, steps })
    return answerEnded(terminal, await followRuns(workbench, [id], terminal), true)
  })
}

async function forkCommand(terminal: Terminal, from: string, options: Options): Promise<number> {
  const changes = await changesOf(options)
  return withWorkbench(async workbench => {
    const { run } = await workbench.api.forkRun({ snapshot: from, changes, sweep: '' })
    return answerEnded(terminal, await followRuns(workbench, [run], terminal), true)
  })
}

export function addTrainCommands(program: Command): void {
  const fit = [
    '--fit',
    'more accumulation where the memory asks for it: same batch, same mathematics',
  ] as const
  addSpecOptions(
    program
      .command('train')
      .description('train one soft prompt')
      .option('--out <file>', 'also write the trained snapshot here')
      .option(...fit),
  ).action(action(trainCommand))
  addSpecOptions(
    program
      .command('sweep')
      .description(
        'train a grid of tokens, models, data and seeds; cells that are done are not run again',
      )
      .option(...fit)
      .option('--untrained', 'also evaluate an untrained prompt of each length'),
  ).action(action(sweepCommand))
  program
    .command('resume <run>')
    .description('go on with a paused, stopped, failed or interrupted run')
    .option('--steps <n>', 'go on to so many steps in all')
    .action(action(resumeCommand))
  addSpecOptions(
    program
      .command('fork <from>')
      .description('a new run that starts from a run, checkpoint or snapshot'),
  ).action(action(forkCommand))
}
