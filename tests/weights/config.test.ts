import { expect, test } from 'vitest'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { changed } from './changed-model'

test.each<[string, string, Record<string, unknown>, string, string]>([
  [
    'an unknown architecture',
    'tiny-llama',
    { model_type: 'made_up', architectures: ['MadeUpForCausalLM'] },
    'bad-model',
    'architecture "made_up" (["MadeUpForCausalLM"]) is not supported',
  ],
  [
    'an unknown rope type',
    'tiny-llama',
    { rope_scaling: { rope_type: 'proportional', factor: 4 } },
    'bad-model',
    'the rope type "proportional" is not supported',
  ],
  [
    'an unknown rope type in the oldest spelling',
    'tiny-neox',
    { rope_scaling: { type: 'su', factor: 2 } },
    'bad-model',
    'the rope type "su"',
  ],
  [
    'an unknown activation',
    'tiny-neox',
    { hidden_act: 'xielu' },
    'bad-model',
    'the activation "xielu" is not supported',
  ],
  [
    'quantised weights',
    'tiny-llama',
    { quantization_config: { quant_method: 'gptq' } },
    'bad-model',
    'quantised ("gptq", GPTQ)',
  ],
  [
    'a missing size',
    'tiny-llama',
    { hidden_size: undefined },
    'bad-weights',
    // transformers takes 4096 for it
    'model.embed_tokens.weight is [600, 64] in the file, [600, 4096] by config.json',
  ],
  [
    'a size that is none',
    'tiny-llama',
    { num_hidden_layers: 0 },
    'bad-model',
    'num_hidden_layers is 0, no positive whole number',
  ],
  [
    'heads that do not divide',
    'tiny-neox',
    { num_attention_heads: 7 },
    'bad-model',
    'hidden_size 64 is no multiple of num_attention_heads 7',
  ],
  [
    'kv heads that do not divide',
    'tiny-llama',
    { num_key_value_heads: 3 },
    'bad-model',
    '4 heads cannot share 3',
  ],
  [
    'a mis-shaped tensor',
    'tiny-neox',
    { vocab_size: 600 },
    'bad-weights',
    'gpt_neox.embed_in.weight is [512, 64] in the file, [600, 64] by config.json',
  ],
  [
    'a missing layer',
    'tiny-llama',
    { num_hidden_layers: 4 },
    'bad-weights',
    'tensor model.layers.3.self_attn.q_proj.weight [64, 64] is missing',
  ],
  [
    'a missing head',
    'tiny-llama-tied',
    { tie_word_embeddings: false },
    'bad-weights',
    'tensor lm_head.weight [600, 64] is missing',
  ],
  [
    'more layers than there is memory to list them',
    'tiny-llama',
    { num_hidden_layers: 1e9 },
    'bad-model',
    'num_hidden_layers is 1000000000, more than 4096',
  ],
  [
    'a norm that divides by less than nothing',
    'tiny-neox',
    { layer_norm_eps: -1 },
    'bad-model',
    'layer_norm_eps is -1, below 0',
  ],
])('%s is refused', async (_, model, change, code, words) => {
  const error = await openModelFolder(await changed(model, change)).catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'Fault', code })
  expect((error as Error).message).toContain(words)
})

test.each<[string, Record<string, unknown>, string, string]>([
  ['a mixture of experts', { model_type: 'mixtral' }, 'a mixture of experts', 'dense model'],
  ['experts by a key', { num_experts: 8 }, 'llama has 8 experts', 'dense model'],
  ['Mamba', { model_type: 'mamba2' }, 'mamba2 is a state-space', 'attention and MLP'],
  ['an encoder–decoder', { model_type: 't5' }, 't5 is an encoder–decoder', 'decoder-only'],
  ['an encoder', { model_type: 'bert' }, 'does not write text', 'ForCausalLM'],
  ['GPTQ', { quantization_config: { quant_method: 'gptq' } }, 'GPTQ', 'unquantised'],
  ['AWQ', { quantization_config: { quant_method: 'awq' } }, 'AWQ', 'unquantised'],
  ['FP8', { quantization_config: { quant_method: 'fp8' } }, 'FP8', 'unquantised'],
  ['bitsandbytes', { quantization_config: { load_in_4bit: true } }, 'bitsandbytes', 'unquantised'],
  ['a key of a fork', { clip_qkv: 6 }, 'clip_qkv is 6, which llama models do not have', 'remove'],
  [
    'partly rotated heads',
    { partial_rotary_factor: 0.5 },
    'partial_rotary_factor is 0.5',
    'remove',
  ],
])('%s is refused by its name', async (_, change, what, fix) => {
  const error = await openModelFolder(await changed('tiny-llama', change)).catch(e => e)
  expect(error).toMatchObject({ name: 'Fault', code: 'bad-model' })
  expect(error.message).toContain(what)
  expect(error.fix).toContain(fix)
})

test.each<[string, string, Record<string, unknown>, string]>([
  [
    'layers that config.json does not know',
    'tiny-neox',
    { num_hidden_layers: 2 },
    '12 tensors of the files (gpt_neox.layers.2.attention.dense.bias, ',
  ],
  [
    'biases that config.json does not know',
    'tiny-neox',
    { attention_bias: false },
    '6 tensors of the files (gpt_neox.layers.0.attention.dense.bias, ',
  ],
  [
    'a head beside tied embeddings',
    'tiny-llama',
    { tie_word_embeddings: true },
    'the files hold lm_head.weight: it is used, as in transformers 5',
  ],
  [
    'both spellings of rope',
    'tiny-llama',
    { rope_scaling: { type: 'linear', factor: 2 }, rope_parameters: { rope_theta: 5 } },
    'rope_scaling counts, as in transformers 5',
  ],
])('%s: as transformers 5, and told', async (_, model, change, note) => {
  const folder = await openModelFolder(await changed(model, change))
  expect(folder.notes.join('\n')).toContain(note)
})

test('rope_scaling beside rope_parameters wins whole: its theta is that of config.json or the default', async () => {
  const both = { rope_parameters: { rope_type: 'linear', factor: 9, rope_theta: 5 } }
  const change = { ...both, rope_scaling: { type: 'linear', factor: 2 }, rope_theta: undefined }
  const { config } = await openModelFolder(await changed('tiny-llama', change))
  expect(config.ropes[0]).toMatchObject({ theta: 10000, scaling: { kind: 'linear', factor: 2 } })
})

test('what transformers opens opens: a norm without eps, nothing rotated', async () => {
  const bare = await openModelFolder(await changed('tiny-llama', { rms_norm_eps: 0 }))
  expect(bare.config.own).toMatchObject({ normEps: 0 })
  const still = await openModelFolder(await changed('tiny-neox', { rotary_pct: 0 }))
  expect(still.config).toMatchObject({ ropes: [] })
  expect(still.config.attentions.every(form => form.rope === undefined)).toBe(true)
})
