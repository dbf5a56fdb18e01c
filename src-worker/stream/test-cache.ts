// Test batches, made once and handed out again: every test of a run sees the same ones.
import type { BatchStream, StreamItem } from './source'

/** bytes kept; a longer test starts again from the first batch */
const mostBytes = 256 << 20

const bytesOf = ({ batch, documentOf }: StreamItem): number =>
  4 * (batch.slots.length + 3 * batch.rows.length + batch.conditions.length + documentOf.length)

export interface TestCache {
  /** a stream from the first batch on */
  stream(): BatchStream
  close(): Promise<void>
}

/** @param open the stream that makes the batches; opened when the first one is asked for */
export function testCache(open: () => BatchStream, limit = mostBytes): TestCache {
  const kept: StreamItem[] = []
  let bytes = 0
  let source: BatchStream | undefined
  let making: Promise<unknown> = Promise.resolve()
  const more = async (index: number): Promise<void> => {
    if (kept.length > index) return
    source ??= open()
    const item = await source.next()
    kept.push(item)
    bytes += bytesOf(item)
  }
  const at = async (index: number): Promise<StreamItem> => {
    if (kept.length <= index && (bytes < limit || kept.length === 0)) {
      const made = making.then(() => more(index))
      making = made.catch(() => {})
      await made
    }
    return kept[index % kept.length] as StreamItem
  }
  return {
    stream: () => {
      let index = 0
      return { next: () => at(index++), close: async () => {} }
    },
    close: async () => {
      await source?.close()
    },
  }
}
