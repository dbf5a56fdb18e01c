import { expect, test } from 'vitest'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { changed } from './changed-model'

test.each<[string, string, Record<string, unknown>, string, string]>([
  [
    'an unknown architecture',
    'tiny-llama',
    { model_type: 'mamba', architectures: ['MambaForCausalLM'] },
    'bad-model',
    'architecture "mamba" (["MambaForCausalLM"]) is not supported',
  ],
  [
    'an unknown rope type',
    'tiny-llama',
    { rope_scaling: { rope_type: 'yarn', factor: 4 } },
    'bad-model',
    'the rope type "yarn" is not supported',
  ],
  [
    'an unknown rope type in the oldest spelling',
    'tiny-neox',
    { rope_scaling: { type: 'dynamic', factor: 2 } },
    'bad-model',
    'the rope type "dynamic"',
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
    'quantised ("gptq")',
  ],
  [
    'a missing size',
    'tiny-llama',
    { hidden_size: undefined },
    'bad-model',
    'hidden_size is missing',
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
    'tensor model.layers.3.input_layernorm.weight [64] is missing',
  ],
  [
    'a missing head',
    'tiny-llama-tied',
    { tie_word_embeddings: false },
    'bad-weights',
    'tensor lm_head.weight [600, 64] is missing',
  ],
  [
    'a layer too many in the files',
    'tiny-neox',
    { num_hidden_layers: 2 },
    'bad-weights',
    'tensor gpt_neox.layers.2.attention.dense.bias is in the files, but config.json (2 layers) has no place',
  ],
  [
    'biases that config.json does not know',
    'tiny-neox',
    { attention_bias: false },
    'bad-weights',
    'attention.dense.bias is in the files, but config.json (3 layers) has no place for it',
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
    'layer_norm_eps is -1, not above 0',
  ],
])('%s is refused', async (_, model, change, code, words) => {
  const error = await openModelFolder(await changed(model, change)).catch((e: unknown) => e)
  expect(error).toMatchObject({ name: 'Fault', code })
  expect((error as Error).message).toContain(words)
})
