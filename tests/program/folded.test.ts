// Norms folded into the layers behind them (model/layers/folded.ts), as a GPU computes, against norms as they are written:
// the same loss and gradient. One family of each form: where norms stand, what they have, how matrices lie.
import { expect, test } from 'vitest'
import { relativeError } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'
import { batchFor, directGradient } from './setting'

const forms = ['bloom', 'cohere-qknorm', 'exaone4', 'falcon-new', 'gemma2', 'gpt2', 'gptj', 'mpt']
const families = [...forms, 'nemotron', 'olmo', 'opt-350m', 'phi3', 'stablelm-parallel']
const folders = [
  ...['tiny-neox', 'tiny-neox-serial', 'tiny-llama'].map(name => referencePath('models', name)),
  ...families.map(name => referencePath('reference/families/models', name)),
]

test.each(folders)('%s: loss and gradient', async path => {
  const folder = await openModelFolder(path)
  const batch = batchFor(folder, { lanes: 2, tokens: 12, promptTokens: 3 })
  const gradientBy = (strategy: 'chunks' | 'multi-step') =>
    directGradient(folder, batch, { strategy })
  const [written, folded] = [await gradientBy('chunks'), await gradientBy('multi-step')]
  expect(Math.abs(folded.loss - written.loss) / written.loss).toBeLessThan(1e-5)
  expect(relativeError(folded.gradient, written.gradient)).toBeLessThan(2e-4)
})
