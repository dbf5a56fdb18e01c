// The decoding program: some fresh slots of each lane, after what the lane's key-value cache holds. It serves prefill
// (in pieces), single steps, and the scoring of many continuations of one prefix: what a slot sees is told by masks.
// Letters: B lanes, Q fresh slots a lane, C slots of the cache, N heads, D head width, P prompt rows, R rows of the head.
import type { Program } from '../graph/onnx'
import { add, cast, exp, log, sub, where } from '../graph/ops/elementwise'
import { matmul, type ProductOptions } from '../graph/ops/linear'
import { softmax } from '../graph/ops/norm'
import { max, sum } from '../graph/ops/reduce'
import { concat, gather, reshape, shapeOf, split } from '../graph/ops/shape'
import { dim, product, size } from '../graph/shape'
import { type Dim, input, type Value } from '../graph/value'
import { type LanguageModel, rotate } from '../model/language-model'
import { joinHeads, splitHeads } from '../model/layers/attention'
import { linear } from '../model/layers/linear'
import { rotaryWidth } from './forward'

/** Everything but the caches. */
function decodeInputs(model: LanguageModel) {
  const int = (name: string, ...dims: Dim[]): Value => input(name, 'int64', dims)
  const float = (name: string, ...dims: Dim[]): Value => input(name, 'float32', dims)
  const width = rotaryWidth(model)
  return {
    /** token ids; anything in the vocabulary at prompt slots */
    ids: int('ids', 'B', 'Q'),
    isPrompt: input('isPrompt', 'bool', ['B', 'Q']),
    /** row of `prompt` at prompt slots; anything else elsewhere */
    promptRow: int('promptRow', 'B', 'Q'),
    prompt: float('prompt', 'P', model.config.hiddenSize),
    positions: int('positions', 'B', 'Q'),
    /** added to the scores of fresh slots among themselves: 0 or −1e30 */
    mask: float('mask', 'Q', 'Q'),
    /** the same for the slots of the cache, for each lane */
    cacheMask: float('cacheMask', 'B', 1, 1, 'C'),
    cos: float('cos', 'L', width),
    sin: float('sin', 'L', width),
    /** flat slots b·Q + q that go through the head */
    rows: int('rows', 'R'),
    /** indices into `rows` of the logits that are wanted whole */
    wanted: int('wanted', 'W'),
    /** flat indices r·V + token of the log-probabilities that are wanted, and their r */
    picks: int('picks', 'K'),
    pickRows: int('pickRows', 'K'),
  }
}
type DecodeInputs = ReturnType<typeof decodeInputs>

interface Cached {
  /** [B, Nkv, C, D], keys rotated */
  readonly k: Value
  readonly v: Value
}

/** Embedded slots: [B·Q, H]. */
function embedded(model: LanguageModel, inputs: DecodeInputs): Value {
  const flat = (x: Value): Value => reshape(x, [product(x.dims)])
  const text = model.embed(flat(inputs.ids))
  const prompt = gather(inputs.prompt, flat(inputs.promptRow))
  const slots = product(inputs.isPrompt.dims)
  return where(reshape(inputs.isPrompt, [slots, 1]), prompt, text)
}

/**
 * softmax(q·[kc k]ᵀ/√D + masks)·[vc v] without joining cache and fresh slots in memory.
 * q: [B, N, Q, D]   k, v: [B, Nkv, Q, D] → [B, N, Q, D]
 */
