// Attention. Letters: B lanes, N heads, G query heads a key head, Q queries, S keys, D head width.

import type { AttentionForm } from '../../contract/model'
import {
  add,
  cast,
  lessOrEqual,
  mul,
  softCap,
  sub,
  throughCap,
  where,
} from '../../graph/ops/elementwise'
import { matmul, type ProductOptions } from '../../graph/ops/linear'
import { softmax } from '../../graph/ops/norm'
import { sumLast } from '../../graph/ops/reduce'
import { concat, reshape, shapeOf, split, toShape, transpose } from '../../graph/ops/shape'
import { withGradient } from '../../graph/ops/with-gradient'
import { dim, partOf, product, size } from '../../graph/shape'
import { type Dim, type DType, floats, ints, type Value } from '../../graph/value'
import { once } from '../../shared/once'
import type { GemmType } from '../source'

const hidden = -1e30

/** What decides which keys a query sees, and what their distance costs. */
export type MaskForm = Pick<AttentionForm, 'window' | 'slopes'>

/**
 * Added to the scores: −1e30 where a key is behind the query or leaves its window, else 0, or slope·(key − query).
 * queries: [B?, Q]   keys: [S] → [B?, 1?, Q, S], or [B?, N, Q, S] with slopes
 */
export function causalMask(queries: Value, keys: Value, form: MaskForm = {}): Value {
  const column =
    queries.dims.length === 1 ? [dim(queries, 0), 1] : [dim(queries, 0), 1, dim(queries, 1), 1]
  const at = reshape(queries, column)
  const causal = where(lessOrEqual(keys, at), 0, hidden)
  return formed(causal, keys, at, form)
}

/** A mask with the window and the slopes of a layer. keys, queries: positions, of the mask's dims or 1 */
export function formed(
  mask: Value,
  keys: Value,
  queries: Value,
  { window, slopes }: MaskForm,
): Value {
  const near =
    window === undefined ? mask : where(lessOrEqual(keys, sub(queries, window)), hidden, mask)
  if (slopes === undefined) return near
  const distance = cast(sub(keys, queries), 'float32')
  return add(near, mul(floats([slopes.length, 1, 1], slopes), distance))
}

/** [B, S, N·D] → [B, N, S, D] */
export function splitHeads(x: Value, heads: number): Value {
  const [b, s] = x.dims as readonly [Dim, Dim]
  return transpose(reshape(x, [b, s, heads, size(x, 2) / heads]), [0, 2, 1, 3])
}

/** [B, S, N·3·D] → queries, keys and values [B, N, S, D]: three parts of each head, moved as one */
export function splitJoint(x: Value, heads: number) {
  const [b, s] = x.dims as readonly [Dim, Dim]
  const width = size(x, 2) / heads
  const moved = transpose(reshape(x, [b, s, heads, width]), [0, 2, 1, 3])
  const each = width / 3
  const [q, k, v] = split(moved, 3, [each, each, each])
  return { q: q!, k: k!, v: v! }
}

/** [B, N, S, D] → [B·S, N·D] */
export function joinHeads(x: Value): Value {
  const rows = product([dim(x, 0), dim(x, 2)])
  return reshape(transpose(x, [0, 2, 1, 3]), [rows, size(x, 1) * size(x, 3)])
}

interface Grouping {
  /** [B, N, Q, X] → [B, N/G, G·Q, X]: the queries of one key head under each other */
  readonly toGroups: (x: Value) => Value
  readonly toHeads: (x: Value) => Value
}

/** Sizes are read at run time, because any of them may be 0. q: [B, N, Q, D] */
function grouping(q: Value, keyHeads: number): Grouping {
  const [b, n, queries] = q.dims as readonly [Dim, number, Dim]
  if (n === keyHeads) return { toGroups: x => x, toHeads: x => x }
  const group = n / keyHeads
  const rows = product([group, queries])
  const grouped = [shapeOf(q, 0, 1), ints([keyHeads]), mul(shapeOf(q, 2, 3), group)]
  return {
    toGroups: x =>
      toShape(x, concat([...grouped, shapeOf(x, 3, 4)], 0), [b, keyHeads, rows, dim(x, 3)]),
    toHeads: x =>
      toShape(x, concat([shapeOf(q, 0, 3), shapeOf(x, 3, 4)], 0), [b, n, queries, dim(x, 3)]),
  }
}

/** How a layer weighs its keys. */
export type ScoreForm = Pick<AttentionForm, 'scale' | 'cap' | 'slopes'>

/**
 * softmax(cap(scale·q·kᵀ) + mask)·v.   q: [B, N, Q, D]   k, v: [B, N/G, S, D]   mask: broadcasts to [B, N, Q, S] → [B, N, Q, D]
 * Backward with δ = Σ dy·y (Dao et al. 2022, eq. 4): two passes over the probabilities less than softmax's own rule.
 */
