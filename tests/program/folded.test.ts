// Norms folded into the layers behind them (model/layers/folded.ts), as a GPU computes, against norms as they are written:
// the same loss and gradient. One family of each form: where norms stand, what they have, how matrices lie.
import { expect, test } from 'vitest'
import { ortRuntime } from '../../src-worker/session/ort'
import { openTrainer } from '../../src-worker/train/trainer'
import { relativeError } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'
import { optimizer, random, randomBatch, randomParameters } from './setting'

const forms = ['bloom', 'cohere-qknorm', 'exaone4', 'falcon-new', 'gemma2', 'gpt2', 'gptj', 'mpt']
const families = [...forms, 'nemotron', 'olmo', 'opt-350m', 'phi3', 'stablelm-parallel']
const folders = [
  ...['tiny-neox', 'tiny-neox-serial', 'tiny-llama'].map(name => referencePath('models', name)),
  ...families.map(name => referencePath('reference/families/models', name)),
]

test.each(folders)('%s: loss and gradient', async path => {
  const folder = await openModelFolder(path)
  const shape = { type: 'direct' as const, tokens: 3, width: folder.config.hiddenSize }
  const drawn = randomBatch(random('b'), { lanes: 2, tokens: 12, promptTokens: 3 })
  const known = (id: number): number => (id < 0 ? id : id % folder.config.vocabularySize)
  const batch = { ...drawn, slots: drawn.slots.map(known), labels: drawn.labels.map(known) }
  const gradientBy = async (strategy: 'chunks' | 'multi-step') => {
    const trainer = await openTrainer({
      ...{ runtime: ortRuntime({ threads: 1 }), model: folder, shape, optimizer, strategy },
      mode: 'weighted',
    })
    const { loss, gradients } = await trainer.gradient(randomParameters(random('p'), shape), batch)
    await trainer.release()
    return { loss, gradient: gradients.get('embedding')!.data }
  }
  const [written, folded] = [await gradientBy('chunks'), await gradientBy('multi-step')]
  expect(Math.abs(folded.loss - written.loss) / written.loss).toBeLessThan(1e-5)
  expect(relativeError(folded.gradient, written.gradient)).toBeLessThan(2e-4)
})
