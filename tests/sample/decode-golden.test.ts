import { expect, test } from 'vitest'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { emptyCache } from '../../src-worker/sample/cache'
import { openSampler } from '../../src-worker/sample/prompted'
import { ortRuntime } from '../../src-worker/session/ort'
import { openGolden } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'

// The references of training hold the loss of every token of prompted lanes: the decoding program must give the same,
// lane beside lane, whatever the architecture, the rope and the type of the weights.
test.each(['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied'])(
  '%s: the decoding program gives the losses of the training references',
  async name => {
    const golden = await openGolden(referencePath('reference/gradients'), `${name}.safetensors`)
    const folder = await openModelFolder(referencePath('models', name))
    const tokenizer = await openTokenizer(folder.path)
    const { decoder, release } = await openSampler({ runtime: ortRuntime(), folder, tokenizer })
    for (const each of ['p5_pad_startrand', 'p16_nopad_start0']) {
      const [lanes = 0, tokens = 0] = golden.shape(`${each}.token_ids`)
      const ids = await golden.integers(`${each}.token_ids`)
      const starts = await golden.integers(`${each}.start_indices`)
      const prompt = await golden.floats(`${each}.soft_prompt`)
      const labels = await golden.integers(`${each}.labels`)
      const losses = await golden.doubles(`${each}.per_token_loss`)
      const count = prompt.length / decoder.hiddenSize
      const width = tokens + count
      const slots: number[] = []
      for (let b = 0; b < lanes; b++) {
        const text = [...ids.subarray(b * tokens, (b + 1) * tokens)]
        const rows = Array.from({ length: count }, (_, j) => -(j + 1))
        slots.push(...text.slice(0, starts[b]), ...rows, ...text.slice(starts[b]))
      }
      const counted = [...labels.keys()].filter(i => labels[i]! >= 0 && i % width > 0)
      const { scores } = await decoder.look(emptyCache(decoder.shape, lanes), {
        lanes,
        width,
        slots: Int32Array.from(slots),
        prompt,
        positions: Int32Array.from(slots, (_, i) => i % width),
        counts: new Int32Array(lanes).fill(width),
        head: {
          rows: counted.map(i => i - 1),
          wanted: [],
          picks: counted.map((i, r) => [r, labels[i]!] as const),
        },
      })
      for (const [r, i] of counted.entries())
        expect(Math.abs(scores[r]! + losses[i]!), `${each} slot ${i}`).toBeLessThan(1e-4)
      expect(counted.length).toBeGreaterThan(10)
    }
    await release()
  },
)
