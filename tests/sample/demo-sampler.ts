// The bundled model opened for sampling, and a soft prompt with random parameters for it.

import type { PromptShape, Snapshot } from '../../src-worker/contract/snapshot'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { initialParameters } from '../../src-worker/prompt/init'
import { openSampler, type Sampler } from '../../src-worker/sample/prompted'
import { ortRuntime } from '../../src-worker/session/ort'
import { rng } from '../../src-worker/stream/rng'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'

export async function demoSampler(model = 'workbench-demo-base'): Promise<Sampler> {
  const folder = await openModelFolder(referencePath('models', model))
  const tokenizer = await openTokenizer(folder.path)
  return openSampler({ runtime: ortRuntime(), folder, tokenizer })
}

/** An untrained MLP prompt of two conditions. */
export async function randomPrompt(
  width: number,
  tokens: number,
  conditionNames: string[],
): Promise<Snapshot> {
  const shape: PromptShape = {
    type: 'mlp',
    tokens,
    width,
    conditions: conditionNames.length,
    hiddenLayers: 0,
    hiddenWidth: 16,
  }
  const parameters = await initialParameters({
    shape,
    init: { kind: 'zero' },
    rng: rng(1, 'test'),
    embeddings: () => {
      throw new Error('not asked for')
    },
    encode: () => [],
  })
  const metadata = { source: 'workbench', model: 'test', shape, conditionNames, training: {} }
  return { metadata: metadata as Snapshot['metadata'], parameters }
}
