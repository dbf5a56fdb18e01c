// What a soft prompt is near to: for each row the vocabulary tokens whose embeddings point most nearly the same way.
import type { Tokenizer } from '../dataset/tokenizer'
import type { EmbeddingRows } from '../weights/embeddings'

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
  const best: { id: number; similarity: number }[][] = prompts.map(() => [])
  const real = Math.min(embeddings.rows, tokenizer.vocabularySize)
  for (let from = 0; from < real; from += chunk) {
    const ids = Array.from({ length: Math.min(chunk, real - from) }, (_, i) => from + i)
    const block = await embeddings.read(ids)
    for (const id of ids) {
      const token = block.subarray((id - from) * width, (id - from + 1) * width)
      const length = norm(token)
      prompts.forEach((prompt, p) => {
        let dot = 0
        for (let h = 0; h < width; h++) dot += (prompt[h] ?? 0) * (token[h] ?? 0)
        const similarity = dot / (length * norm(prompt) || 1)
        const list = best[p] ?? []
        if (list.length < count || similarity > (list[list.length - 1]?.similarity ?? -1)) {
          list.push({ id, similarity })
          list.sort((a, b) => b.similarity - a.similarity)
          list.length = Math.min(list.length, count)
        }
      })
    }
  }
  return Promise.all(
    best.map(list =>
      Promise.all(
        list.map(async ({ id, similarity }) => ({
          token: await tokenizer.decode([id]),
          similarity,
        })),
      ),
    ),
  )
}
