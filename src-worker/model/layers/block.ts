// How the layers of a block are joined: one after the other, or attention and MLP side by side.
import { mul } from '../../graph/ops/elementwise'
import { onto, ontoBoth } from '../../graph/ops/linear'
import { derived } from '../../graph/ops/per-product'
import { reshape, slice, split } from '../../graph/ops/shape'
import { dim, size } from '../../graph/shape'
import type { Value } from '../../graph/value'
import type { Block, KeyValue, Projected, Row } from '../language-model'

const same: Row = x => x

/** Queries, keys and values of rows that are normed already. */
export interface Projections {
  readonly all: (n: Value) => Projected
  readonly query: Row
  readonly keyValue: (n: Value) => KeyValue
}

/** Three layers of their own. */
export const separately = (q: Row, k: Row, v: Row): Projections => ({
  all: n => ({ q: q(n), k: k(n), v: v(n) }),
  query: q,
  keyValue: n => ({ k: k(n), v: v(n) }),
})

export interface SerialParts {
  readonly projections: Projections
  readonly out: Row
  readonly mlp: Row
  /** norms before and behind each half, where the family has them */
  readonly beforeAttention?: Row
  readonly afterAttention?: Row
  readonly beforeMlp?: Row
  readonly afterMlp?: Row
  /** norms of the sums (OPT 350m) */
  readonly attentionSum?: Row
  readonly mlpSum?: Row
  /** factor of what each half adds */
  readonly residual?: number
}

/** y = sum(x + r·after(attention(before x)));   sum(y + r·after(mlp(before y))) */
export function serial(parts: SerialParts): Block {
  const { projections, out, mlp, residual = 1 } = parts
  const { beforeAttention = same, afterAttention = same } = parts
  const { beforeMlp = same, afterMlp = same, attentionSum = same, mlpSum = same } = parts
  const times = (x: Value): Value => (residual === 1 ? x : mul(x, residual))
  return {
    ...normed(projections, beforeAttention),
    skip: x => x,
    output: (skip, attended) => {
      const x = attentionSum(onto(skip, times(afterAttention(out(attended)))))
      return mlpSum(onto(x, times(afterMlp(mlp(beforeMlp(x))))))
    },
  }
}

export interface ParallelParts {
  readonly projections: Projections
  readonly out: Row
  readonly mlp: Row
  readonly beforeAttention: Row
  readonly beforeMlp: Row
}

/** x + mlp(before x) + attention(before x) */
export function parallel({
  projections,
  out,
  mlp,
  beforeAttention,
  beforeMlp,
}: ParallelParts): Block {
  return {
    ...normed(projections, beforeAttention),
    skip: x => onto(x, mlp(beforeMlp(x))),
    output: (skip, attended) => ontoBoth(skip, out(attended)),
  }
}

export const normed = (p: Projections, before: Row) => ({
  project: (x: Value) => p.all(before(x)),
  projectQuery: (x: Value) => p.query(before(x)),
  projectKeyValue: (x: Value) => p.keyValue(before(x)),
})

/**
 * A fused layer whose rows stand in groups, [q… k v] of each key head after the other (GPT-NeoX, Bloom, Falcon).
 * @param apply the layer with a weight (and bias) of some rows of each group
 * @param heads query heads of a group
 */
export function grouped(
  apply: (n: Value, rows: (w: Value) => Value) => Value,
  groups: number,
  heads: number,
  headDim: number,
): Projections {
  const only = (from: number, to: number) => (w: Value) =>
    rowsOfGroups(w, groups, heads + 2, headDim, from, to)
  const widths = { q: heads * headDim, k: headDim, v: headDim }
  return {
    all: n => {
      const joint = apply(n, w => w)
      return { ...apart(joint, groups, widths), ...(heads === 1 && { joint }) }
    },
    query: n => apply(n, only(0, heads)),
    keyValue: n => apart(apply(n, only(heads, heads + 2)), groups, { k: headDim, v: headDim }),
  }
}

/** Rows per group [parts·D, …] → those of parts from…to only. w: [groups·parts·D, …] */
function rowsOfGroups(
  w: Value,
  groups: number,
  parts: number,
  headDim: number,
  from: number,
  to: number,
): Value {
  const rest = w.dims.slice(1)
  const dims = [groups * (to - from) * headDim, ...rest]
  return derived(w, { dtype: w.dtype, dims }, whole => {
    const some = slice(reshape(whole, [groups, parts, headDim, ...rest]), 1, from, to)
    return reshape(some, dims)
  })
}

/** [M, groups·Σ widths] → parts of [M, groups·width] */
function apart<Part extends string>(
  x: Value,
  groups: number,
  widths: Readonly<Record<Part, number>>,
): Record<Part, Value> {
  const rows = dim(x, 0)
  const names = Object.keys(widths) as Part[]
  const parts = split(
    reshape(x, [rows, groups, size(x, 1) / groups]),
    2,
    names.map(name => widths[name]),
  )
  const flat = (part: Value): Value => reshape(part, [rows, groups * size(part, 2)])
  return Object.fromEntries(names.map((name, i) => [name, flat(parts[i]!)])) as Record<Part, Value>
}
