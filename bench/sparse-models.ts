// Models of any size whose weights are a hole in a file and read as zero: for counting, not for timing.
import { closeSync, ftruncateSync } from 'node:fs'
import { join } from 'node:path'
import { beginModel, llama, neox, type Stored } from './models'

const sizes = (hidden_size: number, num_hidden_layers: number, num_attention_heads: number) => ({
  hidden_size,
  num_hidden_layers,
  num_attention_heads,
  intermediate_size: 4 * hidden_size,
})

const configs = {
  'pythia-70m': { ...neox, ...sizes(512, 6, 8) },
  'pythia-160m': { ...neox, ...sizes(768, 12, 12) },
  'pythia-410m': { ...neox, ...sizes(1024, 24, 16) },
  'pythia-1.4b': { ...neox, ...sizes(2048, 24, 16) },
  'smollm2-135m': llama,
  'llama-3.2-1b': {
    ...llama,
    ...{ vocab_size: 128256, max_position_embeddings: 131072, rope_theta: 500000 },
    ...{ hidden_size: 2048, num_hidden_layers: 16, intermediate_size: 8192 },
    ...{ num_attention_heads: 32, num_key_value_heads: 8 },
  },
} as const
export type SparseName = keyof typeof configs

/** The folder's path. */
export function writeSparseModel(root: string, name: SparseName, stored: Stored): string {
  const folder = join(root, `${name}-${stored}`)
  const { file, size } = beginModel(folder, configs[name], stored)
  ftruncateSync(file, size)
  closeSync(file)
  return folder
}
