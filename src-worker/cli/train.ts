// spw train, sweep, resume, fork: runs in this very process, in the same folders as the app's.
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import type { SweepSpec } from '../contract/run-spec'
import { sweepName } from '../spec/sweep'
import { isElsewhere, type Workbench, wholePath, withWorkbench } from './engine'
import { answerEnded, codeOf, type Ended, endedOf, followRuns } from './follow-runs'
import { addArrayOption, addSlurmOptions, submit } from './jobs'
import { numberFrom, parsedFlags } from './parsed-options'
import { addSpecOptions, changesOf, frozenOf, sweepOf } from './spec-options'
import { wasStopRequested } from './stop-signal'
import { action, exitCodes, type Terminal } from './terminal'

type Options = Record<string, unknown>

/** Hours of training must not end at a file that cannot be written. */
async function outFile(out: unknown): Promise<string | undefined> {
  if (out === undefined) return undefined
  const path = wholePath(String(out))
  if (isElsewhere()) return path
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
    const how = { frozen: '', fit: options.fit === true, again: true, single: true, atMost: null }
    const { runs, notes } = await api.startSweep({ sweep, ...how, shard: null })
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

interface SweepOptions {
  readonly frozen?: string
  readonly fit?: boolean
  readonly shard?: { readonly index: number; readonly of: number }
  /** end when others train what is left, instead of waiting for them */
  readonly leave?: boolean
}

/** Milliseconds between two looks at cells that other processes train. */
const lookEvery = 2000

/**
 * Runs a sweep to its end: cells that are done are not run again, and those that another process trains are waited for.
 * Cells are taken a few at a time, so that several processes, on one machine or many, share a sweep.
 * Answers every cell that has ended, in their order.
 */
export async function runSweep(
  workbench: Workbench,
  sweep: SweepSpec,
  terminal: Terminal,
  { frozen = '', fit = false, shard, leave = false }: SweepOptions = {},
): Promise<readonly Ended[]> {
  const { api } = workbench
  const gpus = (await api.devices({})).filter(d => d.id !== 'cpu' && d.fault === null).length
  const how = { frozen, fit, again: false, single: false, atMost: Math.max(1, gpus) }
  const named = { ...sweep, name: sweepName(sweep.name) }
  const found = new Map<string, Ended>()
  const said = new Set<string>()
  const sayOnce = (line: string): void => {
    if (!said.has(line)) terminal.say(line)
    said.add(line)
  }
  for (;;) {
    const answer = await api.startSweep({ sweep: named, ...how, shard: shard ?? null })
    const { runs, started } = answer
    for (const note of answer.notes) sayOnce(note)
    for (const one of await followRuns(workbench, started, terminal)) found.set(one.run, one)
    const ended = (): readonly Ended[] => runs.flatMap(id => found.get(id) ?? [])
    if (wasStopRequested() || codeOf(ended()) === exitCodes.interrupted) return ended()
    const known = new Map((await api.runs({})).map(run => [run.id, run]))
    for (const id of runs) {
      const run = known.get(id)
      if (found.has(id) || run?.state.kind !== 'done') continue
      sayOnce(`${runs.indexOf(id) + 1} of ${runs.length}: ${run.name}: done already (${id})`)
      found.set(id, endedOf(run))
    }
    if (started.length > 0) continue
    const others = runs.filter(id => !found.has(id))
    if (others.length === 0 || leave) return ended()
    sayOnce(`${others.length} cells are trained by other processes; waiting for them`)
    await sleep(lookEvery)
  }
}

/** `2/5`: of the cells every fifth, from the second. */
function shardOf(text: unknown): SweepOptions['shard'] {
  if (text === undefined) return undefined
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(String(text)) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (shard.index >= 1 && shard.index <= shard.of) return shard
  throw new Fault('usage', `--shard ${text} is none`, 'Write it as 1/4, 2/4 … 4/4.')
}

async function sweepCommand(terminal: Terminal, options: Options): Promise<number> {
  const sweep = await sweepOf(options)
  if (options.slurm === true)
    return withWorkbench(({ api }) => submit(api, terminal, sweep, options))
  const frozen = await frozenOf(options)
  return withWorkbench(async workbench => {
    const shard = shardOf(options.shard)
    const leave = options.leave === true
    const how = { frozen, fit: options.fit === true, leave, ...(shard && { shard }) }
    const ended = await runSweep(workbench, sweep, terminal, how)
    const code = answerEnded(terminal, ended, false)
    return wasStopRequested() ? exitCodes.interrupted : code
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
      : parsedFlags(stepsSchema, { steps: numberFrom('steps', options.steps) }).steps
  return withWorkbench(async workbench => {
    const { api } = workbench
    const { id } = await api.findRun({ name })
    const { summary } = await api.run({ id })
    const { state, step } = summary
    if (state.kind === 'done' && steps === 0 && !summary.readOnly) {
      terminal.say(`${id} is done, at step ${step}; with --steps N it goes on`)
      return answerEnded(terminal, [endedOf(summary)], true)
    }
    await api.resumeRun({ id, steps, results: null })
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
  const sweep = program.command('sweep')
  addSpecOptions(
    sweep
      .description(
        'train a grid: every flag may have several values, such as --lr 0.001 0.01; cells that are done are not run again',
      )
      .option(...fit)
      .option('--untrained', 'also evaluate an untrained prompt of each length')
      .option(
        '--shard <i/n>',
        'only every n-th cell, from the i-th; without it, processes share all cells',
      )
      .option('--leave', 'end when other processes train what is left'),
    true,
  )
  addArrayOption(addSlurmOptions(sweep, 'the sweep as a job array')).action(action(sweepCommand))
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
