// Rows of a model's token embedding, read one by one from its file: nothing else is loaded.
import type { EmbeddingRows, ModelFolder } from '../contract/model'
import { embeddingEntry } from './model-folder'
import { readRows } from './safetensors'

export function embeddingsOf(folder: ModelFolder): EmbeddingRows {
  const entry = embeddingEntry(folder)
  const { vocabularySize: rows, hiddenSize: width, embeddingScale } = folder.config
  const scale = Math.fround(embeddingScale)
  const read = async (ids: readonly number[]): Promise<Float32Array> => {
    const values = await readRows(entry, ids)
    return scale === 1 ? values : values.map(value => scale * value)
  }
  return { rows, width, read }
}
