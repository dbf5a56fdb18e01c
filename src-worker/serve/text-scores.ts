// Log-probabilities of a text's own tokens (`echo`): one pass over the text, in chunks, each row of logits seen once.
import { Fault } from '../contract/fault'
import { emptyCache } from '../sample/cache'
import type { Chunk, Decoder } from '../sample/decoder'
import { type TokenLogProb, topTokens } from '../sample/pick'
import type { Sequence } from '../sample/prefill'

export interface TokenScore {
  readonly token: number
  /** natural log; undefined where nothing stands before the token */
  readonly logProb: number | undefined
  /** the most probable tokens at its place */
  readonly top: readonly TokenLogProb[]
}

/** Slots read at once: [64, V] logits are 13 MB for a vocabulary of 50,000. */
const chunkWidth = 64

interface ScoredChunk {
  readonly chunk: Chunk
  /** the token after each row of the head */
  readonly tokens: readonly number[]
}

/** The slots from `from` on; the head is computed where a text token follows. */
function chunkAt({ slots, rows: prompt }: Sequence, from: number, top: number): ScoredChunk {
  const part = slots.slice(from, from + chunkWidth)
  const width = part.length
  const rows = part.flatMap((_, q) => ((slots[from + q + 1] ?? -1) >= 0 ? [q] : []))
  const tokens = rows.map(q => slots[from + q + 1]!)
  const chunk: Chunk = {
    lanes: 1,
    width,
    slots: Int32Array.from(part),
    prompt: prompt ?? new Float32Array(0),
    positions: Int32Array.from(part, (_, q) => from + q),
    counts: Int32Array.of(width),
    head: {
      rows,
      wanted: top > 0 ? rows.map((_, row) => row) : [],
      picks: tokens.map((token, row) => [row, token] as const),
    },
  }
  return { chunk, tokens }
}

/**
 * The model's own log-probability of every text token of a lane, and the `top` most probable ones at its place.
 * Faults: cancelled, shape.
 */
export async function textScores(
  decoder: Decoder,
  lane: Sequence,
  top: number,
  signal: AbortSignal,
): Promise<TokenScore[]> {
  const { slots } = lane
  const scores: TokenScore[] = []
  if ((slots[0] ?? -1) >= 0) scores.push({ token: slots[0]!, logProb: undefined, top: [] })
  let cache = emptyCache(decoder.shape, 1)
  const size = decoder.vocabularySize
  for (let from = 0; from < slots.length; from += chunkWidth) {
    if (signal.aborted) throw new Fault('cancelled', 'scoring was stopped', 'Send it again.')
    const { chunk, tokens } = chunkAt(lane, from, top)
    const result = await decoder.extend(cache, chunk)
    cache = result.cache
    for (const [row, token] of tokens.entries()) {
      const logits = result.logits.subarray(row * size, (row + 1) * size)
      const best = top > 0 ? topTokens(logits, top, result.logZ[row]) : []
      scores.push({ token, logProb: result.scores[row]!, top: best })
    }
  }
  return scores
}
