// Calls about experiments and sweeps: cards, defaults, previews, start.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { behaviourOf, behaviours, cardOf, findBehaviour } from '../behaviours/registry'
import type { WorkbenchApi } from '../contract/api'
import { Fault, writeFault } from '../contract/fault'
import type { RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { checkedSweep } from '../contract/spec-check'
import { withFileLock } from '../dataset/file-lock'
import { counted } from '../shared/counted'
import { oncePerKey } from '../shared/once'
import { commandOf } from '../spec/command-line'
import { resolveSpec } from '../spec/resolve'
import { cellsOf, sweepName } from '../spec/sweep'
import { openRun } from '../stream/open'
import { previewExamples } from '../stream/preview'
import { homePaths } from '../train/home'
import { fittingAccumulation, roomOn } from '../train/memory'
import { openModel } from '../train/prepare'
import { existingCells } from './cells'
import type { Context } from './context'
import type { Queue } from './queue'
import type { RunIndex } from './run-index'
import { withSameFiles } from './same-files'

export type ExperimentCalls = Pick<
  WorkbenchApi,
  | 'behaviours'
  | 'resolveSpec'
  | 'previewExamples'
  | 'commandLine'
  | 'startSweep'
  | 'evaluationPrompts'
>

export function experimentCalls(context: Context, index: RunIndex, queue: Queue): ExperimentCalls {
  const contextOf = async (spec: RunSpec) => ({
    ...(await openModel(spec.model, context)),
    spec,
    home: context.home,
    resources: context.resources,
  })

  /** Runs of the cells, in their order; interrupted, stopped and waiting ones go on. */
  const start = async (
    cells: readonly RunSpec[],
    existing: readonly (RunSummary | undefined)[],
    { sweep, atMost }: { readonly sweep: string; readonly atMost: number },
  ): Promise<{ runs: string[]; started: string[] }> => {
    const [runs, started]: [string[], string[]] = [[], []]
    for (const [i, spec] of cells.entries()) {
      const found = existing[i]
      const mayStart = started.length < atMost
      if (found === undefined && !mayStart) continue
      const id = found?.id ?? (await queue.create(spec, { sweep }))
      runs.push(id)
      if (found === undefined || (mayStart && (await queue.takeUp(found)))) started.push(id)
    }
    await index.list()
    queue.kick()
    return { runs, started }
  }

  const openNamed = (name: string) => openModel(name, context)

  /** The cells in more micro-batches where memory asks for it, and what was changed. */
  const fitted = async (cells: readonly RunSpec[], modelOf: typeof openNamed) => {
    const notes = new Set<string>()
    const roomOf = oncePerKey(roomOn)
    const specs = cells.map(async spec => {
      const { model } = await modelOf(spec.model)
      const { accumulation: asked } = spec.training
      const { freeBytes, device } = await roomOf(spec.device)
      const accumulation = fittingAccumulation(spec, model, freeBytes, device) ?? asked
      if (accumulation === asked) return spec
      notes.add(`accumulation ${accumulation} instead of ${asked}, to fit in memory`)
      return { ...spec, training: { ...spec.training, accumulation } }
    })
    return { cells: await Promise.all(specs), notes: [...notes] }
  }

  return {
    behaviours: async () => behaviours().map(cardOf),
    resolveSpec: async input => resolveSpec(input),
    previewExamples: async ({ spec, count }) => {
      const full = resolveSpec(spec)
      return previewExamples(behaviourOf(full.experiment.kind), await contextOf(full), count)
    },
    commandLine: async sweep => commandOf(checkedSweep(sweep)),
    startSweep: async ({ sweep: input, frozen, fit, again, atMost, shard, single: onlyOne }) => {
      const sweep = checkedSweep(input)
      const all = cellsOf(sweep)
      const asked = shard === null ? all : all.filter((_, i) => i % shard.of === shard.index - 1)
      if (asked.length === 0)
        throw new Fault('usage', 'the sweep has no cells', 'Give at least one model and length.')
      if (onlyOne && asked.length > 1)
        throw new Fault(
          'usage',
          `these options stand for ${counted(asked.length, 'run')}`,
          'Give one value each, or use `spw sweep`.',
        )
      const modelOf = oncePerKey(openNamed)
      for (const model of new Set(asked.map(c => c.model))) await modelOf(model)
      const { cells, notes } = fit ? await fitted(asked, modelOf) : { cells: asked, notes: [] }
      const single = cells.length === 1 && sweep.name === ''
      const base = single ? '' : sweepName(sweep.name)
      const name = frozen === '' ? base : `${sweepName(sweep.name)} [frozen ${frozen.slice(0, 12)}]`
      const how = { sweep: name, atMost: atMost ?? cells.length }
      // of two processes that start the same sweep, each cell is made by one
      const { runs: folder } = homePaths(context.home)
      const inTurn = async () => {
        const all = again ? [] : await index.list()
        const same = await withSameFiles(all, cells, context)
        const existing = existingCells(same.runs, cells, queue.isOwn)
        const said = [...notes, ...same.notes]
        return { sweep: name, notes: said, ...(await start(cells, existing, how)) }
      }
      try {
        await mkdir(folder, { recursive: true })
        return await withFileLock(join(folder, '.sweep'), undefined, inTurn)
      } catch (error) {
        throw writeFault(error, folder)
      }
    },
    evaluationPrompts: async ({ experiment, model }) => {
      const spec = resolveSpec({
        ...(findBehaviour(experiment) ?? behaviours()[0])?.demo(),
        ...(model === '' ? {} : { model }),
      })
      const context = { ...(await contextOf(spec)), threads: 0 }
      const opened = await openRun(behaviourOf(spec.experiment.kind), context)
      try {
        const prompts = await opened.evaluationPrompts()
        return prompts.map(({ label, text, group }) => ({ label, text, group }))
      } finally {
        await opened.close()
      }
    },
  }
}
