// The call that tests every checkpoint of a run on the same batches: here, or in a process of its own for a large model.
import { basename, join } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { type EvaluateOptions, evaluateCheckpoints } from '../train/evaluate-checkpoints'
import { homePaths, readSettings } from '../train/home'
import { readSpec } from '../train/run-folder'
import type { Context } from './context'
import type { Apart } from './run-place'

/** Progress as events of the request. */
export function evaluateOptions(
  { home, resources, emit }: Context,
  request: string,
  signal: AbortSignal,
): EvaluateOptions {
  const onShare = (doing: string, fraction: number | null): void =>
    emit('progress', { request, doing, fraction })
  const { threads } = readSettings(home)
  const onProgress = (doing: string): void => onShare(doing, null)
  return { home, resources, signal, onShare, threads, onProgress }
}

/** @returns how many checkpoints were tested */
export const evaluateHere = (
  context: Context,
  request: string,
  folder: string,
  signal: AbortSignal,
): Promise<number> => evaluateCheckpoints(folder, evaluateOptions(context, request, signal))

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
