// Every operator of the programs that run on a GPU has a CUDA kernel for its types, in onnxruntime 1.30 and opset 21
// (its docs/OperatorKernels.md). One that has none is computed on the CPU: inside the training scan that copies its
// operands to the host and back at every step, and with bfloat16 the program does not open at all.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import type { Program } from '../../src-worker/graph/onnx'
import type { DType, Node, Value } from '../../src-worker/graph/value'
import { languageModel } from '../../src-worker/model/family'
import type { GemmType } from '../../src-worker/model/source'
import { decodeProgram } from '../../src-worker/program/decode'
import { evaluateProgram } from '../../src-worker/program/evaluate'
import { sampledStepsProgram } from '../../src-worker/program/sampled-steps'
import { trainProgram } from '../../src-worker/program/train'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'
import { optimizer, tinyModel } from './setting'

const any: readonly DType[] = ['float32', 'float16', 'bfloat16', 'int64', 'bool']
const half: readonly DType[] = ['float32', 'float16', 'bfloat16']
const single: readonly DType[] = ['float32', 'float16']
const numbers: readonly DType[] = ['float32', 'float16', 'int64']

/** Types of the first operand (of Where: the second). */
const kernels: Readonly<Record<string, readonly DType[]>> = {
  Add: [...half, 'int64'],
  Cast: any,
  Concat: any,
  ConstantOfShape: ['int64'],
  CumSum: numbers,
  Div: [...half, 'int64'],
  Equal: [...numbers, 'bool'],
  Erf: half,
  Exp: half,
  Expand: any,
  FusedMatMul: half,
  Gather: any,
  Gelu: half,
  Gemm: half,
  Identity: any,
  LayerNormalization: half,
  LessOrEqual: numbers,
  LogSoftmax: half,
  MatMul: half,
  Min: [...half, 'int64'],
  Mul: [...half, 'int64'],
  Neg: [...half, 'int64'],
  ReduceMean: single,
  ReduceSum: [...half, 'int64'],
  ReduceSumSquare: single,
  Pad: single,
  Relu: half,
  Reshape: any,
  RotaryEmbedding: half,
  Scan: any,
  Shape: any,
  Sigmoid: half,
  SimplifiedLayerNormalization: half,
  Slice: any,
  Softmax: half,
  Softplus: single,
  Split: any,
  Sqrt: half,
  Sub: [...half, 'int64'],
  Tanh: half,
  TopK: numbers,
  Transpose: any,
  Where: any,
}

/** Operators without a kernel, as `Log of bfloat16`. */
function missing({ outputs }: Program): readonly string[] {
  const seen = new Set<Node>()
  const found = new Set<string>()
  const stack: (Value | undefined)[] = Object.values(outputs)
  while (stack.length > 0) {
    const node = stack.pop()?.node
    if (node === undefined || seen.has(node)) continue
    seen.add(node)
    stack.push(...node.inputs)
    if (node.extra?.kind === 'scan') stack.push(...node.extra.body.results)
    if (node.extra !== undefined && node.extra.kind !== 'scan') continue
    const type = node.inputs[node.op === 'Where' ? 1 : 0]?.dtype ?? 'float32'
    if (!kernels[node.op]?.includes(type)) found.add(`${node.op} of ${type}`)
  }
  return [...found]
}

const generated = { tokens: 3, width: 64, conditions: 2, hiddenLayers: 1, hiddenWidth: 8 }
const shapes: readonly PromptShape[] = [
  { type: 'direct', tokens: 3, width: 64 },
  { type: 'subspace', tokens: 3, width: 64, dimensions: 7, seed: 1 },
  { type: 'linear', tokens: 3, width: 64, conditions: 2 },
  { type: 'mlp', ...generated },
  { type: 'resnet', ...generated, residualWidth: 4 },
  { type: 'shared-resnet', ...generated, residualWidth: 4 },
]
const models = ['tiny-neox', 'tiny-neox-serial', 'tiny-llama', 'tiny-llama-tied']
const types: readonly GemmType[] = ['float32', 'float16', 'bfloat16']

describe.each(models.flatMap(name => types.map(type => ({ name, type }))))(
  '$name in $type',
  ({ name, type }) => {
    test('training and evaluation', async () => {
      const model = languageModel(await tinyModel(name), type, true)
      for (const shape of shapes)
        for (const recompute of [false, true]) {
          const forward = { queryBlocks: 4, recompute, firstBlockWhole: false }
          const train = trainProgram(model, shape, { ...forward, adam: optimizer, clipNorm: 1 })
          expect(missing(train)).toEqual([])
          expect(missing(evaluateProgram(model, shape, forward))).toEqual([])
        }
    })
  },
)

test.each(models)('%s: decoding, one token or many at a time', async name => {
  const model = languageModel(await tinyModel(name), 'float32')
  expect(missing(decodeProgram(model))).toEqual([])
  expect(missing(sampledStepsProgram(model))).toEqual([])
})

const families = readdirSync(referencePath('reference/families/models'))

test.each(families)('%s: training, evaluation and decoding', async name => {
  const folder = await openModelFolder(referencePath('reference/families/models', name))
  const shape = { type: 'direct', tokens: 3, width: folder.config.hiddenSize } as const
  for (const type of types) {
    const model = languageModel(folder, type, true)
    const forward = { queryBlocks: 4, windowBlocks: 2, recompute: true, firstBlockWhole: false }
    const train = trainProgram(model, shape, { ...forward, adam: optimizer, clipNorm: 1 })
    expect(missing(train)).toEqual([])
    expect(missing(evaluateProgram(model, shape, forward))).toEqual([])
  }
  const model = languageModel(folder, 'float32')
  expect(missing(decodeProgram(model))).toEqual([])
  expect(missing(sampledStepsProgram(model))).toEqual([])
})
