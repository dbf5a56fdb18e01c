// Rows of a model's token embedding, read one by one from its file: nothing else is loaded.
import type { ModelFolder } from '../contract/model'
import { embeddingEntry } from './model-folder'
import { readRows } from './safetensors'

export interface EmbeddingRows {
  /** V */
  readonly rows: number
  /** H */
  readonly width: number
  /** [ids, H] in float32 */
  read(ids: readonly number[]): Promise<Float32Array>
}

export function embeddingsOf(folder: ModelFolder): EmbeddingRows {
  const entry = embeddingEntry(folder)
  const { vocabularySize: rows, hiddenSize: width } = folder.config
  return { rows, width, read: ids => readRows(entry, ids) }
}
