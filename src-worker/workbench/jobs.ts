// The calls about sweeps and answers on a cluster. What is kept: jobs/<name>/ with the script, the sweep or what was asked,
// and the scheduler's id.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { batchScript, type ScriptInput } from '../cluster/batch-script'
import { isOver, slurm as realSlurm, type Scheduler } from '../cluster/slurm'
import type { AnswerRequest } from '../contract/answer'
import type { WorkbenchApi } from '../contract/api'
import {
  type Job,
  type JobRecord,
  jobRecordSchema,
  type SubmitAnswer,
  type SubmitRequest,
  type TaskState,
} from '../contract/cluster'
import { asFault, Fault } from '../contract/fault'
import { checkedSweep } from '../contract/spec-check'
import { nodeBinary } from '../ports/start'
import { cellsOf, sweepName } from '../spec/sweep'
import { homePaths } from '../train/home'
import { openModel } from '../train/prepare'
import { readFitting } from '../train/run-folder'
import { slugOf } from '../train/spec-name'
import { writeAtomically } from '../weights/atomic'
import type { Context } from './context'

export type JobCalls = Pick<WorkbenchApi, 'submitSweep' | 'submitAnswer' | 'jobs' | 'cancelJob'>

const filesOf = (folder: string) => ({
  script: join(folder, 'job.sh'),
  sweep: join(folder, 'sweep.json'),
  answer: join(folder, 'answer.json'),
  record: join(folder, 'job.json'),
})

/** How this very program is started on a node that shares the file system. */
function ownCommand(): readonly string[] {
  const { SPW_BUNDLE } = process.env
  if (SPW_BUNDLE) return [join(SPW_BUNDLE, 'spw')]
  const built = join(__dirname, 'cli.js')
  return [nodeBinary().path, existsSync(built) ? built : (process.argv[1] ?? built)]
}

async function readRecords(folder: string): Promise<readonly JobRecord[]> {
  const names = await readdir(folder).catch(() => [])
  const records = names.sort().map(async name => {
    return (await readFitting(filesOf(join(folder, name)).record, jobRecordSchema)) ?? []
  })
  return (await Promise.all(records)).flat()
}

/** What an answer is asked beside its spec, as flags of `spw answer`. */
function flagsOf({ target, reference, textPrompt, within, longest, budgetSeconds }: AnswerRequest) {
  const given = {
    ...{ target, reference, 'text-prompt': textPrompt, within, longest },
    budget: budgetSeconds === null ? null : `${budgetSeconds}s`,
  }
  return Object.entries(given).flatMap(([flag, value]) =>
    value === null || value === '' ? [] : [`--${flag}=${value}`],
  )
}

/** What of a job is its own, beside that it is handed to the scheduler. */
interface Work {
  /** name of its sweep */
  readonly sweep: string
  readonly cells: number | null
  readonly tasks: number
  readonly slurm: ScriptInput['slurm']
  readonly about: ScriptInput['about']
  /** the file that spw reads, and what is in it */
  readonly file: 'sweep' | 'answer'
  readonly content: unknown
  /** arguments of spw, given that file */
  readonly words: (path: string) => readonly string[]
}

/** @param keep keeps what is asked, so that it is listed. @returns its sweep. Faults: whatever a node would refuse */
export function jobCalls(
  context: Context,
  keep: (request: AnswerRequest) => Promise<string>,
  scheduler: Scheduler = realSlurm,
): JobCalls {
  const { home } = context
  const root = homePaths(home).jobs

  const handOver = async (work: Work): Promise<JobRecord> => {
    const { sweep, cells, tasks, slurm, about } = work
    const day = new Date().toISOString().slice(0, 10)
    const folder = join(root, `${day}-${slugOf(sweep)}-${randomBytes(3).toString('hex')}`)
    const files = filesOf(folder)
    const input = files[work.file]
    await mkdir(folder, { recursive: true })
    await writeAtomically(input, `${JSON.stringify(work.content, null, 2)}\n`)
    const command = [...ownCommand(), ...work.words(input)]
    const script = batchScript({ about, command, tasks, folder, home, slurm })
    await writeAtomically(files.script, script)
    const id = await scheduler.submit(files.script)
    const record = { sweep, cells, tasks, folder, id, submittedAt: new Date().toISOString() }
    await writeAtomically(files.record, `${JSON.stringify(record, null, 2)}\n`)
    return record
  }

  const submitSweep = async ({ sweep: input, slurm, fit }: SubmitRequest): Promise<JobRecord> => {
    const given = checkedSweep(input)
    const sweep = { ...given, name: sweepName(given.name) }
    const cells = cellsOf(sweep)
    if (cells.length === 0)
      throw new Fault('usage', 'the sweep has no cells', 'Give at least one model and length.')
    // what a node would refuse is refused here
    for (const model of new Set(cells.map(c => c.model))) await openModel(model, context)
    const tasks = Math.min(cells.length, slurm.arrayLimit)
    return handOver({
      ...{ sweep: sweep.name, cells: cells.length, tasks, slurm },
      about: [
        `Soft Prompt Workbench: sweep "${sweep.name}", ${cells.length} cells, ${tasks} tasks.`,
        'Each task trains one cell after another until none is left. Submit this again at any time: what is done is not run again.',
      ],
      ...{ file: 'sweep', content: sweep },
      words: path => ['sweep', '--spec', path, ...(fit ? ['--fit'] : [])],
    })
  }

  const submitAnswer = async ({ request, slurm }: SubmitAnswer): Promise<JobRecord> => {
    const sweep = await keep(request)
    return handOver({
      ...{ sweep, cells: null, tasks: 1, slurm },
      about: [
        `Soft Prompt Workbench: "${sweep}".`,
        'One task decides on each next run and trains it. Submit this again at any time: it goes on from the runs that are there.',
      ],
      ...{ file: 'answer', content: { base: request.base } },
      words: path => ['answer', '--spec', path, ...flagsOf(request)],
    })
  }

  const jobs = async (): Promise<Job[]> => {
    const records = await readRecords(root)
    if (records.length === 0) return []
    let unknown = ''
    const found = await scheduler
      .states(records.map(({ id }) => id))
      .catch((error): ReadonlyMap<string, readonly TaskState[]> => {
        unknown = asFault(error).message
        return new Map()
      })
    return records.map(record => {
      const states = [...(found.get(record.id) ?? [])]
      return { ...record, states, unknown, isActive: states.some(state => !isOver(state)) }
    })
  }

  return {
    submitSweep,
    submitAnswer,
    jobs,
    cancelJob: async ({ id }) => {
      if (!(await readRecords(root)).some(record => record.id === id))
        throw new Fault('not-found', `no job ${id} was submitted from here`, 'See spw jobs.')
      await scheduler.cancel(id)
      return null
    },
  }
}
