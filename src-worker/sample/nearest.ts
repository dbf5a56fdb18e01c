// What a soft prompt is near to: for each row the vocabulary tokens whose embeddings point most nearly the same way.

import type { EmbeddingRows } from '../contract/model'
import type { Tokenizer } from '../dataset/tokenizer'

export interface Near {
  readonly token: string
  /** cosine */
  readonly similarity: number
}

const norm = (values: Float32Array): number => {
  let squares = 0
  for (const x of values) squares += x * x
  return Math.sqrt(squares)
}

/** Vocabulary rows looked at at once. */
const chunk = 2048

interface Found {
  readonly id: number
  readonly similarity: number
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0
  for (let h = 0; h < a.length; h++) dot += (a[h] ?? 0) * (b[h] ?? 0)
  return dot / (norm(a) * norm(b) || 1)
}

/** The list with one more candidate, when it is among the `count` best. */
function offered(list: readonly Found[], found: Found, count: number): readonly Found[] {
  const worst = list[count - 1]
  if (worst !== undefined && worst.similarity >= found.similarity) return list
  return [...list, found].sort((a, b) => b.similarity - a.similarity).slice(0, count)
}

/**
 * The `count` nearest tokens of each row.
 * @param rows [P, H]
 */
export async function nearestTokens(
  rows: Float32Array,
  embeddings: EmbeddingRows,
  tokenizer: Tokenizer,
  count: number,
): Promise<Near[][]> {
  const { width } = embeddings
  const prompts = Array.from({ length: rows.length / width }, (_, p) =>
    rows.subarray(p * width, (p + 1) * width),
  )
  let best: readonly (readonly Found[])[] = prompts.map(() => [])
  const real = Math.min(embeddings.rows, tokenizer.vocabularySize)
  for (let from = 0; from < real; from += chunk) {
    const ids = Array.from({ length: Math.min(chunk, real - from) }, (_, i) => from + i)
    const block = await embeddings.read(ids)
    for (const id of ids) {
      const token = block.subarray((id - from) * width, (id - from + 1) * width)
      best = best.map((list, p) =>
        offered(list, { id, similarity: cosine(prompts[p] ?? token, token) }, count),
      )
    }
  }
  const named = async ({ id, similarity }: Found): Promise<Near> => ({
    token: await tokenizer.decode([id]),
    similarity,
  })
  return Promise.all(best.map(list => Promise.all(list.map(named))))
}
