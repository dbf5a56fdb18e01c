// The calls about sweeps on a cluster. What is kept: jobs/<name>/ with the script, the sweep, and the scheduler's id.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { batchScript } from '../cluster/batch-script'
import { isOver, slurm as realSlurm, type Scheduler } from '../cluster/slurm'
import type { WorkbenchApi } from '../contract/api'
import {
  type Job,
  type JobRecord,
  jobRecordSchema,
  type SubmitRequest,
  type TaskState,
} from '../contract/cluster'
import { asFault, Fault } from '../contract/fault'
import { checkedSweep } from '../contract/spec-check'
import { nodeBinary } from '../ports/start'
import { cellsOf, sweepName } from '../spec/sweep'
import { homePaths } from '../train/home'
import { openModel } from '../train/prepare'
import { slugOf } from '../train/spec-name'
import { writeAtomically } from '../weights/atomic'
import type { Context } from './context'

export type JobCalls = Pick<WorkbenchApi, 'submitSweep' | 'jobs' | 'cancelJob'>

const filesOf = (folder: string) => ({
  script: join(folder, 'job.sh'),
  sweep: join(folder, 'sweep.json'),
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
    const text = await readFile(filesOf(join(folder, name)).record, 'utf8').catch(() => 'null')
    const parsed = jobRecordSchema.safeParse(JSON.parse(text))
    return parsed.success ? [parsed.data] : []
  })
  return (await Promise.all(records)).flat()
}

export function jobCalls(context: Context, scheduler: Scheduler = realSlurm): JobCalls {
  const { home } = context
  const root = homePaths(home).jobs

  const submit = async ({ sweep: input, slurm, fit }: SubmitRequest): Promise<JobRecord> => {
    const given = checkedSweep(input)
    const sweep = { ...given, name: sweepName(given.name) }
    const cells = cellsOf(sweep)
    if (cells.length === 0)
      throw new Fault('usage', 'the sweep has no cells', 'Give at least one model and length.')
    // what a node would refuse is refused here
    for (const model of new Set(cells.map(c => c.model))) await openModel(model, context)
    const day = new Date().toISOString().slice(0, 10)
    const folder = join(root, `${day}-${slugOf(sweep.name)}-${randomBytes(3).toString('hex')}`)
    const files = filesOf(folder)
    const tasks = Math.min(cells.length, slurm.arrayLimit)
    const what = { sweep: sweep.name, cells: cells.length, tasks, folder }
    await mkdir(folder, { recursive: true })
    await writeAtomically(files.sweep, `${JSON.stringify(sweep, null, 2)}\n`)
    const script = batchScript({ ...what, home, spw: ownCommand(), slurm, fit })
    await writeAtomically(files.script, script)
    const id = await scheduler.submit(files.script)
    const record = { ...what, id, submittedAt: new Date().toISOString() }
    await writeAtomically(files.record, `${JSON.stringify(record, null, 2)}\n`)
    return record
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
    submitSweep: submit,
    jobs,
    cancelJob: async ({ id }) => {
      if (!(await readRecords(root)).some(record => record.id === id))
        throw new Fault('not-found', `no job ${id} was submitted from here`, 'See spw jobs.')
      await scheduler.cancel(id)
      return null
    },
  }
}
