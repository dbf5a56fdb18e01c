// Models of random weights, in the shapes that people use: speed does not depend on what the numbers are.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { elements } from '../src-worker/contract/dims'
import { parseConfig } from '../src-worker/model/config/parse'
import { expectedTensors } from '../src-worker/model/family'
import { encodeHeader } from '../src-worker/weights/safetensors-writer'

export const modelNames = [
  'pythia-70m',
  'pythia-160m',
  'pythia-1.4b',
  'smollm2-135m',
  'mistral-160m',
  'qwen3-110m',
  'gemma2-110m',
  'gpt2-124m',
  'olmo2-110m',
] as const
export type ModelName = (typeof modelNames)[number]
export type Stored = 'F32' | 'F16'

export const neox = {
  model_type: 'gpt_neox',
  architectures: ['GPTNeoXForCausalLM'],
  vocab_size: 50304,
  max_position_embeddings: 2048,
  rotary_pct: 0.25,
  rotary_emb_base: 10000,
  hidden_act: 'gelu',
  use_parallel_residual: true,
  tie_word_embeddings: false,
  layer_norm_eps: 1e-5,
  attention_dropout: 0,
  hidden_dropout: 0,
  bos_token_id: 0,
  eos_token_id: 0,
}

/** of SmolLM2 135M */
export const llama = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  vocab_size: 49152,
  max_position_embeddings: 8192,
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  head_dim: 64,
  intermediate_size: 1536,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 100000,
  tie_word_embeddings: true,
  attention_dropout: 0,
  bos_token_id: 0,
  eos_token_id: 0,
}

/** A gated MLP, a fifth as many key heads as heads, one table for both ends. */
const middle = {
  ...llama,
  hidden_size: 640,
  num_hidden_layers: 12,
  num_attention_heads: 10,
  num_key_value_heads: 2,
  intermediate_size: 1792,
}

const configs: Readonly<Record<ModelName, Readonly<Record<string, unknown>>>> = {
  'pythia-70m': {
    ...neox,
    hidden_size: 512,
    num_hidden_layers: 6,
    num_attention_heads: 8,
    intermediate_size: 2048,
  },
  'pythia-160m': {
    ...neox,
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    intermediate_size: 3072,
  },
  'pythia-1.4b': {
    ...neox,
    hidden_size: 2048,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    intermediate_size: 8192,
  },
  'smollm2-135m': llama,
  'mistral-160m': {
    ...llama,
    model_type: 'mistral',
    architectures: ['MistralForCausalLM'],
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    num_key_value_heads: 4,
    intermediate_size: 2048,
    sliding_window: 128,
  },
  'qwen3-110m': { ...middle, model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] },
  'gemma2-110m': {
    ...middle,
    model_type: 'gemma2',
    architectures: ['Gemma2ForCausalLM'],
    hidden_activation: 'gelu_pytorch_tanh',
    query_pre_attn_scalar: 64,
    sliding_window: 256,
  },
  'gpt2-124m': {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: 50257,
    n_embd: 768,
    n_layer: 12,
    n_head: 12,
    n_positions: 2048,
    layer_norm_epsilon: 1e-5,
    activation_function: 'gelu_new',
  },
  'olmo2-110m': {
    ...middle,
    model_type: 'olmo2',
    architectures: ['Olmo2ForCausalLM'],
    num_key_value_heads: 10,
    tie_word_embeddings: false,
  },
}

/**
 * So many numbers are drawn, then repeated. A prime, so that every tensor begins elsewhere in them: onnxruntime keeps
 * one packed copy of equal matrices, and a model of equal layers would look smaller and faster than it is.
 */
const period = 65_537
const deviation = 0.02
/** Of the head: logits then spread about as those of a trained model (5 nats of entropy), which sampling must sort. */
const headDeviation = 0.15

/** Numbers with a normal distribution by the polar form of Box and Muller, from a small generator. */
function normals(count: number, spread: number): Float32Array {
  let state = 88172645
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return ((state >>> 8) + 0.5) / 2 ** 24
  }
  return Float32Array.from(
    { length: count },
    () => spread * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  )
}

/** The bits of float16 nearest to x, |x| < 65504, zero below the normal numbers. */
function halfBits(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0]!
  const exponent = ((bits >>> 23) & 0xff) - 112
  if (exponent <= 0) return (bits >>> 16) & 0x8000
  return ((bits >>> 16) & 0x8000) | (((exponent << 10) | ((bits >>> 13) & 0x3ff)) & 0x7fff)
}

const bytesOf = (numbers: Float32Array, stored: Stored): Uint8Array =>
  stored === 'F32'
    ? new Uint8Array(numbers.buffer)
    : new Uint8Array(Uint16Array.from(numbers, halfBits).buffer)

const isScale = (name: string): boolean => /norm.*\.weight$/.test(name)
const isHead = (name: string): boolean => /^(embed_out|lm_head)\./.test(name)

export interface BegunModel {
  /** model.safetensors, open behind its header; the caller closes it */
  readonly file: number
  readonly tensors: readonly { readonly name: string; readonly length: number }[]
  /** of header and tensors */
  readonly size: number
}

/** A folder with config.json, and model.safetensors up to its first tensor. */
export function beginModel(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  stored: Stored,
): BegunModel {
  mkdirSync(folder, { recursive: true })
  const source = { ...config, torch_dtype: stored === 'F32' ? 'float32' : 'float16' }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(source))
  const dtype = stored
  const shapes = [...expectedTensors(parseConfig(source, {}, folder).config)]
  const tensors = shapes.map(([name, shape]) => ({
    ...{ name, dtype, shape },
    length: elements(shape) * (stored === 'F32' ? 4 : 2),
  }))
  const front = encodeHeader(tensors, { format: 'pt' })
  const file = openSync(join(folder, 'model.safetensors'), 'w')
  writeSync(file, front)
  const size = tensors.reduce((n, { length }) => n + length, front.length)
  return { file, tensors, size }
}

/** Writes config.json and model.safetensors; the folder's path. */
export function writeModel(root: string, name: ModelName, stored: Stored): string {
  const folder = join(root, `${name}-${stored}`)
  const { file, tensors } = beginModel(folder, configs[name], stored)
  const random = bytesOf(normals(period, deviation), stored)
  const head = bytesOf(normals(period, headDeviation), stored)
  const ones = bytesOf(new Float32Array(period).fill(1), stored)
  let from = 0
  for (const { name: tensor, length: size } of tensors) {
    const bytes = isScale(tensor) ? ones : isHead(tensor) ? head : random
    for (let left = size; left > 0; ) {
      const length = Math.min(left, bytes.length - from)
      writeSync(file, bytes, from, length)
      left -= length
      from = (from + length) % bytes.length
    }
  }
  closeSync(file)
  return folder
}
