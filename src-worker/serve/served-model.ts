// One name under which the server answers: a model, bare or with a soft prompt where it stood in training.
import type { CachedModel } from '../sample/cached-model'
import { type LaneQueue, openLaneQueue } from './lane-queue'

export interface ServedModel
  extends Pick<CachedModel, 'sampler' | 'snapshot' | 'conditions' | 'lane'> {
  readonly name: string
  readonly queue: LaneQueue
}

/** Models that share a sampler share its queue: its caches are changed in place. */
export function servedModels(
  opened: readonly { readonly name: string; readonly model: CachedModel }[],
): ServedModel[] {
  const queues = new Map<CachedModel['sampler'], LaneQueue>()
  return opened.map(({ name, model }) => {
    const { sampler, snapshot, conditions, lane } = model
    const queue = queues.get(sampler) ?? openLaneQueue(sampler)
    queues.set(sampler, queue)
    return { name, queue, sampler, snapshot, conditions, lane }
  })
}
