// The workbench: implements the contract over the run folders of one home. Worker thread, process and command line all
// open it the same way.
import { mkdir } from 'node:fs/promises'
import type { WorkbenchApi } from './contract/api'
import type { Engine, EngineHooks, EngineSetup } from './contract/engine'
import { sendUnhandledTo, unhandledText } from './ports/unhandled'
import { homePaths } from './train/home'
import { newOwner } from './train/lease'
import { analysisCalls } from './workbench/analysis'
import { openAnswerSessions } from './workbench/answer-session'
import { bitsCalls } from './workbench/bits'
import { openContext } from './workbench/context'
import { openDatasetCounts } from './workbench/dataset-counts'
import { datasetCalls } from './workbench/datasets'
import { demoCalls } from './workbench/demos'
import { openDownloads } from './workbench/downloads'
import { evaluateCalls } from './workbench/evaluate'
import { experimentCalls } from './workbench/experiments'
import { folderCalls } from './workbench/folders'
import { openFollower } from './workbench/follow'
import { openGpu } from './workbench/gpu'
import { homeCheckCalls } from './workbench/home-check'
import { importEvaluationCall } from './workbench/import-evaluation'
import { jobCalls } from './workbench/jobs'
import { libraryFile } from './workbench/library-file'
import { openModelProcesses } from './workbench/model-processes'
import { modelCalls } from './workbench/models'
import { planCalls } from './workbench/plan'
import { openPlayground } from './workbench/playground'
import { openSeriesWarmer } from './workbench/prepare-series'
import { presetCalls } from './workbench/presets'
import { openQueue } from './workbench/queue'
import { openRunIndex } from './workbench/run-index'
import { openApart } from './workbench/run-place'
import { runCalls } from './workbench/runs'
import { openSeriesReader } from './workbench/series'
import { openServing } from './workbench/serving'
import { engineCalls } from './workbench/settings'
import { snapshotCalls } from './workbench/snapshots'
import { verifyCalls } from './workbench/verify'

export type WorkbenchSetup = Omit<EngineSetup, 'host'> & {
  readonly host: EngineSetup['host'] | 'command-line'
}

/** Opens the workbench; what is queued on disk goes on. On the command line nothing starts by itself. */
export async function createWorkbench(setup: WorkbenchSetup, hooks: EngineHooks): Promise<Engine> {
  const { home, resources, host } = setup
  const owner = newOwner()
  // a command that only looks makes nothing
  if (host !== 'command-line') await mkdir(homePaths(home).runs, { recursive: true })
  const context = openContext({ home, resources }, owner, hooks.emit)
  sendUnhandledTo(fault => context.log(unhandledText(fault)))
  const reader = openSeriesReader(homePaths(home).seriesCache)
  const index = openRunIndex(context, new Set([owner]))
  const library = libraryFile(home)
  const apart = openApart(context, host)
  const queue = openQueue(context, index, {
    apart: apart.run,
    // so that the app draws it at once
    ...(host === 'command-line' && { ownOnly: true, ended: folder => reader.prepare(folder) }),
  })
  const isOurs = (id: string): boolean => [...queue.running().values()].includes(id)
  const models = modelCalls(context, library)
  const elsewhere = openModelProcesses(context)
  const playground = openPlayground(context, apart, elsewhere)
  const downloads = openDownloads(context, library)
  const serving = openServing(context)
  const counts = openDatasetCounts(context, host !== 'command-line')
  const gpu = openGpu(context)
  const experiments = experimentCalls(context, index, queue)
  const runs = runCalls(context, index, queue, reader)
  const bits = bitsCalls(context, { index, queue, apart, elsewhere })
  const others = { ...experiments, ...runs, ...bits }
  const answers = openAnswerSessions(context, index, new Set([owner]), others)
  const api: WorkbenchApi = {
    ...engineCalls(context, host),
    ...gpu.calls,
    ...folderCalls,
    ...experiments,
    ...jobCalls(context, answers.keep),
    ...demoCalls(context, new Set([owner])),
    ...planCalls(context, index, apart, elsewhere),
    ...runs,
    ...evaluateCalls(context, apart, elsewhere),
    ...bits,
    ...models,
    ...downloads.calls,
    ...datasetCalls(context, library, counts),
    ...presetCalls(context),
    ...snapshotCalls(context, index, models),
    ...playground.calls,
    ...serving.calls,
    ...homeCheckCalls(context),
    ...verifyCalls(context),
    ...analysisCalls(context, index, new Set([owner])),
    ...importEvaluationCall(context, index),
    ...answers.calls,
  }
  // on the command line nothing goes on by itself
  const background =
    host === 'command-line' ? [] : [openFollower(hooks.emit, isOurs), openSeriesWarmer(reader)]
  index.onLook(runs => {
    for (const one of background) one.see(runs)
  })
  if (host !== 'command-line') queue.kick()
  return {
    api,
    close: async () => {
      answers.close()
      index.close()
      for (const one of background) one.close()
      const working = [queue, playground, serving, downloads, counts, gpu]
      await Promise.all(working.map(one => one.close()))
    },
  }
}
