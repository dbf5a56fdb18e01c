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
import { relativeError } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'
import { rounded } from './rounded'
import { batchFor, directGradient } from './setting'

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
  const batch = batchFor(folder, { lanes: 3, tokens: 40, promptTokens: 3 })
  const gradientIn = (precision: Precision) => directGradient(folder, batch, { precision })
  const [exact, low] = [await gradientIn('float32'), await gradientIn('bfloat16')]
  expect(Math.abs(low.loss - exact.loss) / exact.loss).toBeLessThan(4e-3)
  const error = relativeError(low.gradient, exact.gradient)

  expect(error).toBeLessThan(0.1)
  // it was rounded at all
  expect(error).toBeGreaterThan(1e-3)
})
