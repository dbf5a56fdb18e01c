// Llama: RMS norms, gated MLP, grouped-query attention, serial residual, head tied or not.
import type { LlamaConfig } from '../contract/model'
import { add } from '../graph/ops/elementwise'
import { swiglu } from '../graph/ops/gradient'
import { rmsNorm } from '../graph/ops/norm'
import { gatherRows } from '../graph/ops/shape'
import type { Value } from '../graph/value'
import type { Block, LanguageModel } from './language-model'
import { linear } from './layers/linear'
import type { WeightSource } from './source'

export function llama(
  config: LlamaConfig,
  source: WeightSource,
  gemm: LanguageModel['gemm'],
): LanguageModel {
  const table: readonly number[] = [config.vocabularySize, config.hiddenSize]
  const embedding = source.vector('model.embed_tokens.weight', table)
  return {
    config,
    gemm,
    keyHeads: config.kvHeads,
    weightsFolder: source.folder,
    embed: ids => gatherRows(embedding, ids),
    blocks: Array.from({ length: config.layers }, (_, i) => block(config, source, i)),
    finalNorm: norm(config, source, 'model.norm'),
    head: source.matrix(config.tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight', table),
  }
}

function norm(config: LlamaConfig, source: WeightSource, name: string): (x: Value) => Value {
  const gamma = source.vector(`${name}.weight`, [config.hiddenSize])
  return x => rmsNorm(x, gamma, config.normEps)
}

function block(config: LlamaConfig, source: WeightSource, index: number): Block {
  const name = `model.layers.${index}`
  const { hiddenSize: h, mlpSize, attentionBias, mlpBias } = config
  const queryWidth = config.heads * config.headDim
  const keyWidth = config.kvHeads * config.headDim
  const layer = (part: string, out: number, into: number, biased: boolean) => {
    const w = source.matrix(`${name}.${part}.weight`, [out, into])
    const b = biased ? source.vector(`${name}.${part}.bias`, [out]) : undefined
    return (x: Value): Value => linear(x, w, b)
  }
  const q = layer('self_attn.q_proj', queryWidth, h, attentionBias)
  const k = layer('self_attn.k_proj', keyWidth, h, attentionBias)
  const v = layer('self_attn.v_proj', keyWidth, h, attentionBias)
  const out = layer('self_attn.o_proj', h, queryWidth, attentionBias)
  const gate = layer('mlp.gate_proj', mlpSize, h, mlpBias)
  const up = layer('mlp.up_proj', mlpSize, h, mlpBias)
  const down = layer('mlp.down_proj', h, mlpSize, mlpBias)
  const beforeAttention = norm(config, source, `${name}.input_layernorm`)
  const beforeMlp = norm(config, source, `${name}.post_attention_layernorm`)
  const mlp = (x: Value): Value => {
    const n = beforeMlp(x)
    return down(swiglu(gate(n), up(n)))
  }
  return {
    project: x => {
      const n = beforeAttention(x)
      return { q: q(n), k: k(n), v: v(n) }
    },
    projectQuery: x => q(beforeAttention(x)),
    projectKeyValue: x => {
      const n = beforeAttention(x)
      return { k: k(n), v: v(n) }
    },
    early: x => x,
    late: (early, attended) => {
      const x = add(early, out(attended))
      return add(x, mlp(x))
    },
  }
}
