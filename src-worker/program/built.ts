// A program ready to be opened by a session: its bytes, and where its weights lie.
import type { ModelFolder } from '../contract/model'
import { type Program, toOnnx } from '../graph/onnx'
import { languageModel } from '../model/family'
import type { LanguageModel } from '../model/language-model'
import type { GemmType } from '../model/source'

export interface Built {
  readonly bytes: Uint8Array
  readonly weightsFolder: string
  readonly opCounts: Readonly<Record<string, number>>
}

/** Writes the program that `make` builds on a model. */
export function built(
  folder: ModelFolder,
  gemm: GemmType,
  make: (model: LanguageModel) => Program,
  folds = false,
): Built {
  const model = languageModel(folder, gemm, folds)
  return { ...toOnnx(make(model), model.weightsFolder), weightsFolder: model.weightsFolder }
}

/** A program without a model. */
export const plain = (program: Program): Built => ({ ...toOnnx(program), weightsFolder: '' })
