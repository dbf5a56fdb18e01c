// How many records a data set holds: a pass over all of it, reported on the way, that can be stopped.
import { Fault } from '../contract/fault'

export interface CountOptions {
  readonly onProgress: (soFar: number) => void
  readonly signal?: AbortSignal
}

/** records between two looks at the clock and the signal */
const stride = 256

/** Numbers of records that came at once. */
export async function* portionsOf(records: AsyncIterable<unknown>): AsyncGenerator<number> {
  let waiting = 0
  for await (const _ of records) {
    waiting += 1
    if (waiting < stride) continue
    yield waiting
    waiting = 0
  }
  yield waiting
}

/** The sum of all portions. Faults: those of reading the data; cancelled. */
export async function countDocuments(
  portions: AsyncIterable<number>,
  { onProgress, signal }: CountOptions,
): Promise<number> {
  let total = 0
  for await (const portion of portions) {
    total += portion
    onProgress(total)
    if (signal?.aborted === true)
      throw new Fault('cancelled', `counting stopped at ${total}`, 'Count it again when you like.')
  }
  return total
}
