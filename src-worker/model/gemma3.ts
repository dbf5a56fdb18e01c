// Gemma 3 (2025), and the text part of its multimodal folders: Gemma 2 with a norm on each head of q and k, windowed layers
// with a rope of their own, every n-th layer full.
import { isPlain } from '../shared/plain-object'
import { layeredRopes } from './config/rope'
import { described, sizesOf, windowedLayers } from './config/sizes'
import { family } from './family-kind'
import { gemmaNorms, gemmaSettings } from './gemma'
import { type CappedOwn, fourNorms, gemma2Defaults } from './gemma2'
import { eachHead } from './layers/norm'

export const gemma3 = family<CappedOwn>({
  name: 'gemma3',
  prefix: 'model.',
  wrappers: ['language_model.model.', 'model.language_model.', 'language_model.'],
  head: 'lm_head.weight',
  defaults: {
    ...gemma2Defaults,
    ...{ vocab_size: 262208, max_position_embeddings: 131072, sliding_window_pattern: 6 },
  },
  read: get => {
    const sizes = sizesOf(get)
    const { full, sliding } = layeredRopes(
      get,
      { ...sizes, theta: 1e6 },
      { theta: 1e4, key: 'rope_local_base_freq' },
    )
    const window = get.optionalCount('sliding_window')
    const every = get.count('sliding_window_pattern')
    const windowed = windowedLayers(get, sizes.layers, layer => (layer + 1) % every !== 0)
    const scale = 1 / Math.sqrt(get.number('query_pre_attn_scalar'))
    // transformers keeps this key and does not use it; the cap of the logits it uses in text models only
    get.raw('attn_logit_softcapping')
    const cap = get.optionalNumber('final_logit_softcapping')
    const wrapped = isPlain(get.raw('text_config'))
    const { own, ...settings } = gemmaSettings(get, sizes, 'hidden_activation')
    return described({
      ...settings,
      ropes: [full, sliding],
      attention: layer => ({
        scale,
        ...(windowed[layer] && { rope: 1, ...(window !== undefined && { window }) }),
      }),
      own: { ...own, logitCap: wrapped ? undefined : cap },
    })
  },
  build: (config, source) => {
    const { heads, kvHeads, headDim } = config
    const norm = gemmaNorms(config, source)
    return fourNorms(config, source, name => ({
      queries: eachHead(norm(`${name}.q_norm`, headDim), heads),
      keys: eachHead(norm(`${name}.k_norm`, headDim), kvHeads),
    }))
  },
})
