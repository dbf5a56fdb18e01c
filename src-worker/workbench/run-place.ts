// Where a run trains, and where a playground's model lives: in a thread of this process, or in a process of its own.
import type { EngineSetup } from '../contract/engine'
import type { ModelFolder } from '../contract/model'
import type { Precision, RunSpec } from '../contract/run-spec'
import { nvidiaGpus } from '../session/nvidia'
import { type Places, readSettings } from '../train/home'
import { memoryOf } from '../train/memory'
import { type MemoryPlan, planMemory } from '../train/memory-plan'
import { locateModel } from '../train/model-places'
import { openModelFolder } from '../weights/model-folder'

export type RunPlace = 'thread' | 'process' | 'tf32 process'

/**
 * The engine's own process computes float32 products as float32. A run on a GPU that asks for TF32 gets a process that
 * has it in its environment before it loads CUDA; on the CPU one that is too large for the app's process gets a plain one.
 * @param device cpu or cuda:N
 */
export function placeOfRun(device: string, precision: Precision, apart: boolean): RunPlace {
  if (device !== 'cpu') return precision === 'tf32' ? 'tf32 process' : 'thread'
  return apart ? 'process' : 'thread'
}

/** What on the CPU must live apart from the engine; nothing where the engine has a plain process already. */
export interface Apart {
  run(spec: RunSpec): Promise<boolean>
  /** @param folder of a model that samples */
  model(folder: string): Promise<boolean>
}

/** Lanes and slots of a large request to a playground. */
const largeRequest = { lanes: 4, slots: 2048 }

const samplingMemory = (model: ModelFolder): MemoryPlan =>
  planMemory({ model, parameters: 0, ...largeRequest, training: false })

/**
 * By the memory plan. SPW_IN_APP_BYTES lowers what is held inside the app's process at most.
 * @param host of the engine
 */
export function openApart(places: Places, host: EngineSetup['host'] | 'command-line'): Apart {
  const known = new Map<string, Promise<boolean>>()
  const most = Number(process.env.SPW_IN_APP_BYTES ?? Number.POSITIVE_INFINITY)
  const mustLiveApart = (plan: MemoryPlan): boolean =>
    plan.host === 'process' || plan.totalBytes > most
  const asked = async (plan: () => Promise<MemoryPlan>): Promise<boolean> => {
    if (host !== 'thread') return false
    try {
      return mustLiveApart(await plan())
    } catch {
      return false // the run or the request itself says what is wrong
    }
  }
  return {
    run: spec =>
      asked(async () =>
        memoryOf(spec, await openModelFolder(await locateModel(spec.model, places))),
      ),
    model: async folder => {
      const { device } = readSettings(places.home)
      if (device !== 'cpu' && (device !== 'auto' || (await nvidiaGpus()).length > 0)) return false
      const answer =
        known.get(folder) ?? asked(async () => samplingMemory(await openModelFolder(folder)))
      known.set(folder, answer)
      return answer
    },
  }
}
