// Calls about runs: list, detail, control, edit, trash, series, results.
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { controlOf } from '../behaviours/registry'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { isActive, type RunDetail } from '../contract/run'
import { csvText } from '../shared/csv'
import { commandOfRun } from '../spec/command-line'
import { ratedCheckpoints } from '../train/checkpoint-losses'
import { readEvaluations } from '../train/evaluations'
import { findRun } from '../train/find-run'
import { homePaths } from '../train/home'
import { readBits } from '../train/kept-bits'
import { readMetrics } from '../train/metrics-file'
import { readFitting, readLabel, readProvenance, runFiles, writeLabel } from '../train/run-folder'
import type { Context } from './context'
import { eachOf } from './each-of'
import { extendRun, forkSpec } from './fork'
import { importedFault, type Queue } from './queue'
import { linesOf, readResults } from './result-rows'
import type { RunIndex } from './run-index'
import type { SeriesReader } from './series'
import { moveToTrash, restoreFromTrash } from './trash'

export type RunCalls = Pick<
  WorkbenchApi,
  | 'runs'
  | 'findRun'
  | 'run'
  | 'pauseRun'
  | 'stopRun'
  | 'resumeRun'
  | 'forkRun'
  | 'editRun'
  | 'renameSweep'
  | 'trashRuns'
  | 'restoreRuns'
  | 'series'
  | 'results'
  | 'runLog'
  | 'exportMetrics'
  | 'runCommand'
>

/** What the data held; nothing where the file is missing or damaged. */
async function readDataReport(folder: string): Promise<Record<string, unknown>> {
  return (await readFitting(runFiles(folder).dataReport, z.record(z.string(), z.unknown()))) ?? {}
}

/** Newest lines of a log that are sent at once. */
const logLines = 2000

export function runCalls(
  context: Context,
  index: RunIndex,
  queue: Queue,
  reader: SeriesReader,
): RunCalls {
  const { home } = context
  const paths = homePaths(home)
  const folderOf = (id: string): string => join(paths.runs, basename(id))

  const detail = async (id: string): Promise<RunDetail> => {
    const folder = folderOf(id)
    const summary = await index.refresh(basename(id))
    const snapshot = runFiles(folder).snapshot
    const control = controlOf(summary.spec.experiment)
    const hasSnapshot = await stat(snapshot).then(
      () => true,
      () => false,
    )
    return {
      summary,
      provenance: await readProvenance(folder),
      checkpoints: [...(await ratedCheckpoints(folder, summary.spec))],
      snapshot: hasSnapshot ? snapshot : null,
      evaluations: [...readEvaluations(runFiles(folder).evaluations)],
      bits: await readBits(folder, summary.step),
      noControl: control.kind === 'none' ? control.because : '',
      dataReport: await readDataReport(folder),
    }
  }

  const trash = async (ids: readonly string[]): Promise<void> => {
    // all or none: what is moved can be brought back by one undo
    for (const id of ids) {
      const { state } = await index.refresh(basename(id))
      if (isActive(state))
        throw new Fault('busy', `${id} is ${state.kind}`, 'Stop the run before deleting it.')
    }
    for (const id of ids) await moveToTrash(home, folderOf(id))
    await index.list()
  }

  return {
    runs: async () => [...(await index.list())],
    findRun: async ({ name }) => {
      const folder = resolve(await findRun(home, name))
      const id = basename(folder)
      if (dirname(folder) === resolve(paths.runs)) return { id }
      const other = dirname(dirname(folder))
      throw new Fault(
        'not-found',
        `${folder} is no run of ${home}`,
        `Name the folder that it belongs to as SPW_HOME=${other}, and the run as ${id}.`,
      )
    },
    run: ({ id }) => detail(id),
    pauseRun: async ({ id }) => {
      await queue.pause(id)
      return null
    },
    stopRun: async ({ id }) => {
      await queue.stop(id)
      return null
    },
    resumeRun: async ({ id, steps, results }) => {
      const { readOnly } = await index.refresh(basename(id))
      if (readOnly) throw importedFault(id)
      if (steps > 0) await extendRun(folderOf(id), steps, results ?? undefined)
      await queue.add(basename(id))
      return null
    },
    forkRun: async ({ snapshot, changes, sweep }) => {
      const run = await queue.create(await forkSpec(context, snapshot, changes), { sweep })
      await index.refresh(run)
      queue.kick()
      return { run }
    },
    editRun: async ({ id, name, note, colour }) => {
      const folder = folderOf(id)
      await writeLabel(folder, { ...(await readLabel(folder)), name, note, colour })
      return index.refresh(basename(id))
    },
    renameSweep: async ({ sweep, name: sweepName }) => {
      const own = (await index.list()).filter(run => run.sweep === sweep)
      if (own.length === 0)
        throw new Fault(
          'not-found',
          `no run belongs to the sweep ${sweep}`,
          'Name one of the list.',
        )
      for (const { folder, id } of own) {
        await writeLabel(folder, { ...(await readLabel(folder)), sweepName })
        await index.refresh(id)
      }
      return null
    },
    trashRuns: async ({ ids }) => {
      await trash(ids)
      return null
    },
    restoreRuns: async ({ ids }) => {
      for (const id of ids) await restoreFromTrash(home, folderOf(id))
      await index.list()
      return null
    },
    series: async ({ runs, tags, ...options }) => {
      const known = new Map((await index.known()).map(r => [r.id, r]))
      const series = await eachOf(runs, run => {
        const restarts = known.get(run)?.restarts ?? []
        return reader.read(folderOf(run), run, tags, { ...options, restarts })
      })
      return series.flat()
    },
    results: ({ id }) => readResults(folderOf(id)),
    runLog: async ({ id }) => (await linesOf(runFiles(folderOf(id)).log)).slice(-logLines),
    exportMetrics: ({ runs, tags, format }) => exported(runs.map(folderOf), tags, format),
    runCommand: async ({ id }) => commandOfRun((await index.refresh(basename(id))).spec),
  }
}

/** Every point of the asked tags, as recorded. */
async function exported(
  folders: readonly string[],
  tags: readonly string[],
  format: 'csv' | 'json',
): Promise<string> {
  const rows: {
    run: string
    tag: string
    step: number
    tokens: number
    seconds: number
    value: number | string
  }[] = []
  for (const folder of folders)
    for await (const { step, tokens, seconds, values } of readMetrics(folder))
      for (const tag of tags)
        if (values[tag] !== undefined)
          rows.push({ run: basename(folder), tag, step, tokens, seconds, value: values[tag] })
  if (format === 'json') return JSON.stringify(rows)
  const head = ['run', 'tag', 'step', 'tokens', 'seconds', 'value']
  return csvText([head, ...rows.map(r => [r.run, r.tag, r.step, r.tokens, r.seconds, r.value])])
}
