// The call that tests every checkpoint of a run on the same batches: here, or in a process of its own for a large model.
import { basename, join } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { evaluateCheckpoints } from '../train/evaluate-checkpoints'
import { homePaths, readSettings } from '../train/home'
import { readSpec } from '../train/run-folder'
import type { Context } from './context'
import type { Apart } from './run-place'

/** @returns how many checkpoints were tested; progress as events of the request */
export const evaluateHere = (
  { home, resources, emit }: Context,
  request: string,
  folder: string,
  signal: AbortSignal,
): Promise<number> => {
  const onShare = (doing: string, fraction: number | null): void =>
    emit('progress', { request, doing, fraction })
  return evaluateCheckpoints(folder, {
    ...{ home, resources, signal, onShare },
    threads: readSettings(home).threads,
    onProgress: doing => onShare(doing, null),
  })
}

/** A process that ends with the answer. */
interface Elsewhere {
  evaluate(request: string, folder: string, signal: AbortSignal): Promise<number>
}

export function evaluateCalls(
  context: Context,
  apart: Apart,
  elsewhere: Elsewhere,
): Pick<WorkbenchApi, 'evaluateCheckpoints'> {
  return {
    evaluateCheckpoints: ({ request, id }) =>
      context.cancellable(request, async signal => {
        const folder = join(homePaths(context.home).runs, basename(id))
        const tested = (await apart.run(await readSpec(folder)))
          ? await elsewhere.evaluate(request, folder, signal)
          : await evaluateHere(context, request, folder, signal)
        context.emit('libraryChanged', { what: 'snapshots' })
        return { tested }
      }),
  }
}
