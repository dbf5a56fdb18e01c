// The only switch on architecture. A new family: its file beside this, and a row here.
import type { ModelConfig, ModelFolder } from '../contract/model'
import { mul } from '../graph/ops/elementwise'
import { gatherRows } from '../graph/ops/shape'
import { bloom } from './bloom'
import { cohere, cohere2 } from './cohere'
import { exaone4 } from './exaone4'
import { falcon } from './falcon'
import type { AnyFamily } from './family-kind'
import { gemma } from './gemma'
import { gemma2 } from './gemma2'
import { gemma3 } from './gemma3'
import { glm4 } from './glm4'
import { gptNeo } from './gpt-neo'
import { gptNeox } from './gpt-neox'
import { gpt2 } from './gpt2'
import { gptj } from './gptj'
import { granite } from './granite'
import type { LanguageModel } from './language-model'
import { arcee, ernie, llama, seedOss } from './llama'
import { mistral } from './mistral'
import { mpt } from './mpt'
import { nemotron } from './nemotron'
import { olmo } from './olmo'
import { olmo2, olmo3 } from './olmo2'
import { opt } from './opt'
import { phi } from './phi'
import { phi3 } from './phi3'
import { qwen2 } from './qwen2'
import { qwen3 } from './qwen3'
import { smollm3 } from './smollm3'
import { type GemmType, recordingSource, type WeightSource, weightSource } from './source'
import { stablelm } from './stablelm'
import { starcoder2 } from './starcoder2'

/** By model_type of config.json. */
export const families: Readonly<Record<string, AnyFamily>> = {
  arcee,
  bloom,
  cohere,
  cohere2,
  ernie4_5: ernie,
  exaone4,
  falcon,
  gemma,
  gemma2,
  gemma3,
  gemma3_text: gemma3,
  glm4,
  gpt2,
  gpt_neo: gptNeo,
  gpt_neox: gptNeox,
  gptj,
  granite,
  llama,
  mistral,
  mpt,
  nemotron,
  olmo,
  olmo2,
  olmo3,
  opt,
  phi,
  phi3,
  qwen2,
  qwen3,
  seed_oss: seedOss,
  smollm3,
  stablelm,
  starcoder2,
}

/** Whether we can run what config.json calls this model_type. */
export const isSupportedType = (type: unknown): type is string =>
  typeof type === 'string' && Object.hasOwn(families, type)

const byName = new Map(Object.values(families).map(each => [each.name, each]))

/** The family that read this config. */
export const familyOf = ({ family }: ModelConfig): AnyFamily => byName.get(family) as AnyFamily

/** @param folds norms into the layers behind them: fewer passes over rows, matrices of their own  @throws Fault 'bad-weights' */
export function languageModel(
  folder: ModelFolder,
  gemm: GemmType = 'float32',
  folds = false,
): LanguageModel {
  return assembled(folder.config, weightSource(folder, gemm, folds), gemm)
}

function assembled(config: ModelConfig, source: WeightSource, gemm: GemmType): LanguageModel {
  const table = [config.vocabularySize, config.hiddenSize]
  const embedding = source.vector(config.embedding, table)
  const {
    enter = x => x,
    headBias: bias,
    logitCap: cap,
    ...parts
  } = familyOf(config).build(config, source)
  const { embeddingScale: scale } = config
  return {
    ...parts,
    config,
    gemm,
    weightsFolder: source.folder,
    embed: ids =>
      scale === 1 ? gatherRows(embedding, ids) : mul(gatherRows(embedding, ids), scale),
    enter,
    head: { weight: source.matrix(config.head, table), bias, cap },
  }
}

/** The names and shapes that a model's files must hold, in the order in which the family asks for them. */
export function expectedTensors(config: ModelConfig): ReadonlyMap<string, readonly number[]> {
  const { source, asked } = recordingSource()
  assembled(config, source, 'float32')
  return asked
}

/** The matrices that blocks multiply with, and the axis that is summed over; the head is not among them. */
export function blockMatrices(config: ModelConfig): ReadonlyMap<string, 0 | 1> {
  const { source, matrices } = recordingSource()
  assembled(config, source, 'float32')
  matrices.delete(config.head)
  return matrices
}
