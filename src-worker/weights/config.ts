// config.json → ModelConfig, in the spelling of transformers 4 and of transformers 5.
// Defaults are those of transformers' GPTNeoXConfig and LlamaConfig. What we cannot run is refused, never guessed.
import { Fault } from '../contract/fault'
import type { GptNeoxConfig, LlamaConfig, ModelConfig, RopeScaling } from '../contract/model'
import { isObject, type JsonObject } from './json'

/** Reads fields of one config.json; every fault names the file and the field. */
interface Fields {
  readonly path: string
  count(name: string, fallback?: number): number
  /** above 0 */
  positive(name: string, fallback?: number): number
  number(name: string, fallback?: number): number
  flag(name: string, fallback: boolean): boolean
  text(name: string, fallback: string): string
  refuse(what: string, fix?: string): Fault
}

const useSupported = 'Choose a GPT-NeoX (Pythia) or Llama model.'
const downloadAgain = 'Download config.json again.'

function fields(source: JsonObject, path: string): Fields {
  const refuse = (what: string, fix = downloadAgain): Fault =>
    new Fault('bad-model', `${path}: ${what}`, fix)
  const number = (name: string, fallback?: number): number => {
    const value = source[name] ?? fallback
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw refuse(
      value === undefined ? `${name} is missing` : `${name} is ${JSON.stringify(value)}, no number`,
    )
  }
  const count = (name: string, fallback?: number): number => {
    const value = number(name, fallback)
    if (Number.isSafeInteger(value) && value > 0) return value
    throw refuse(`${name} is ${value}, no positive whole number`)
  }
  const positive = (name: string, fallback?: number): number => {
    const value = number(name, fallback)
    if (value > 0) return value
    throw refuse(`${name} is ${value}, not above 0`)
  }
  const flag = (name: string, fallback: boolean): boolean => {
    const value = source[name] ?? fallback
    if (typeof value === 'boolean') return value
    throw refuse(`${name} is ${JSON.stringify(value)}, neither true nor false`)
  }
  const text = (name: string, fallback: string): string => {
    const value = source[name] ?? fallback
    if (typeof value === 'string') return value
    throw refuse(`${name} is ${JSON.stringify(value)}, no text`)
  }
  return { path, count, number, positive, flag, text, refuse }
}

/** Everything that either spelling says about rope, in one object: transformers 5's keys win. */
function ropeSource(config: JsonObject, path: string): JsonObject {
  const { rope_parameters: v5, rope_scaling: v4 } = config
  if (isObject(v5) && Object.values(v5).some(isObject)) {
    const what = `rope_parameters has one entry for each kind of layer (${Object.keys(v5)})`
    throw new Fault('bad-model', `${path}: ${what}`, useSupported)
  }
  const theta = config.rotary_emb_base ?? config.rope_theta
  const share = config.rotary_pct ?? config.partial_rotary_factor
  return {
    ...(theta === undefined ? {} : { rope_theta: theta }),
    ...(share === undefined ? {} : { partial_rotary_factor: share }),
    ...(isObject(v4) ? v4 : {}),
    ...(isObject(v5) ? v5 : {}),
  }
}

function ropeScaling(rope: JsonObject, get: Fields, maxPositions: number): RopeScaling {
  // the oldest files say `type`
  const kind = get.text('rope_type', get.text('type', 'default'))
  if (kind === 'default') return { kind }
  if (kind === 'linear') return { kind, factor: get.positive('factor') }
  if (kind !== 'llama3') {
    const what = `the rope type "${kind}" is not supported (default, linear and llama3 are)`
    throw get.refuse(what, 'Choose a model with one of these rope types.')
  }
  if (rope.low_freq_factor === rope.high_freq_factor)
    throw get.refuse('low_freq_factor equals high_freq_factor')
  return {
    kind,
    factor: get.positive('factor'),
    lowFrequencyFactor: get.positive('low_freq_factor'),
    highFrequencyFactor: get.positive('high_freq_factor'),
    originalMaxPositions: get.count('original_max_position_embeddings', maxPositions),
  }
}

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const ids = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter(isId)

type Family = ModelConfig['family']

/** Many more than any model has: what is above is a lie, for which memory must not be taken. */
const mostLayers = 4096
type Common = Pick<
  ModelConfig,
  Exclude<keyof LlamaConfig & keyof GptNeoxConfig, 'family' | 'attentionBias'>
>

