// Keys that change a model's numbers. One of them in a config.json whose family does not read it means another model
// than the family computes (a fork, or code of its own): refused by name. Every other unknown key is ignored.
import { isPlain, type Plain as Json } from '../../shared/plain-object'
import type { ConfigReader } from './reader'

/** What each key says when it changes nothing, beside null. */
const neutral: Readonly<Record<string, readonly unknown[]>> = {
  alibi: [false],
  apply_residual_connection_post_layernorm: [false],
  attention_multiplier: [1],
  attn_logit_softcapping: [0],
  clip_qkv: [0],
  embedding_multiplier: [1],
  final_logit_softcapping: [0],
  layer_types: [],
  logit_scale: [1],
  logits_scaling: [1],
  no_rope_layers: [],
  num_experts: [0],
  num_local_experts: [0],
  parallel_attn: [false],
  partial_rotary_factor: [1],
  per_layer_config: [],
  prefix_lm: [false],
  qk_layernorm: [false],
  qk_ln: [false],
  query_pre_attn_scalar: [],
  residual_multiplier: [1],
  rotary_pct: [1],
  scale_attn_by_inverse_layer_idx: [false],
  scale_emb: [1],
  scale_depth: [],
  use_bidirectional_attention: [false],
  use_parallel_residual: [false],
  use_qk_norm: [false],
  use_sliding_window: [false],
}

const isNeutral = (key: string, value: unknown, json: Json): boolean =>
  value === null ||
  value === undefined ||
  neutral[key]!.includes(value) ||
  (key === 'layer_types' && isArrayOf(value, 'full_attention')) ||
  (key === 'no_rope_layers' && isArrayOf(value, 1)) ||
  (key === 'query_pre_attn_scalar' && value === json.head_dim)

const isArrayOf = (value: unknown, each: unknown): boolean =>
  Array.isArray(value) && value.every(entry => entry === each)

/** @throws Fault 'bad-model' that names the first such key */
export function refuseUnread(
  json: Json,
  read: ReadonlySet<string>,
  get: ConfigReader,
  family: string,
): void {
  for (const key of Object.keys(neutral)) {
    if (read.has(key) || isNeutral(key, json[key], json)) continue
    throw get.refuse(
      `${key} is ${JSON.stringify(json[key])}, which ${family} models do not have`,
      'Choose a model that follows its family, or remove the key if the weights do not need it.',
    )
  }
  const { attn_config: attention } = json
  if (isPlain(attention) && attention.qk_ln === true)
    throw get.refuse(
      'attn_config.qk_ln is true, which transformers does not compute',
      'Choose another model.',
    )
}
