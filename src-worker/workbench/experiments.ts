// Calls about experiments and sweeps: cards, defaults, previews, start.
import { basename } from 'node:path'
import { experimentOf } from '../behaviours/registry'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { experimentKinds, type RunSpec } from '../contract/run-spec'
import { checkedSweep } from '../contract/spec-check'
import { commandOf } from '../spec/command-line'
import { resolveSpec } from '../spec/resolve'
import { cellsOf } from '../spec/sweep'
import { openModel } from '../train/prepare'
import { createRun } from '../train/run-folder'
import { existingCells } from './cells'
import type { Context } from './context'
import type { Queue } from './queue'
import type { RunIndex } from './run-index'

export type ExperimentCalls = Pick<
  WorkbenchApi,
  | 'experiments'
  | 'resolveSpec'
  | 'previewExamples'
  | 'commandLine'
  | 'startSweep'
  | 'evaluationPrompts'
>

/** A sweep's name must differ from yesterday's. */
const sweepName = (name: string): string =>
  name === '' ? `sweep ${new Date().toISOString().slice(0, 19).replace('T', ' ')}` : name

export function experimentCalls(context: Context, index: RunIndex, queue: Queue): ExperimentCalls {
  const contextOf = async (spec: RunSpec) => ({
    ...(await openModel(spec.model, context)),
    spec,
    home: context.home,
    resources: context.resources,
  })

  /** New runs for the cells that no living run covers; interrupted and stopped ones go on. */
  const start = async (cells: readonly RunSpec[], sweep: string): Promise<string[]> => {
    const existing = await existingCells(context.home, cells)
    const ids: string[] = []
    for (const [i, spec] of cells.entries()) {
      const found = existing[i]
      if (found === undefined) ids.push(basename(await createRun(context.home, spec, { sweep })))
      else {
        ids.push(found.id)
        if (['interrupted', 'stopped', 'paused'].includes(found.state.kind))
          await queue.add(found.id)
      }
    }
    await index.list()
    queue.kick()
    return ids
  }

  return {
    experiments: async () =>
      experimentKinds.map(kind => {
        const { title, explanation, finding, demo } = experimentOf(kind)
        return { kind, title, explanation, finding, demo: demo() }
      }),
    resolveSpec: async input => resolveSpec(input),
    previewExamples: async ({ spec, count }) => {
      const full = resolveSpec(spec)
      const previews = await experimentOf(full.experiment.kind).preview(
        await contextOf(full),
        count,
      )
      return [...previews]
    },
    commandLine: async sweep => commandOf(checkedSweep(sweep)),
    startSweep: async ({ sweep: input, frozen }) => {
      const sweep = checkedSweep(input)
      const cells = cellsOf(sweep)
      if (cells.length === 0)
        throw new Fault('usage', 'the sweep has no cells', 'Give at least one model and length.')
      for (const model of new Set(cells.map(c => c.model))) await openModel(model, context)
      const single = cells.length === 1 && sweep.name === ''
      const base = single ? '' : sweepName(sweep.name)
      const name = frozen === '' ? base : `${sweepName(sweep.name)} [frozen ${frozen.slice(0, 12)}]`
      return { sweep: name, runs: await start(cells, name) }
    },
    evaluationPrompts: async ({ experiment, model }) => {
      const spec = resolveSpec({
        ...experimentOf(experimentKinds.find(k => k === experiment) ?? 'autoregressive').demo(),
        ...(model === '' ? {} : { model }),
      })
      const opened = await experimentOf(spec.experiment.kind).open({
        ...(await contextOf(spec)),
        threads: 0,
      })
      try {
        const prompts = await opened.evaluationPrompts()
        return prompts.map(({ label, text, group }) => ({ label, text, group }))
      } finally {
        await opened.close()
      }
    },
  }
}