function common(config: JsonObject, generation: JsonObject, path: string, family: Family): Common {
  const get = fields(config, path)
  const neox = family === 'gpt-neox'
  const [hiddenSize, heads] = [get.count('hidden_size'), get.count('num_attention_heads')]
  if (hiddenSize % heads !== 0 && (neox || config.head_dim == null))
    throw get.refuse(`hidden_size ${hiddenSize} is no multiple of num_attention_heads ${heads}`)
  const headDim = neox ? hiddenSize / heads : get.count('head_dim', Math.floor(hiddenSize / heads))
  const maxPositions = get.count('max_position_embeddings', 2048)
  const layers = get.count('num_hidden_layers')
  if (layers > mostLayers)
    throw get.refuse(`num_hidden_layers is ${layers}, more than ${mostLayers}`)
  const rope = ropeSource(config, path)
  const ropeFields = fields(rope, path)
  return {
    hiddenSize,
    heads,
    headDim,
    maxPositions,
    layers,
    mlpSize: get.count('intermediate_size'),
    vocabularySize: get.count('vocab_size'),
    ropeTheta: ropeFields.positive('rope_theta', 10000),
    ropeScaling: ropeScaling(rope, ropeFields, maxPositions),
    normEps: neox ? get.positive('layer_norm_eps', 1e-5) : get.positive('rms_norm_eps', 1e-6),
    tiedHead: get.flag('tie_word_embeddings', false),
    bosTokenId: ids(config.bos_token_id)[0] ?? ids(generation.bos_token_id)[0],
    eosTokenIds: [...new Set([...ids(config.eos_token_id), ...ids(generation.eos_token_id)])],
  }
}

const neoxActivations: Readonly<Record<string, GptNeoxConfig['activation']>> = {
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
}

function gptNeox(config: JsonObject, generation: JsonObject, path: string): GptNeoxConfig {
  const get = fields(config, path)
  const base = common(config, generation, path, 'gpt-neox')
  const act = get.text('hidden_act', 'gelu')
  const activation = Object.hasOwn(neoxActivations, act) ? neoxActivations[act] : undefined
  if (activation === undefined) {
    const what = `the activation "${act}" is not supported (${Object.keys(neoxActivations)} are)`
    throw get.refuse(what, useSupported)
  }
  const share = fields(ropeSource(config, path), path).number('partial_rotary_factor', 0.25)
  const rotaryDim = Math.floor(base.headDim * share)
  if (rotaryDim % 2 !== 0 || rotaryDim < 0 || rotaryDim > base.headDim)
    throw get.refuse(
      `rotary_pct ${share} of ${base.headDim} is ${rotaryDim}, no even part of a head`,
    )
  return {
    family: 'gpt-neox',
    ...base,
    rotaryDim,
    activation,
    parallelResidual: get.flag('use_parallel_residual', true),
    attentionBias: get.flag('attention_bias', true),
  }
}

function llama(config: JsonObject, generation: JsonObject, path: string): LlamaConfig {
  const get = fields(config, path)
  const base = common(config, generation, path, 'llama')
  const act = get.text('hidden_act', 'silu')
  if (act !== 'silu' && act !== 'swish')
    throw get.refuse(`the activation "${act}" is not supported (silu is)`, useSupported)
  const kvHeads = get.count('num_key_value_heads', base.heads)
  if (base.heads % kvHeads !== 0)
    throw get.refuse(`${base.heads} heads cannot share ${kvHeads} key-value heads`)
  if (base.headDim % 2 !== 0) throw get.refuse(`head_dim ${base.headDim} is odd`)
  return {
    family: 'llama',
    ...base,
    kvHeads,
    attentionBias: get.flag('attention_bias', false),
    mlpBias: get.flag('mlp_bias', false),
  }
}

const parsers = { gpt_neox: gptNeox, llama } as const

/** Whether we can run what config.json calls this model_type. */
export const isSupportedType = (type: unknown): type is keyof typeof parsers =>
  typeof type === 'string' && Object.hasOwn(parsers, type)

/** @param generation generation_config.json, for the ids that end a text; {} when there is none */
export function parseConfig(config: JsonObject, generation: JsonObject, path: string): ModelConfig {
  const get = fields(config, path)
  if (isObject(config.quantization_config)) {
    const method = JSON.stringify(config.quantization_config.quant_method ?? 'unknown')
    throw get.refuse(`the weights are quantised (${method})`, 'Take the unquantised model.')
  }
  const type = config.model_type
  if (isSupportedType(type)) return parsers[type](config, generation, path)
  const names = JSON.stringify(config.architectures ?? 'unknown')
  const what = `architecture ${JSON.stringify(type ?? 'unknown')} (${names}) is not supported`
  throw get.refuse(what, useSupported)
}
