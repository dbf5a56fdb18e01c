// Training in bfloat16, on a CPU that rounds like a GPU (rounded.ts): rows stay in bfloat16 from product to product, and
// the gradient stays near float32's. transformers in bfloat16 rounds at the same places.
import { readdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import type { ModelFolder } from '../../src-worker/contract/model'
import type { Precision } from '../../src-worker/contract/run-spec'
import { type Program, toOnnx } from '../../src-worker/graph/onnx'
import { languageModel } from '../../src-worker/model/family'
import type { LanguageModel } from '../../src-worker/model/language-model'
import type { GemmType } from '../../src-worker/model/source'
import { ortRuntime } from '../../src-worker/session/ort'
import { openTrainer } from '../../src-worker/train/trainer'
import { relativeError } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'
import { rounded } from './rounded'
import { optimizer, random, randomBatch, randomParameters } from './setting'

vi.mock('../../src-worker/program/built', () => ({
  built: (
    folder: ModelFolder,
    gemm: GemmType,
    make: (model: LanguageModel) => Program,
    folds = false,
  ) => {
    const model = languageModel(folder, gemm, folds)
    const program = gemm === 'bfloat16' ? rounded(make(model)) : make(model)
    return { ...toOnnx(program, model.weightsFolder), weightsFolder: model.weightsFolder }
  },
  plain: (program: Program) => ({ ...toOnnx(program), weightsFolder: '' }),
}))

// one of each form: soft caps, slopes, windows, norms of heads, learned positions, grouped heads
const families = ['gemma2', 'bloom', 'mistral-window', 'exaone4', 'opt-350m', 'falcon-new']
const folders = [
  ...['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'workbench-demo-base'].map(name =>
    referencePath('models', name),
  ),
  ...readdirSync(referencePath('reference/families/models'))
    .filter(name => families.includes(name))
    .map(name => referencePath('reference/families/models', name)),
]

test.each(folders)('%s: loss and gradient are those of float32, but rounded', async path => {
  const folder = await openModelFolder(path)
  const shape = { type: 'direct' as const, tokens: 3, width: folder.config.hiddenSize }
  const drawn = randomBatch(random('b'), { lanes: 3, tokens: 40, promptTokens: 3 })
  const known = (id: number): number => (id < 0 ? id : id % folder.config.vocabularySize)
  const batch = { ...drawn, slots: drawn.slots.map(known), labels: drawn.labels.map(known) }
  const gradientIn = async (precision: Precision) => {
    const trainer = await openTrainer({
      ...{ runtime: ortRuntime({ threads: 1 }), model: folder, shape, optimizer },
      ...{ mode: 'weighted', precision },
    })
    const { loss, gradients } = await trainer.gradient(randomParameters(random('p'), shape), batch)
    await trainer.release()
    return { loss, gradient: gradients.get('embedding')!.data }
  }
  const [exact, low] = [await gradientIn('float32'), await gradientIn('bfloat16')]
  expect(Math.abs(low.loss - exact.loss) / exact.loss).toBeLessThan(4e-3)
  const error = relativeError(low.gradient, exact.gradient)

  expect(error).toBeLessThan(0.1)
  // it was rounded at all
  expect(error).toBeGreaterThan(1e-3)
})
