// Attention. Letters: B lanes, N heads, G query heads a key head, Q queries, S keys, D head width.
import { add, cast, lessOrEqual, mul, sub, where } from '../../graph/ops/elementwise'
import { withGradient } from '../../graph/ops/gradient'
import { matmul, type ProductOptions } from '../../graph/ops/linear'
import { softmax } from '../../graph/ops/norm'
import { sumLast } from '../../graph/ops/reduce'
import { concat, reshape, shapeOf, split, toShape, transpose } from '../../graph/ops/shape'
import { dim, product, size } from '../../graph/shape'
import { type Dim, ints, type Value } from '../../graph/value'
import type { GemmType } from '../source'

const hidden = -1e30

/** 0 where a key is at or before the query, −1e30 elsewhere.   queries: [B?, Q]   keys: [S] → [B?, 1?, Q, S] */
export function causalMask(queries: Value, keys: Value): Value {
  const column =
    queries.dims.length === 1 ? [dim(queries, 0), 1] : [dim(queries, 0), 1, dim(queries, 1), 1]
  return where(lessOrEqual(keys, reshape(queries, column)), 0, hidden)
}

/** [B, S, N·D] → [B, N, S, D] */
export function splitHeads(x: Value, heads: number): Value {
  const [b, s] = x.dims as readonly [Dim, Dim]
  return transpose(reshape(x, [b, s, heads, size(x, 2) / heads]), [0, 2, 1, 3])
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

/**
 * softmax(q·kᵀ/√D + mask)·v.   q: [B, N, Q, D]   k, v: [B, N/G, S, D]   mask: broadcasts to [B, N, Q, S] → [B, N, Q, D]
 * Backward with δ = Σ dy·y (Dao et al. 2022, eq. 4): two passes over the probabilities less than softmax's own rule.
 */
export function attend(q: Value, k: Value, v: Value, mask: Value, gemm: GemmType): Value {
  const times = (a: Value, b: Value, options: ProductOptions): Value =>
    cast(matmul(cast(a, gemm), cast(b, gemm), options), 'float32')
  const alpha = 1 / Math.sqrt(size(q, 3))
  const { toGroups, toHeads } = grouping(q, size(k, 1))
  const qs = toGroups(q)
  const scores = toHeads(times(qs, k, { transB: true, alpha }))
  const p = toGroups(softmax(add(scores, mask)))
  const y = times(p, v, {})
  return withGradient(toHeads(y), [q, k, v], dyHeads => {
    const dy = toGroups(dyHeads)
    const ds = once(() => mul(p, sub(times(dy, v, { transB: true }), sumLast(mul(dy, y)))))
    return [
      () => toHeads(times(ds(), k, { alpha })),
      () => times(ds(), qs, { transA: true, alpha }),
      () => times(p, dy, { transA: true }),
    ]
  })
}

function once(make: () => Value): () => Value {
  let made: Value | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The parts of a lane whose queries see only their own past. */
export interface QueryBlocks {
  readonly count: number
  /** [count] int64: slots of each block */
  readonly sizes: Value
  /** masks[i]: [S_i, Z + S_0 + … + S_i] */
  readonly masks: readonly Value[]
}

/**
 * Blocks of a lane of S slots.
 * @param positions [S] int64
 * @param before [Z] positions of keys that every query sees
 */
export function queryBlocks(
  positions: Value,
  sizes: Value,
  count: number,
  before?: Value,
): QueryBlocks {
  const parts =
    count === 1 ? [positions] : split(positions, 0, partSymbols(positions, 0, count), sizes)
  const masks = parts.map((part, i) => causalMask(part, behind(before, prefix(parts, i, 0), 0)))
  return { count, sizes, masks }
}

const partSymbols = (x: Value, axis: number, count: number): readonly Dim[] =>
  Array.from({ length: count }, (_, i) => `${dim(x, axis)}#${i}`)

const prefix = (parts: readonly Value[], i: number, axis: number): Value =>
  i === 0 ? parts[0]! : concat(parts.slice(0, i + 1), axis, `${dim(parts[0]!, axis)}..${i}`)

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
  past?: { readonly k: Value; readonly v: Value },
): Value {
  const { count, sizes, masks } = blocks
  if (count === 1) return attend(q, behind(past?.k, k), behind(past?.v, v), masks[0]!, gemm)
  const cut = (x: Value): readonly Value[] => split(x, 2, partSymbols(x, 2, count), sizes)
  const [qs, ks, vs] = [cut(q), cut(k), cut(v)]
  const parts = qs.map((part, i) =>
    attend(
      part,
      behind(past?.k, prefix(ks, i, 2)),
      behind(past?.v, prefix(vs, i, 2)),
      masks[i]!,
      gemm,
    ),
  )
  return concat(parts, 2, dim(q, 2))
}
