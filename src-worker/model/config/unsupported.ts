// Kinds of models that are refused by their own name, with one sentence on what to do.
import { isPlain, type Plain as Json } from '../../shared/plain-object'

export interface Unsupported {
  readonly what: string
  readonly fix: string
}

interface Kind {
  readonly what: string
  readonly fix: string
  readonly type: RegExp
}

/** By model_type. */
const kinds: readonly Kind[] = [
  {
    what: 'a mixture of experts',
    fix: 'Choose the dense model of the same family.',
    type: /moe|mixtral|deepseek_v[23]|dbrx|jamba|gpt_oss|arctic|jetmoe|olmoe|llama4|minimax|kimi|glm4_moe|ernie4_5_moe|granitemoe/,
  },
  {
    what: 'a state-space or recurrent model',
    fix: 'Choose a model whose layers are attention and MLP.',
    type: /mamba|rwkv|recurrent_gemma|bamba|zamba|falcon_h1|granitemoehybrid|xlstm|lfm2|qwen3_next|nemotron_h/,
  },
  {
    what: 'an encoder–decoder',
    fix: 'Choose a decoder-only model, such as Llama or Qwen.',
    type: /^(m?t5|umt5|longt5|bart|mbart|pegasus.*|led|blenderbot.*|marian|fsmt|prophetnet|whisper|m2m_100|nllb.*|switch_transformers|t5gemma.*|bigbird_pegasus|plbart|encoder-decoder|xlm-prophetnet|mvp|udop)$/,
  },
  {
    what: 'an encoder that does not write text',
    fix: 'Choose a model that writes text (…ForCausalLM).',
    type: /^(bert|roberta|distilbert|albert|electra|deberta.*|xlm-roberta.*|modernbert|mpnet|camembert|longformer|esm|clip|vit.*)$/,
  },
]

/** What each way of quantising is called, and what to take instead. */
const quantised: Readonly<Record<string, string>> = {
  gptq: 'GPTQ',
  awq: 'AWQ',
  bitsandbytes: 'bitsandbytes',
  bitsandbytes_4bit: 'bitsandbytes (4 bits)',
  bitsandbytes_8bit: 'bitsandbytes (8 bits)',
  fp8: 'FP8',
  fbgemm_fp8: 'FP8 (FBGEMM)',
  'compressed-tensors': 'compressed-tensors',
  mxfp4: 'MXFP4',
  aqlm: 'AQLM',
  hqq: 'HQQ',
  eetq: 'EETQ',
  quanto: 'Quanto',
  torchao: 'torchao',
}

/** What config.json itself says of a model that we do not run; undefined: nothing. */
export function unsupportedKind(json: Json): Unsupported | undefined {
  const { model_type: type, quantization_config: by } = json
  if (isPlain(by)) {
    const said = String(
      by.quant_method ?? (by.load_in_4bit || by.load_in_8bit ? 'bitsandbytes' : 'unknown'),
    )
    return {
      what: `the weights are quantised ("${said}"${quantised[said] === undefined ? '' : `, ${quantised[said]}`})`,
      fix: 'Take the unquantised model that they were made from.',
    }
  }
  const named = typeof type === 'string' ? type : ''
  const kind = kinds.find(each => each.type.test(named))
  if (kind !== undefined)
    return { what: `${named} is ${kind.what}, which is not supported`, fix: kind.fix }
  const experts = json.num_local_experts ?? json.num_experts ?? json.n_routed_experts
  if (typeof experts === 'number' && experts > 1)
    return {
      what: `${named} has ${experts} experts: a mixture of experts, which is not supported`,
      fix: 'Choose the dense model of the same family.',
    }
  if (json.is_encoder_decoder === true)
    return {
      what: `${named} is an encoder–decoder, which is not supported`,
      fix: 'Choose a decoder-only model, such as Llama or Qwen.',
    }
  return undefined
}
