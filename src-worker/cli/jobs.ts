// Sweeps and answers on a cluster: spw sweep --slurm, spw answer --slurm, spw jobs, spw cancel.
import type { Command } from 'commander'
import type { AnswerRequest } from '../contract/answer'
import type { WorkbenchApi } from '../contract/api'
import { type Job, type JobRecord, jobText, slurmOptionsSchema } from '../contract/cluster'
import { Fault } from '../contract/fault'
import type { SweepSpec } from '../contract/run-spec'
import { readSmallText } from '../weights/plain-file'
import { withWorkbench } from './engine'
import { numberFrom, parsedFlags } from './parsed-options'
import { action, exitCodes, type Terminal, table } from './terminal'

type Options = Record<string, unknown>

/** bytes; a setup is a few lines of shell */
const largestSetup = 100_000

/** @param whole what is handed over */
export function addSlurmOptions(command: Command, whole: string): Command {
  return command
    .option('--slurm', `hand ${whole} to Slurm, and end`)
    .option('--partition <name>', 'with --slurm: partition')
    .option('--gres <list>', 'with --slurm: what a task needs, such as gpu:1')
    .option('--time <limit>', 'with --slurm: time limit of a task, such as 4:00:00')
    .option('--account <name>', 'with --slurm: account')
    .option('--setup <file>', 'with --slurm: lines of shell that a node runs first')
}

export const addArrayOption = (command: Command): Command =>
  command.option('--array-limit <n>', 'with --slurm: tasks at once, at most (default: 16)')

async function slurmOf(options: Options) {
  const { partition, gres, time, account, arrayLimit, setup } = options
  const given = {
    ...{ partition, gres, time, account },
    arrayLimit:
      arrayLimit === undefined ? undefined : numberFrom('array-limit', String(arrayLimit)),
    setup: setup === undefined ? undefined : await readSmallText(String(setup), largestSetup),
  }
  return parsedFlags(slurmOptionsSchema, given, { arrayLimit: 'array-limit' })
}

/** Submits a sweep and says how it is watched. */
export async function submit(
  api: WorkbenchApi,
  terminal: Terminal,
  sweep: SweepSpec,
  options: Options,
): Promise<number> {
  for (const flag of ['shard', 'leave'])
    if (options[flag] !== undefined)
      throw new Fault(
        'usage',
        `--${flag} is for a sweep that runs here`,
        `Leave out --${flag}: the tasks share the cells by themselves.`,
      )
  const slurm = await slurmOf(options)
  return saySubmitted(
    terminal,
    await api.submitSweep({ sweep, slurm, fit: options.fit === true }),
    '',
  )
}

/** Submits an answer: one task finds it. */
export async function submitAnswer(
  api: WorkbenchApi,
  terminal: Terminal,
  request: AnswerRequest,
  options: Options,
): Promise<number> {
  const job = await api.submitAnswer({ request, slurm: await slurmOf(options) })
  return saySubmitted(
    terminal,
    job,
    '\nthe answer: the same command without --slurm, or task-1.log',
  )
}

function saySubmitted(terminal: Terminal, job: JobRecord, more: string): number {
  const what = `${job.cells === null ? '' : `${job.cells} cells, ${job.tasks} tasks, `}${nameOf(job)}`
  const text = `Slurm job ${job.id}: ${what}
script and logs: ${job.folder}
see it with: spw runs    end it with: spw cancel ${job.id}${more}`
  terminal.answer(job, text)
  return exitCodes.done
}

/** An answer's own name says that it is one. */
const nameOf = ({ cells, sweep }: JobRecord): string =>
  cells === null ? `"${sweep}"` : `sweep "${sweep}"`

const lineOf = (job: Job): string => `Slurm job ${job.id} (${nameOf(job)}): ${jobText(job)}`

/** What is under way, a line each; of what has ended `spw jobs` tells. */
export function sayJobs(terminal: Terminal, jobs: readonly Job[], sweep?: string): void {
  for (const job of jobs) {
    const isMeant = sweep === undefined || job.sweep === sweep
    if (isMeant && (job.isActive || job.unknown !== '')) terminal.say(lineOf(job))
  }
}

async function jobsCommand(terminal: Terminal): Promise<number> {
  const jobs = await withWorkbench(({ api }) => api.jobs({}))
  const rows = jobs.map(job => [job.id, job.sweep, job.cells ?? 'open', job.tasks, jobText(job)])
  const text = table(rows, ['job', 'sweep', 'cells', 'tasks', 'state'])
  terminal.answer(
    jobs,
    jobs.length === 0 ? 'No jobs. See spw sweep --help or spw answer --help, --slurm.' : text,
  )
  return exitCodes.done
}

/** Jobs are meant by their number or by the name of their sweep. */
async function cancelCommand(terminal: Terminal, name: string): Promise<number> {
  const ended = await withWorkbench(async ({ api }) => {
    const jobs = await api.jobs({})
    const meant = jobs.filter(job => job.id === name || job.sweep === name)
    if (meant.length === 0)
      throw new Fault('not-found', `no job or sweep is called ${name}`, 'Take one from spw jobs.')
    const active = meant.filter(job => job.isActive || job.unknown !== '')
    for (const { id } of active) await api.cancelJob({ id })
    return active.map(({ id }) => id)
  })
  const text = ended.length === 0 ? 'ended already' : `cancelled: ${ended.join(', ')}`
  terminal.answer({ cancelled: ended }, text)
  return exitCodes.done
}

export function addJobCommands(program: Command): void {
  program
    .command('jobs')
    .description('sweeps and answers on a cluster, and the states of their tasks')
    .action(action(jobsCommand))
  program
    .command('cancel <job>')
    .description('end a job of a cluster, by its number or its sweep; what trains is checkpointed')
    .action(action(cancelCommand))
}
