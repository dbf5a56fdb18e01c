// Slurm behind one small interface: its own commands, and their answers as data. Nothing else knows them.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TaskState } from '../contract/cluster'
import { Fault } from '../contract/fault'

export interface Scheduler {
  /** @returns the job's id. Faults: not-found, usage (what the scheduler refuses) */
  submit(script: string): Promise<string>
  /** the tasks of these jobs, by job; jobs that it has forgotten are left out. Faults: not-found, engine */
  states(jobs: readonly string[]): Promise<ReadonlyMap<string, readonly TaskState[]>>
  /** ends a job: what trains is checkpointed first. Faults: not-found, engine */
  cancel(job: string): Promise<void>
}

const run = promisify(execFile)
/** A controller that does not answer must not hold up a list of runs. Milliseconds. */
const patience = 20_000

interface Failed {
  readonly code?: string | number
  readonly stderr?: string
  readonly message: string
}

/** Runs one of Slurm's commands. @returns its standard output */
async function ask(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, [...args], { timeout: patience, maxBuffer: 1e8 })).stdout
  } catch (error) {
    const { code, stderr = '', message } = error as Failed
    if (code === 'ENOENT')
      throw new Fault(
        'not-found',
        `there is no ${command} on this machine`,
        'Log in to a node from which jobs are submitted.',
        { cause: error },
      )
    const said = stderr.trim() === '' ? message : stderr.trim()
    throw new Fault('engine', `${command}: ${said}`, 'Ask Slurm: sinfo, squeue.', { cause: error })
  }
}

/** `3,5-7,9-13:2` → 3, 5, 6, 7, 9, 11, 13 */
function tasksIn(list: string): number[] {
  return list.split(',').flatMap(part => {
    const [first = 0, last = first, step = 1] = part.split(/[-:]/).map(Number)
    return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step)
  })
}

/** `12_3|RUNNING|node1|None` → job 12, task 3; sacct writes tasks that never began as one: `12_[4-8%2]|CANCELLED by 0|…` */
function tasksOf(line: string): readonly (readonly [job: string, TaskState])[] {
  const [id = '', said = '', node = '', reason = ''] = line.split('|').map(part => part.trim())
  const [, job, list] = /^(\d+)_\[?([\d,:-]+)(?:%\d+)?\]?$/.exec(id) ?? []
  if (job === undefined || list === undefined) return []
  // sacct: `CANCELLED by 1000`, and a word for no node
  const [state = ''] = said.split(' ')
  const where = node === 'None assigned' ? '' : node
  const waits = state === 'PENDING' && reason !== 'None' ? reason : ''
  return tasksIn(list).map(task => [job, { task, state, node: where, reason: waits }] as const)
}

/** Of a task that stands there several times the last line counts: it was queued again. */
function byJob(text: string): Map<string, readonly TaskState[]> {
  const jobs = new Map<string, Map<number, TaskState>>()
  for (const [job, task] of text.split('\n').flatMap(tasksOf))
    jobs.set(job, (jobs.get(job) ?? new Map()).set(task.task, task))
  return new Map(
    [...jobs].map(([job, tasks]) => [job, [...tasks.values()].sort((a, b) => a.task - b.task)]),
  )
}

/** Of each job the queue's word counts, then the accounts'; many clusters keep none. */
async function states(jobs: readonly string[]): Promise<ReadonlyMap<string, readonly TaskState[]>> {
  const list = jobs.join(',')
  const queue = ['--noheader', '--array', '--states=all', '--format=%i|%T|%N|%r', `--jobs=${list}`]
  const inQueue = await ask('squeue', queue).catch(error => {
    // it forgets what has ended minutes ago
    if (error instanceof Fault && /Invalid job id/.test(error.message)) return ''
    throw error
  })
  const accounts = ['--noheader', '--allocations', '--parsable2', `--jobs=${list}`]
  const fields = '--format=JobID,State,NodeList'
  const past = await ask('sacct', [...accounts, fields]).catch(() => '')
  const now = byJob(inQueue)
  for (const [job, tasks] of byJob(past)) {
    const known = now.get(job) ?? []
    const others = tasks.filter(({ task }) => !known.some(k => k.task === task))
    now.set(
      job,
      [...known, ...others].sort((a, b) => a.task - b.task),
    )
  }
  return now
}

async function submit(script: string): Promise<string> {
  try {
    const said = await ask('sbatch', ['--parsable', script])
    // with several clusters: `12;cluster`
    return said.trim().split(';')[0] ?? ''
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'engine') throw error
    throw new Fault('usage', error.message, 'Correct --partition, --gres, --time or --account.', {
      cause: error,
    })
  }
}

export const slurm: Scheduler = {
  submit,
  states,
  cancel: async job => {
    await ask('scancel', [job])
  },
}

/** States after which nothing more comes. */
const over =
  /^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY|BOOT_FAIL|DEADLINE|REVOKED)/

export const isOver = ({ state }: TaskState): boolean => over.test(state)
