// onnxruntime's words about copies between host and device, as its 1.30 writes them.
import { expect, test } from 'vitest'
import { toOnnx } from '../../src-worker/graph/onnx'
import { add } from '../../src-worker/graph/ops/elementwise'
import { scan } from '../../src-worker/graph/scan'
import { input } from '../../src-worker/graph/value'
import { copiesIn } from '../../src-worker/session/copies'

const time = '2026-11-24 10:54:02.142798727'
const info = (text: string): string =>
  `${time} [I:onnxruntime:, transformer_memcpy.cc:329 AddCopyNode] ${text}`
const added = (n: number, graph: string): string =>
  `${time} [W:onnxruntime:, transformer_memcpy.cc:83 ApplyImpl] ${n} Memcpy nodes are added to the graph ${graph} for CUDAExecutionProvider. It might have negative impact on performance (including unable to run CUDA graph). Set session_options.log_severity_level=1 to see the detail logs before this message.`
const end = (modified: number): string =>
  `${time} [I:onnxruntime:, graph_transformer.cc:15 Apply] GraphTransformer MemcpyTransformer modified: ${modified} with status: OK`

test.each([
  ['a session without copies', [end(0)], { inside: 0, outside: 0, values: [] }],
  [
    'copies of the step, of the micro-batch, and around them',
    [
      info('Add MemcpyFromHost after v17 for CUDAExecutionProvider'),
      added(1, 'body2'),
      info('Add MemcpyToHost before v3 for CUDAExecutionProvider'),
      info("Add MemcpyFromHost after p.embedding' for CUDAExecutionProvider"),
      added(2, 'body1'),
      added(4, 'program'),
      end(1),
      end(0),
    ],
    {
      inside: 3,
      outside: 4,
      values: [
        'MemcpyFromHost after v17',
        'MemcpyToHost before v3',
        "MemcpyFromHost after p.embedding'",
      ],
    },
  ],
  ['an empty log', [], undefined],
  [
    'a log of something else',
    [`${time} [I:onnxruntime:, inference_session.cc:2610 Initialize] Initializing session.`],
    undefined,
  ],
])('%s', (_, lines, expected) => {
  expect(copiesIn(lines.join('\n'))).toEqual(expected)
})

test('bodies of scans are named so that they are distinct from the graph around them', () => {
  const x = input('x', 'float32', ['N', 'M'])
  const { outputs } = scan([], [x], (_, [row]) => ({ state: [], outputs: [add(row!, 1)] }))
  const text = new TextDecoder('latin1').decode(
    toOnnx({ inputs: [x], outputs: { y: outputs[0]! } }).bytes,
  )
  expect(text).toContain('body1')
  expect(text).toContain('program')
})