function attendCached(
  model: LanguageModel,
  { mask, cacheMask }: DecodeInputs,
  q: Value,
  fresh: Cached,
  cache: Cached,
): Value {
  const times = (a: Value, b: Value, options: ProductOptions): Value =>
    cast(matmul(cast(a, model.gemm), cast(b, model.gemm), options), 'float32')
  const [b, n, queries] = q.dims as readonly [Dim, number, Dim]
  const groups = n / model.keyHeads
  const toGroups = (x: Value): Value =>
    groups === 1 ? x : reshape(x, [b, model.keyHeads, product([groups, queries]), dim(x, 3)], x)
  const toHeads = (x: Value, like: Value): Value =>
    groups === 1 ? x : reshape(x, [b, n, queries, dim(x, 3)], like)
  const alpha = 1 / Math.sqrt(size(q, 3))
  const grouped = toGroups(q)
  const score = (k: Value): Value => toHeads(times(grouped, k, { transB: true, alpha }), q)
  const past = add(score(cache.k), cacheMask)
  const own = add(score(fresh.k), mask)
  const p = softmax(concat([past, own], 3, 'C+Q'))
  const sizes = concat([shapeOf(cache.k, 2, 3), shapeOf(fresh.k, 2, 3)], 0)
  const [ofPast, ofOwn] = split(p, 3, ['C', 'Q'], sizes) as readonly [Value, Value]
  const mixed = add(times(toGroups(ofPast), cache.v, {}), times(toGroups(ofOwn), fresh.v, {}))
  return toHeads(mixed, q)
}

/** [B·Q, n·D] → heads [B, n, Q, D], rotated or not */
function heads(
  model: LanguageModel,
  inputs: DecodeInputs,
  x: Value,
  count: number,
  rotated: boolean,
): Value {
  const lanes = reshape(x, ['B', 'Q', size(x, 1)], inputs.positions)
  return splitHeads(rotated ? rotate(model, lanes, count, inputs.positions, inputs) : lanes, count)
}

const cacheInputs = (model: LanguageModel): readonly Cached[] =>
  model.blocks.map((_, i) => {
    const dims = ['B', model.keyHeads, 'C', model.config.headDim]
    return { k: input(`k${i}`, 'float32', dims), v: input(`v${i}`, 'float32', dims) }
  })

/** Of the rows' logits: those wanted whole, log Σ exp of each row, and log p of single tokens. */
function headOutputs(model: LanguageModel, hidden: Value, inputs: DecodeInputs) {
  const logits = linear(model.finalNorm(hidden), model.head)
  const highest = max(logits, [1], true)
  const z = sum(exp(sub(logits, highest)), [1], true)
  const logZ = reshape(add(highest, log(z)), ['R'])
  const all = reshape(logits, [product(logits.dims)])
  return {
    logits: gather(logits, inputs.wanted),
    logZ,
    scores: sub(gather(all, inputs.picks), gather(logZ, inputs.pickRows)),
  }
}

/**
 * Inputs: see decodeInputs, and k0, v0 … [B, Nkv, C, D].
 * Outputs: logits [W, V], logZ [R], scores [K], and freshK0, freshV0 … [B, Nkv, Q, D] to be put into the cache.
 */
export function decodeProgram(model: LanguageModel): Program {
  const inputs = decodeInputs(model)
  const caches = cacheInputs(model)
  const freshOutputs: Record<string, Value> = {}
  const { heads: count } = model.config
  let x = embedded(model, inputs)
  model.blocks.forEach((block, i) => {
    const { q, k, v } = block.project(x)
    const fresh = {
      k: heads(model, inputs, k, model.keyHeads, true),
      v: heads(model, inputs, v, model.keyHeads, false),
    }
    freshOutputs[`freshK${i}`] = fresh.k
    freshOutputs[`freshV${i}`] = fresh.v
    const turned = heads(model, inputs, q, count, true)
    const attended = joinHeads(attendCached(model, inputs, turned, fresh, caches[i]!))
    // nothing after the last attention is needed but of the rows of the head
    const needed = i === model.blocks.length - 1 ? (r: Value) => gather(r, inputs.rows) : same
    x = block.late(block.early(needed(x)), needed(attended))
  })
  return {
    inputs: [...Object.values(inputs), ...caches.flatMap(({ k, v }) => [k, v])],
    outputs: { ...headOutputs(model, x, inputs), ...freshOutputs },
  }
}

const same = (x: Value): Value => x