export function attend(
  q: Value,
  k: Value,
  v: Value,
  mask: Value,
  gemm: GemmType,
  { scale: alpha, cap, slopes }: ScoreForm,
): Value {
  const own = q.dtype
  // a distance or a cap would be lost in bfloat16's eight bits
  const wide = cap === undefined && slopes === undefined ? own : 'float32'
  const times = (a: Value, b: Value, options: ProductOptions, type: DType = own): Value =>
    cast(matmul(cast(a, gemm), cast(b, gemm), options), type)
  const { toGroups, toHeads } = grouping(q, size(k, 1))
  const qs = toGroups(q)
  const scores = softCap(toHeads(times(qs, k, { transB: true, alpha }, wide)), cap)
  const p = toGroups(softmax(add(scores, cast(mask, wide))))
  const y = times(p, v, {})
  return withGradient(toHeads(y), [q, k, v], dyHeads => {
    const dy = toGroups(dyHeads)
    const ds = once(() =>
      throughCap(
        mul(p, sub(times(dy, v, { transB: true }, wide), cast(sumLast(mul(dy, y)), wide))),
        cap === undefined ? p : toGroups(scores),
        cap,
      ),
    )
    return [
      () => toHeads(times(ds(), k, { alpha })),
      () => times(ds(), qs, { transA: true, alpha }),
      () => times(p, dy, { transA: true }),
    ]
  })
}

/** The parts of a lane whose queries see only their own past. */
export interface QueryBlocks {
  readonly count: number
  /** [count] int64: slots of each block */
  readonly sizes: Value
  /** how many blocks before its own a query sees; all when not given */
  readonly reach: number | undefined
  /** masks[i]: [S_i, …keys of the blocks that it sees] */
  readonly masks: readonly Value[]
}

export interface BlockOptions {
  readonly form: MaskForm
  readonly count: number
  /** [count] int64; a window of more than one block must fit into each */
  readonly sizes: Value
  /** how many blocks before its own a query sees; all when not given */
  readonly reach?: number | undefined
  /** [Z] positions of keys that stand before the lane's slots */
  readonly before?: Value | undefined
}

/** Blocks of a lane of S slots. positions: [S] int64 */
export function queryBlocks(
  positions: Value,
  { form, count, sizes, reach, before }: BlockOptions,
): QueryBlocks {
  const parts =
    count === 1 ? [positions] : split(positions, 0, partSymbols(positions, 0, count), sizes)
  const sight = { axis: 0, whole: dim(positions, 0), reach, before }
  const masks = parts.map((part, i) => causalMask(part, seen(parts, i, sight), form))
  return { count, sizes, reach, masks }
}

const partSymbols = (x: Value, axis: number, count: number): readonly Dim[] =>
  Array.from({ length: count }, (_, i) => partOf(dim(x, axis), count, i))

interface Sight {
  readonly axis: number
  /** the size of all parts together */
  readonly whole: Dim
  readonly reach: number | undefined
  readonly before: Value | undefined
}

/** What block i sees: parts up to its own, behind what comes before them all. */
function seen(parts: readonly Value[], i: number, { axis, whole, reach, before }: Sight): Value {
  const first = reach === undefined ? 0 : Math.max(0, i - reach)
  const some = parts.slice(first, i + 1)
  const own = first === i ? some[0]! : concat(some, axis, partOf(whole, parts.length, first, i))
  return first === 0 ? behind(before, own, axis) : own
}

/** x behind what comes before it, if anything does. x: [B, N, S, D] */
export const behind = (before: Value | undefined, x: Value, axis = 2): Value =>
  before === undefined ? x : concat([before, x], axis)

/**
 * Causal attention of whole lanes, in blocks of queries so that (almost) only visible scores are computed.
 * q, k, v: [B, N, S, D]   past: keys and values before all of them
 */
export function attendCausally(
  q: Value,
  k: Value,
  v: Value,
  blocks: QueryBlocks,
  gemm: GemmType,
  form: ScoreForm,
  past?: { readonly k: Value; readonly v: Value },
): Value {
  const { count, sizes, masks, reach } = blocks
  const cut = (x: Value): readonly Value[] =>
    count === 1 ? [x] : split(x, 2, partSymbols(x, 2, count), sizes)
  const [qs, ks, vs] = [cut(q), cut(k), cut(v)]
  const sight = { axis: 2, whole: dim(k, 2), reach }
  const parts = qs.map((part, i) => {
    const keys = seen(ks, i, { ...sight, before: past?.k })
    const values = seen(vs, i, { ...sight, before: past?.v })
    return attend(part, keys, values, masks[i]!, gemm, form)
  })
  return count === 1 ? parts[0]! : concat(parts, 2, dim(q, 2))
}
