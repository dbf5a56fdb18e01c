// The head's loss and its gradient alone, for chunks of different numbers of rows: how large should one be?

import { backward } from '../src-worker/graph/backward'
import { toOnnx } from '../src-worker/graph/onnx'
import { linearCrossEntropy } from '../src-worker/graph/ops/loss'
import { float32, int64 } from '../src-worker/graph/tensor'
import { input } from '../src-worker/graph/value'
import { languageModel } from '../src-worker/model/family'
import type { Runtime } from '../src-worker/session/runtime'
import { openModelFolder } from '../src-worker/weights/model-folder'
import type { Opened } from './opened'
import type { LossWork } from './works'

export async function openLoss(work: LossWork, path: string, runtime: Runtime): Promise<Opened> {
  const folder = await openModelFolder(path)
  const model = languageModel(folder, 'float32')
  const { hiddenSize, vocabularySize } = folder.config
  const h = input('h', 'float32', ['R', hiddenSize])
  const labels = input('labels', 'int64', ['C', 'r'])
  const weights = input('weights', 'float32', ['C', 'r'])
  const { loss } = linearCrossEntropy(h, model.head, labels, weights)
  const program = { inputs: [h, labels, weights], outputs: { loss, g: backward(loss, [h])[0]! } }
  const began = performance.now()
  const bytes = toOnnx(program, model.weightsFolder).bytes
  const session = await runtime.open(bytes, model.weightsFolder)
  const openingMs = performance.now() - began
  const { rows, chunkRows } = work
  const dims = [rows / chunkRows, chunkRows]
  const feeds = {
    h: float32([rows, hiddenSize], new Float32Array(rows * hiddenSize).fill(0.1)),
    labels: int64(
      dims,
      Int32Array.from({ length: rows }, (_, i) => (97 * i) % vocabularySize),
    ),
    weights: float32(dims, new Float32Array(rows).fill(1 / rows)),
  }
  const measure = async () => {
    const before = performance.now()
    await session.run(feeds)
    return { ms: performance.now() - before }
  }
  await measure()
  return { opened: { openingMs }, measure, release: () => session.release() }
}
