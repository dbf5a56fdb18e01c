// The order in which a stream takes records: passes over the data, each a fresh permutation within blocks. Position
// p of pass e is the same record whenever, wherever and by however many threads it is read.
import type { RawRecord } from './data-pipeline'
import { rng } from './rng'

export interface Positioned<Raw = unknown> {
  /** ordinal within the pass, in the order of training */
  readonly position: number
  /** ordinal within the pass, in the order of the data */
  readonly document: number
  readonly raw: Raw
}

/** A block is permuted in memory: so many records or bytes at most. */
const blockRecords = 4096
const blockBytes = 16 << 20

/** Fisher–Yates. */
function shuffle<T>(items: T[], seed: number, label: string): void {
  const random = rng(seed, label)
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const held = items[i] as T
    items[i] = items[j] as T
    items[j] = held
  }
}

/**
 * One pass over the records.
 * @param seed of the permutation; undefined: the order of the data
 */
export async function* ordered<Raw>(
  records: AsyncIterable<RawRecord<Raw>>,
  epoch: number,
  seed: number | undefined,
): AsyncGenerator<Positioned<Raw>> {
  let position = 0
  let document = 0
  if (seed === undefined) {
    for await (const { raw } of records) yield { position: position++, document: document++, raw }
    return
  }
  let block = 0
  let held: { document: number; raw: Raw }[] = []
  let bytes = 0
  const release = function* (): Generator<Positioned<Raw>> {
    shuffle(held, seed, `order ${epoch} ${block++}`)
    for (const item of held) yield { position: position++, ...item }
    held = []
    bytes = 0
  }
  for await (const record of records) {
    held.push({ document: document++, raw: record.raw })
    bytes += record.bytes
    if (held.length >= blockRecords || bytes >= blockBytes) yield* release()
  }
  yield* release()
}
