// GPT-NeoX (Pythia): biases everywhere, queries, keys and values interleaved by head, residual parallel or serial.
import type { GptNeoxConfig } from '../contract/model'
import { add, gelu, relu } from '../graph/ops/elementwise'
import { layerNorm } from '../graph/ops/norm'
import { gatherRows, reshape, slice, split } from '../graph/ops/shape'
import { dim } from '../graph/shape'
import type { Value } from '../graph/value'
import type { Block, LanguageModel } from './language-model'
import { linear } from './layers/linear'
import type { WeightSource } from './source'

export function gptNeox(
  config: GptNeoxConfig,
  source: WeightSource,
  gemm: LanguageModel['gemm'],
): LanguageModel {
  const h = config.hiddenSize
  const embedding = source.vector('gpt_neox.embed_in.weight', [config.vocabularySize, h])
  const headName = config.tiedHead ? 'gpt_neox.embed_in.weight' : 'embed_out.weight'
  return {
    config,
    gemm,
    keyHeads: config.heads,
    weightsFolder: source.folder,
    embed: ids => gatherRows(embedding, ids),
    blocks: Array.from({ length: config.layers }, (_, i) => block(config, source, i)),
    finalNorm: norm(config, source, 'gpt_neox.final_layer_norm'),
    head: source.matrix(headName, [config.vocabularySize, h]),
  }
}

function norm(config: GptNeoxConfig, source: WeightSource, name: string): (x: Value) => Value {
  const gamma = source.vector(`${name}.weight`, [config.hiddenSize])
  const beta = source.vector(`${name}.bias`, [config.hiddenSize])
  return x => layerNorm(x, gamma, beta, config.normEps)
}

function block(config: GptNeoxConfig, source: WeightSource, index: number): Block {
  const name = `gpt_neox.layers.${index}`
  const { hiddenSize: h, mlpSize, heads, headDim } = config
  const bias = (n: string, size: number): Value | undefined =>
    config.attentionBias ? source.vector(n, [size]) : undefined
  const wide = 3 * heads * headDim
  const qkv = source.matrix(`${name}.attention.query_key_value.weight`, [wide, h])
  const qkvBias = bias(`${name}.attention.query_key_value.bias`, wide)
  const dense = source.matrix(`${name}.attention.dense.weight`, [h, heads * headDim])
  const denseBias = bias(`${name}.attention.dense.bias`, h)
  const up = source.matrix(`${name}.mlp.dense_h_to_4h.weight`, [mlpSize, h])
  const upBias = source.vector(`${name}.mlp.dense_h_to_4h.bias`, [mlpSize])
  const down = source.matrix(`${name}.mlp.dense_4h_to_h.weight`, [h, mlpSize])
  const downBias = source.vector(`${name}.mlp.dense_4h_to_h.bias`, [h])
  const beforeAttention = norm(config, source, `${name}.input_layernorm`)
  const beforeMlp = norm(config, source, `${name}.post_attention_layernorm`)
  const mlp = (x: Value): Value =>
    linear(activation(config, linear(beforeMlp(x), up, upBias)), down, downBias)
  const out = (attended: Value): Value => linear(attended, dense, denseBias)
  /** the rows of the interleaved weight that make part `from`…`to` of q, k, v */
  const rowsOf = (w: Value, from: number, to: number): Value => byHead(w, config, from, to)
  const partly = (x: Value, from: number, to: number): Value =>
    linear(
      beforeAttention(x),
      rowsOf(qkv, from, to),
      qkvBias === undefined ? undefined : rowsOf(qkvBias, from, to),
    )
  return {
    project: x => separate(linear(beforeAttention(x), qkv, qkvBias), heads, ['q', 'k', 'v']),
    projectQuery: x => partly(x, 0, 1),
    projectKeyValue: x => separate(partly(x, 1, 3), heads, ['k', 'v']),
    early: x => (config.parallelResidual ? add(x, mlp(x)) : x),
    late: (early, attended) => {
      const x = add(early, out(attended))
      return config.parallelResidual ? x : add(x, mlp(x))
    },
  }
}

function activation(config: GptNeoxConfig, x: Value): Value {
  if (config.activation === 'relu') return relu(x)
  return gelu(x, config.activation === 'gelu-tanh' ? 'tanh' : 'none')
}

/** Rows per head [q k v] → those of parts from…to only. w: [N·3·D, …] */
function byHead(w: Value, config: GptNeoxConfig, from: number, to: number): Value {
  const { heads, headDim } = config
  const rest = w.dims.slice(1)
  const parts = slice(reshape(w, [heads, 3, headDim, ...rest]), 1, from, to)
  return reshape(parts, [heads * (to - from) * headDim, ...rest])
}

/** [M, N·parts·D] → parts of [M, N·D] */
function separate<Part extends string>(
  x: Value,
  heads: number,
  parts: readonly Part[],
): Record<Part, Value> {
  const rows = dim(x, 0)
  const width = Number(x.dims[1]) / heads / parts.length
  const byPart = split(
    reshape(x, [rows, heads, parts.length * width]),
    2,
    parts.map(() => width),
  )
  return Object.fromEntries(
    parts.map((part, i) => [part, reshape(byPart[i]!, [rows, heads * width])]),
  ) as Record<Part, Value>
}
