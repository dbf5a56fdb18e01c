// The law of every gradient rule: backward agrees with central differences. Add an op: add a row.
// (It is long because every rule has its row.)
import { expect, test } from 'vitest'
import * as e from '../../src-worker/graph/ops/elementwise'
import { recomputed, swiglu } from '../../src-worker/graph/ops/gradient'
import { gemm, matmul, onto, ontoBoth } from '../../src-worker/graph/ops/linear'
import { layerNorm, rmsNorm, rotary, softmax } from '../../src-worker/graph/ops/norm'
import { mean, sum, sumLast } from '../../src-worker/graph/ops/reduce'
import * as s from '../../src-worker/graph/ops/shape'
import { withGradient } from '../../src-worker/graph/ops/with-gradient'
import { constant, type Dims, floats, ints, type Value } from '../../src-worker/graph/value'
import { type GradientCase, gradientError } from './run-graph'

const away: readonly [number, number] = [0.3, 1.5]
type Row = { readonly name: string } & GradientCase
type Sizes = readonly number[]

function row(
  name: string,
  dims: readonly Dims[],
  sizes: readonly Sizes[],
  outSize: Sizes,
  graph: (...x: readonly Value[]) => Value,
  range?: readonly [number, number],
): Row {
  return { name, dims, sizes, outSize, graph, ...(range && { range }) }
}

const unaryRow = (name: string, f: (x: Value) => Value, range?: readonly [number, number]): Row =>
  row(name, [['M', 3]], [[2, 3]], [2, 3], x => f(x!), range)

/** The three ways of broadcasting: same shape, along a leading axis, along an inner axis of 1. */
function binaryRows(name: string, f: (a: Value, b: Value) => Value, range = away): readonly Row[] {
  const shapes: readonly [Dims, Dims, Sizes, Sizes][] = [
    [
      ['M', 3],
      ['M', 3],
      [2, 3],
      [2, 3],
    ],
    [['M', 3], [3], [2, 3], [3]],
    [
      ['M', 3],
      ['M', 1],
      [2, 3],
      [2, 1],
    ],
    [
      ['B', 'M', 2],
      [1, 'M', 1],
      [2, 3, 2],
      [1, 3, 1],
    ],
  ]
  return shapes.flatMap(([a, b, sa, sb]) => [
    row(`${name} [${a}] [${b}]`, [a, b], [sa, sb], sa, (x, y) => f(x!, y!), range),
    row(`${name} [${b}] [${a}]`, [b, a], [sb, sa], sa, (x, y) => f(x!, y!), range),
  ])
}

const productRows: readonly Row[] = [false, true].flatMap(transA =>
  [false, true].flatMap(transB => {
    const options = { transA, transB, alpha: 0.7 }
    const a: Sizes = transA ? [3, 2] : [2, 3]
    const b: Sizes = transB ? [4, 3] : [3, 4]
    const f = (x?: Value, y?: Value): Value => matmul(x!, y!, options)
    const name = `FusedMatMul ${transA ? 'aT' : 'a'} ${transB ? 'bT' : 'b'}`
    return [
      row(name, [a, b], [a, b], [2, 4], f),
      row(
        `${name} batched`,
        [
          ['B', 2, ...a],
          ['B', 2, ...b],
        ],
        [
          [2, 2, ...a],
          [2, 2, ...b],
        ],
        [2, 2, 2, 4],
        f,
      ),
      row(`${name} broadcast`, [['B', ...a], b], [[2, ...a], b], [2, 2, 4], f),
    ]
  }),
)

const gamma = floats([4], [0.5, -1, 2, 1])
const beta = floats([4], [0.1, 0.2, -0.3, 0])
const cos = floats([5, 1], [1, 0.5, -0.2, 0.3, 0.9])
const sin = floats([5, 1], [0, 0.86, 0.98, -0.95, 0.43])
const positions = constant('int64', [1, 3], BigInt64Array.of(0n, 2n, 4n))

