// Keys of config.json that say one thing in two ways. What counts is what transformers 5.24's configuration classes made of
// the same keys, and goldens of its models with them agreed.
import { expect, test } from 'vitest'
import { parseConfig } from '../../src-worker/model/config/parse'
import { frequencies } from '../../src-worker/model/rope'

const parsed = (json: Record<string, unknown>) => parseConfig(json, {}, 'config.json')

const neox = { model_type: 'gpt_neox', hidden_size: 64, num_attention_heads: 4 }
const neo = { model_type: 'gpt_neo', num_layers: 3, attention_types: [[['global', 'local'], 1]] }
const gpt2 = { model_type: 'gpt2', n_embd: 32, n_head: 4, n_layer: 2 }

test('Qwen 2 has a head width of its own where config.json says so', () => {
  const sizes = { model_type: 'qwen2', hidden_size: 36, num_attention_heads: 6 }
  expect(parsed({ ...sizes, num_key_value_heads: 3, head_dim: 10 }).config.headDim).toBe(10)
  expect(parsed({ ...sizes, num_key_value_heads: 3 }).config.headDim).toBe(6)
})

test.each<[string, Record<string, unknown>, object]>([
  ['neither', {}, { theta: 10000, rotaryDim: 4 }],
  ['its own keys', { rotary_emb_base: 7, rotary_pct: 0.5 }, { theta: 7, rotaryDim: 8 }],
  ["others' keys", { rope_theta: 7, partial_rotary_factor: 0.5 }, { theta: 10000, rotaryDim: 4 }],
  [
    "its own and others'",
    { rope_theta: 5, rotary_emb_base: 7, rope_scaling: { type: 'linear', factor: 2 } },
    { theta: 7, scaling: { kind: 'linear', factor: 2 } },
  ],
])('rope of GPT-NeoX with %s', (_, keys, rope) => {
  expect(parsed({ ...neox, ...keys }).config.ropes).toMatchObject([rope])
})

test('a key of other families that GPT-NeoX does not read is told', () => {
  expect(parsed({ ...neox, rope_theta: 7 }).notes).toEqual([
    'rope_theta is 7 in config.json: rotary_emb_base counts, as in transformers 5.',
  ])
  expect(parsed({ ...neox, rope_theta: 7, rotary_emb_base: 7 }).notes).toEqual([])
})

// what transformers 5.24's generation took from folders with these files
test.each<[string, object, object, number[]]>([
  [
    'generation_config.json alone where it names some',
    { eos_token_id: 7 },
    { eos_token_id: [8, 9] },
    [8, 9],
  ],
  ['config.json without it', { eos_token_id: [7, 6] }, {}, [7, 6]],
  ["none of the family's own", {}, {}, []],
])('a text ends with the ids of %s', (_, keys, generation, ids) => {
  for (const model of [neox, gpt2, { model_type: 'olmo2' }, { model_type: 'glm4' }])
    expect(parseConfig({ ...model, ...keys }, { ...generation }, '').config.eosTokenIds).toEqual(
      ids,
    )
})

test.each(['gemma3_text', 'olmo3'])('%s: rope_scaling counts by rope_type alone', model_type => {
  const full = (scaling: object) => {
    const { config, notes } = parsed({ model_type, rope_scaling: { ...scaling, factor: 8 } })
    return { kind: config.ropes[0]?.scaling.kind, notes }
  }
  expect(full({ rope_type: 'linear' })).toEqual({ kind: 'linear', notes: [] })
  expect(full({ type: 'linear' })).toEqual({
    kind: 'default',
    notes: [
      'rope_scaling has type "linear" and no rope_type: it scales nothing, as in transformers 5.',
    ],
  })
})

test('a part of each head that a scaled rope would turn is refused where the family turns all of it', () => {
  const rope = (rope_type: string) => ({
    ...{ model_type: 'llama', hidden_size: 32, num_attention_heads: 4 },
    rope_parameters: { rope_type, factor: 2, rope_theta: 10, partial_rotary_factor: 0.5 },
  })
  expect(() => parsed(rope('linear'))).toThrow(
    'partial_rotary_factor is 0.5, which models of this family do not have',
  )
  // transformers looks at it in scaled ropes only
  expect(parsed(rope('default')).config.ropes).toMatchObject([{ rotaryDim: 8 }])
})

test("an odd part of each head: rounded up with the odd part's frequencies, or refused where transformers fails", () => {
  const sizes = { hidden_size: 40, num_attention_heads: 4, partial_rotary_factor: 0.5 }
  const [rope] = parsed({ ...sizes, model_type: 'phi3', num_key_value_heads: 2 }).config.ropes
  expect(rope).toMatchObject({ rotaryDim: 6, oddDim: 5, theta: 10000 })
  const expected = [1, 10000 ** (-2 / 5), 10000 ** (-4 / 5)]
  frequencies(rope!).forEach((f, i) => void expect(f).toBeCloseTo(expected[i]!, 12))
  expect(frequencies(rope!)).toHaveLength(3)
  expect(() => parsed({ ...sizes, model_type: 'phi' })).toThrow(
    'the rotated part of a head, 0.5 of 10 values, is 5, no even part',
  )
})

test('SmolLM 3: layer_types count whatever use_sliding_window says', () => {
  const smollm3 = { model_type: 'smollm3', num_hidden_layers: 4, no_rope_layers: [0, 1, 1, 0] }
  const windows = (keys: object) =>
    parsed({ ...smollm3, sliding_window: 5, ...keys }).config.attentions.map(form => form.window)
  const kinds = ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention']
  expect(windows({ layer_types: kinds })).toEqual([5, undefined, 5, undefined])
  expect(windows({ use_sliding_window: true })).toEqual([5, undefined, undefined, 5])
  expect(windows({})).toEqual([undefined, undefined, undefined, undefined])
})

test('GPT-Neo: attention_layers counts before attention_types', () => {
  const layers = ['local', 'local', 'global']
  const { config } = parsed({ ...neo, attention_layers: layers })
  expect(config.attentions.map(form => form.window)).toEqual([256, 256, undefined])
  expect(() => parsed(neo)).toThrow('attention_types describes 2 layers of 3')
  expect(() => parsed({ ...neo, attention_layers: ['local'] })).toThrow(
    'attention_layers describes 1 layers of 3',
  )
})

test("a size under a family's own and another name: the other counts", () => {
  expect(parsed({ ...gpt2, num_attention_heads: 2, hidden_size: 64 }).config).toMatchObject({
    heads: 2,
    hiddenSize: 64,
    layers: 2,
  })
  expect(parsed({ ...gpt2, num_attention_heads: null }).config.heads).toBe(4)
})

test('layers with settings of their own are refused by the name of the key', () => {
  const llama = { model_type: 'llama', hidden_size: 32, num_attention_heads: 4 }
  expect(() => parsed({ ...llama, per_layer_config: { 1: { head_dim: 4 } } })).toThrow(
    'per_layer_config is {"1":{"head_dim":4}}, which llama models do not have',
  )
})
