// The only switch on architecture. A new family: its forward pass in a file beside this, and a row here.
import type { ModelFolder } from '../contract/model'
import { gptNeox } from './gpt-neox'
import type { LanguageModel } from './language-model'
import { llama } from './llama'
import { type GemmType, weightSource } from './source'

/** @throws Fault 'bad-weights' */
export function languageModel(folder: ModelFolder, gemm: GemmType = 'float32'): LanguageModel {
  const { config } = folder
  const source = weightSource(folder, gemm)
  switch (config.family) {
    case 'gpt-neox':
      return gptNeox(config, source, gemm)
    case 'llama':
      return llama(config, source, gemm)
  }
}