const rows: readonly Row[] = [
  ...binaryRows('Add', e.add),
  ...binaryRows('Sub', e.sub),
  ...binaryRows('Mul', e.mul),
  ...binaryRows('Div', e.div),
  unaryRow('Neg', e.neg),
  unaryRow('Exp', e.exp),
  unaryRow('Log', e.log, away),
  unaryRow('Sqrt', e.sqrt, away),
  unaryRow('Erf', e.erf, [-2, 2]),
  unaryRow('Tanh', e.tanh, [-2, 2]),
  unaryRow('Sigmoid', e.sigmoid, [-3, 3]),
  unaryRow('Relu positive', e.relu, away),
  unaryRow('Relu negative', e.relu, [-1.5, -0.3]),
  unaryRow('Softplus', e.softplus, [-3, 3]),
  unaryRow('Identity', e.identity),
  unaryRow('Gelu', e.gelu, [-3, 3]),
  unaryRow('Gelu tanh', x => e.gelu(x, 'tanh'), [-3, 3]),
  unaryRow('mish', e.mish, [-3, 3]),
  unaryRow('Where', x => e.where(e.less(x, 0.1), e.mul(x, 3), e.mul(x, x))),
  unaryRow('mean of Cast to float64 and back', x => e.cast(e.cast(x, 'float64'), 'float32')),
  ...productRows,
  row(
    'MatMul',
    [
      ['B', 2, 3],
      ['B', 3, 2],
    ],
    [
      [2, 2, 3],
      [2, 3, 2],
    ],
    [2, 2, 2],
    (a, b) => matmul(a!, b!),
  ),
  row('Gemm', [['M', 3], [2, 3], [2]], [[4, 3], [2, 3], [2]], [4, 2], (x, w, b) => gemm(x!, w!, b)),
  row(
    'Gemm without bias',
    [
      ['M', 3],
      [2, 3],
    ],
    [
      [4, 3],
      [2, 3],
    ],
    [4, 2],
    (x, w) => gemm(x!, w!),
  ),
  row('Softmax', [['M', 4]], [[3, 4]], [3, 4], x => softmax(x!)),
  row('LayerNorm', [['M', 4]], [[3, 4]], [3, 4], x => layerNorm(x!, gamma, beta, 1e-5)),
  row(
    'LayerNorm parameters',
    [['B', 2, 4], [4], [4]],
    [[2, 2, 4], [4], [4]],
    [2, 2, 4],
    (x, g, b) => layerNorm(x!, g!, b!, 1e-5),
  ),
  row('RmsNorm', [['M', 4]], [[3, 4]], [3, 4], x => rmsNorm(x!, gamma, 1e-6)),
  row('RmsNorm parameters', [['B', 2, 4], [4]], [[2, 2, 4], [4]], [2, 2, 4], (x, g) =>
    rmsNorm(x!, g!, 1e-6),
  ),
  // as in a parallel block: one way back to the rows
  row('two norms of the same rows', [['M', 4]], [[3, 4]], [3, 4], x =>
    e.add(e.mul(layerNorm(x!, gamma, beta, 1e-5), 3), layerNorm(x!, beta, gamma, 1e-5)),
  ),
  row('two RMS norms of the same rows', [['M', 4]], [[3, 4]], [3, 4], x =>
    e.mul(rmsNorm(x!, gamma, 1e-6), rmsNorm(x!, beta, 1e-6)),
  ),
  row(
    'onto a product',
    [['M', 3], ['M', 2], [3, 2], [3]],
    [[2, 3], [2, 2], [3, 2], [3]],
    [2, 3],
    (skip, x, w, b) => onto(skip!, gemm(x!, w!, b)),
  ),
  row(
    'onto both products',
    [['M', 3], ['M', 2], [3, 2], [3]],
    [[2, 3], [2, 2], [3, 2], [3]],
    [2, 3],
    (skip, x, w, b) => ontoBoth(onto(skip!, gemm(e.tanh(x!), w!, b)), gemm(x!, w!, b)),
  ),
  row(
    'onto a sum',
    [
      ['M', 3],
      ['M', 3],
    ],
    [
      [2, 3],
      [2, 3],
    ],
    [2, 3],
    (skip, x) => onto(skip!, e.tanh(x!)),
  ),
  row(
    'Gelu of a product',
    [
      ['M', 2],
      [3, 2],
    ],
    [
      [2, 2],
      [3, 2],
    ],
    [2, 3],
    (x, w) => e.gelu(gemm(x!, w!)),
  ),
  row(
    'a product of Gelu',
    [
      ['M', 2],
      [3, 2],
    ],
    [
      [2, 2],
      [3, 2],
    ],
    [2, 3],
    (x, w) => gemm(e.gelu(x!, 'tanh'), w!),
  ),
  row('Rotary of heads one behind the other', [['B', 2, 'S', 4]], [[1, 2, 3, 4]], [1, 2, 3, 4], x =>
    rotary(x!, positions, cos, sin, { heads: 2, rotaryDim: 2 }),
  ),
  row('Rotary whole heads', [['B', 'S', 4]], [[1, 3, 4]], [1, 3, 4], x =>
    rotary(x!, positions, cos, sin, { heads: 2, rotaryDim: 2 }),
  ),
  row('Rotary part of a head', [['B', 'S', 8]], [[1, 3, 8]], [1, 3, 8], x =>
    rotary(x!, positions, cos, sin, { heads: 2, rotaryDim: 2 }),
  ),
  row('ReduceSum', [['B', 'M', 2]], [[2, 3, 2]], [2, 2], x => sum(x!, [1])),
  row('ReduceSum keep', [['M', 3]], [[2, 3]], [2, 1], x => sumLast(x!)),
  row('ReduceMean all', [['M', 3]], [[2, 3]], [], x => mean(x!)),
  row('ReduceMean keep', [['M', 3]], [[2, 3]], [1, 3], x => mean(x!, [0], true)),
  row('Reshape', [['B', 'S', 4]], [[2, 3, 4]], [6, 4], x => s.reshape(x!, ['B*S', 4])),
  row(
    'Reshape with a witness',
    [
      ['M', 4],
      ['B', 'S'],
    ],
    [
      [6, 4],
      [2, 3],
    ],
    [2, 3, 4],
    (x, w) => s.reshape(x!, ['B', 'S', 4], w),
  ),
  row('Transpose', [['B', 2, 3]], [[2, 2, 3]], [3, 2, 2], x => s.transpose(x!, [2, 0, 1])),
  row(
    'Concat',
    [
      ['M', 2],
      ['N', 2],
    ],
    [
      [2, 2],
      [3, 2],
    ],
    [5, 2],
    (a, b) => s.concat([a!, b!], 0),
  ),
  row(
    'Concat numbers',
    [
      ['M', 2],
      ['M', 1],
    ],
    [
      [2, 2],
      [2, 1],
    ],
    [2, 3],
    (a, b) => s.concat([a!, b!], 1),
  ),
  row('Split', [['M', 3]], [[2, 3]], [2, 2], x => {
    const [a, b] = s.split(x!, 1, [1, 2])
    return e.mul(a!, b!)
  }),
  row('Split, a part unused', [['M', 3]], [[2, 3]], [2, 2], x => s.split(x!, 1, [1, 2])[1]!),
  row('Gather', [['M', 2]], [[3, 2]], [4, 2], x => s.gather(x!, ints([2, 0, 2, 1]))),
  row('Slice', [['M', 4]], [[2, 4]], [2, 2], x => s.slice(x!, 1, 1, 3)),
  row(
    'Expand',
    [
      ['M', 1],
      ['M', 3],
    ],
    [
      [2, 1],
      [2, 3],
    ],
    [2, 3],
    (x, like) => s.expandLike(x!, like!),
  ),
  row('one value used three times', [['M', 2]], [[2, 2]], [2, 2], x => e.mul(x!, e.mul(x!, x!))),
  row(
    'swiglu',
    [
      ['M', 3],
      ['M', 3],
    ],
    [
      [2, 3],
      [2, 3],
    ],
    [2, 3],
    (g, u) => swiglu(g!, u!),
    [-3, 3],
  ),
  row('recomputed', [['M', 3]], [[2, 3]], [2, 3], x => recomputed(v => e.tanh(e.mul(v, v)), x!)),
  row('withGradient', [['M', 2]], [[2, 2]], [2, 2], x =>
    withGradient(e.mul(x!, x!), [x!], dy => [() => e.mul(dy, e.mul(2, x!))]),
  ),
]

test.each(rows)('$name: backward agrees with central differences', async c => {
  expect(await gradientError(c)).toBeLessThan(2e-3)
})
