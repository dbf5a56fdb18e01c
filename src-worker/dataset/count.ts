// How many documents a data set holds: a pass over all of it, reported on the way, that can be stopped.

import { openBytes } from '../behaviours/chess/pgn-bytes'
import { rawGames } from '../behaviours/chess/pgn-games'
import { Fault } from '../contract/fault'
import type { DatasetEntry } from '../contract/library'
import { documents } from './documents'
import { fieldsRecords } from './files'

export interface CountRequest {
  /** a file or folder on this machine */
  readonly path: string
  readonly kind: Exclude<DatasetEntry['kind'], 'procedural'>
  /** that holds the text; empty: found by itself */
  readonly field: string
}

export interface CountOptions {
  readonly onProgress: (soFar: number) => void
  readonly signal?: AbortSignal
}

/** records between two looks at the clock and the signal */
const stride = 256

/** Numbers of documents that came at once. */
async function* portions({ path, kind, field }: CountRequest): AsyncGenerator<number> {
  if (kind === 'chess') {
    for await (const { games } of rawGames(await openBytes(path)))
      yield games.filter(game => !game.oversized).length
    return
  }
  const records = kind === 'text' ? documents(path, field, {}) : fieldsRecords(path, {})
  let waiting = 0
  for await (const _ of records) {
    waiting += 1
    if (waiting < stride) continue
    yield waiting
    waiting = 0
  }
  yield waiting
}

/**
 * Texts that are not empty, examples, or games of any event.
 * Faults: those of reading the data; cancelled.
 */
export async function countDocuments(
  request: CountRequest,
  { onProgress, signal }: CountOptions,
): Promise<number> {
  let total = 0
  for await (const portion of portions(request)) {
    total += portion
    onProgress(total)
    if (signal?.aborted === true)
      throw new Fault('cancelled', `counting stopped at ${total}`, 'Count it again when you like.')
  }
  return total
}
