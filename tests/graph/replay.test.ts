// Graph replay: operator counts and a digest of every program of the tiny models. A refactor leaves replay.json as it
// is; a change of the graphs is recorded with UPDATE_REPLAY=1 and shown in the commit.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { digest } from '../../src-worker/graph/digest'
import type { Program } from '../../src-worker/graph/onnx'
import { toOnnx } from '../../src-worker/graph/onnx'
import { languageModel } from '../../src-worker/model/family'
import { evaluateProgram } from '../../src-worker/program/evaluate'
import { gradientProgram } from '../../src-worker/program/gradient'
import { promptRowsProgram } from '../../src-worker/program/prompt-rows'
import { trainProgram } from '../../src-worker/program/train'
import { updateProgram } from '../../src-worker/program/update'
import { optimizer, tinyModel } from '../program/setting'

const file = join(__dirname, 'replay.json')
const models = ['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied']
const direct: PromptShape = { type: 'direct', tokens: 5, width: 64 }
const sizes = { tokens: 5, width: 64, conditions: 2, hiddenLayers: 1, hiddenWidth: 8 }
const shapes: readonly PromptShape[] = [
  direct,
  { type: 'linear', tokens: 5, width: 64, conditions: 2 },
  { type: 'mlp', ...sizes },
  { type: 'resnet', residualWidth: 6, ...sizes },
  { type: 'shared-resnet', residualWidth: 6, ...sizes },
]
const plain = { queryBlocks: 1, recompute: false }
const adam = { adam: optimizer, clipNorm: 0 }

async function programs(): Promise<ReadonlyMap<string, readonly [Program, string]>> {
  const all = new Map<string, readonly [Program, string]>()
  for (const name of models) {
    const model = languageModel(await tinyModel(name))
    const put = (kind: string, program: Program): void => {
      all.set(`${name} ${kind}`, [program, model.weightsFolder])
    }
    put('gradient', gradientProgram(model, direct, { ...plain, accumulate: true, prefixed: false }))
    put(
      'gradient in 4 blocks, recomputed',
      gradientProgram(model, direct, {
        queryBlocks: 4,
        recompute: true,
        accumulate: false,
        prefixed: false,
      }),
    )
    put(
      'gradient behind a prefix',
      gradientProgram(model, direct, { ...plain, accumulate: true, prefixed: true }),
    )
    put('evaluate', evaluateProgram(model, direct, plain))
    put('evaluate without prompt', evaluateProgram(model, { ...direct, tokens: 0 }, plain))
    put('train', trainProgram(model, direct, { ...plain, ...adam }))
  }
  for (const shape of shapes) {
    all.set(`${shape.type} rows`, [promptRowsProgram(shape), ''])
    all.set(`${shape.type} update`, [updateProgram(shape, adam), ''])
  }
  return all
}

test('programs are the recorded ones', async () => {
  const found = Object.fromEntries(
    [...(await programs())].map(([name, [program, folder]]) => [
      name,
      digest(toOnnx(program, folder)),
    ]),
  )
  if (process.env.UPDATE_REPLAY === '1')
    writeFileSync(file, `${JSON.stringify(found, undefined, 1)}\n`)
  expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})

test('a program is the same bytes each time it is built', async () => {
  const [a, b] = [await programs(), await programs()]
  for (const [name, [program, folder]] of a) {
    const [again] = b.get(name)!
    expect(digest(toOnnx(program, folder)).sha256).toBe(digest(toOnnx(again, folder)).sha256)
  }
})

test('frozen weights never get a gradient', async () => {
  const model = languageModel(await tinyModel('tiny-neox'))
  const { ops } = digest(
    toOnnx(gradientProgram(model, direct, { ...plain, accumulate: false, prefixed: false })),
  )
  const { layers } = model.config
  // forward: 4 linear layers a block, the first block twice (text and prompt), the last one more for its split q, k, v;
  // backward: products with the weights, never with activations transposed over all rows
  expect(ops.Gemm).toBe(4 * layers + 3 + 1)
})
