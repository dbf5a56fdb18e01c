// The decoding program: some fresh slots of each lane, after what the lane's key-value cache holds. It serves prefill
// (in chunks), single steps, and the scoring of many continuations of one prefix: masks decide what a slot sees.
// Letters: B lanes, Q fresh slots a lane, C slots of the cache, N heads, D head width, P prompt rows, R rows of the head.

import type { AttentionForm, ModelConfig } from '../contract/model'
import type { Program } from '../graph/onnx'
import { add, cast, softCap, sub, where } from '../graph/ops/elementwise'
import { matmul, type ProductOptions } from '../graph/ops/linear'
import { logSoftmax, softmax } from '../graph/ops/norm'
import { concat, gather, gatherRows, reshape, shapeOf, slice, split } from '../graph/ops/shape'
import { dim, product, size } from '../graph/shape'
import { type Dim, input, type Value } from '../graph/value'
import { type LanguageModel, rotate } from '../model/language-model'
import { formed, joinHeads, splitHeads } from '../model/layers/attention'
import { linear } from '../model/layers/linear'
import { tableInputs } from './fields'

/** Everything but the caches. */
function decodeInputs(model: LanguageModel) {
  const int = (name: string, ...dims: Dim[]): Value => input(name, 'int64', dims)
  const float = (name: string, ...dims: Dim[]): Value => input(name, 'float32', dims)
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

/** Layers of equal windows have caches of equal room, and masks of their own. Widest first; undefined: no window. */
export const windowsOf = ({ attentions }: ModelConfig): readonly (number | undefined)[] =>
  [...new Set(attentions.map(form => form.window))].sort(
    (a, b) => (b ?? Number.POSITIVE_INFINITY) - (a ?? Number.POSITIVE_INFINITY),
  )

/** The names of inputs that exist once for each window: cacheMask, cacheMask8 … */
export const ofWindow = (name: string, window: number | undefined): string =>
  window === undefined ? name : `${name}${window}`

/** Symbol of a cache's room. */
export const roomOf = (window: number | undefined): string => ofWindow('C', window)

/** What tells the slots of one kind of cache. */
export interface CacheSlots {
  /** 0 or −1e30 of unused slots: [B, 1, 1, C] */
  readonly mask: Value
  /** [B, 1, 1, C] int64, where a window or ALiBi asks for them */
  readonly positions: Value | undefined
}

/** By window. */
export type SlotsOfWindows = ReadonlyMap<number | undefined, CacheSlots>

/** Inputs that describe the caches. */
export function cacheSlots({ config }: LanguageModel): SlotsOfWindows {
  const sloped = config.attentions.some(form => form.slopes !== undefined)
  return new Map(
    windowsOf(config).map(window => {
      const dims = ['B', 1, 1, roomOf(window)]
      const mask = input(ofWindow('cacheMask', window), 'float32', dims)
      const positions =
        window === undefined && !sloped
          ? undefined
          : input(ofWindow('cachePositions', window), 'int64', dims)
      return [window, { mask, positions }]
    }),
  )
}

export const slotInputs = (slots: SlotsOfWindows): readonly Value[] =>
  [...slots.values()].flatMap(({ mask, positions }) => [mask, ...(positions ? [positions] : [])])

/** Slots before the first block: [B·Q, W]. */
function embedded(model: LanguageModel, inputs: DecodeInputs): Value {
  const flat = (x: Value): Value => reshape(x, [product(x.dims)])
  const text = model.embed(flat(inputs.ids))
  const prompt = gather(inputs.prompt, flat(inputs.promptRow))
  const slots = product(inputs.isPrompt.dims)
  const x = model.enter(where(reshape(inputs.isPrompt, [slots, 1]), prompt, text))
  if (model.positions === undefined) return x
  return add(x, gatherRows(model.positions, flat(inputs.positions)))
}

interface Masks {
  readonly past: Value
  readonly own: Value
}

/** Masks of one layer: as fed, or with the layer's window and slopes. */
function masksOf(
  inputs: DecodeInputs,
  { mask, positions }: CacheSlots,
  form: AttentionForm,
): Masks {
  if (form.window === undefined && form.slopes === undefined)
    return { past: mask, own: inputs.mask }
  const at = reshape(inputs.positions, ['B', 1, 'Q', 1])
  const keys = reshape(inputs.positions, ['B', 1, 1, 'Q'])
  return {
    past: formed(mask, positions!, at, form),
    own: formed(inputs.mask, keys, at, form),
  }
}

/**
 * softmax(scale·q·[kc k]ᵀ + masks)·[vc v] without joining cache and fresh slots in memory.
 * q: [B, N, Q, D]   k, v: [B, Nkv, Q, D] → [B, N, Q, D]
 */
function attendCached(
  model: LanguageModel,
  form: AttentionForm,
  masks: Masks,
  q: Value,
  fresh: Cached,
  cache: Cached,
): Value {
  const times = (a: Value, b: Value, options: ProductOptions): Value =>
    cast(matmul(cast(a, model.gemm), cast(b, model.gemm), options), 'float32')
  const [b, n, queries] = q.dims as readonly [Dim, number, Dim]
  const { kvHeads } = model.config
  const groups = n / kvHeads
  const toGroups = (x: Value): Value =>
    groups === 1 ? x : reshape(x, [b, kvHeads, product([groups, queries]), dim(x, 3)], x)
  const toHeads = (x: Value, like: Value): Value =>
    groups === 1 ? x : reshape(x, [b, n, queries, dim(x, 3)], like)
  const grouped = toGroups(q)
  const score = (k: Value): Value =>
    softCap(toHeads(times(grouped, k, { transB: true, alpha: form.scale }), q), form.cap)
  const past = add(score(cache.k), masks.past)
  const own = add(score(fresh.k), masks.own)
  const p = softmax(concat([past, own], 3, 'C+Q'))
  const sizes = concat([shapeOf(cache.k, 2, 3), shapeOf(fresh.k, 2, 3)], 0)
  const room = dim(cache.k, 2)
  const [ofPast, ofOwn] = split(p, 3, [room, 'Q'], sizes) as readonly [Value, Value]
  const mixed = add(times(toGroups(ofPast), cache.v, {}), times(toGroups(ofOwn), fresh.v, {}))
  return toHeads(mixed, q)
}

export const cacheInputs = (model: LanguageModel): readonly Cached[] =>
  model.config.attentions.map(({ window }, i) => {
    const dims = ['B', model.config.kvHeads, roomOf(window), model.config.headDim]
    return { k: input(`k${i}`, 'float32', dims), v: input(`v${i}`, 'float32', dims) }
  })

/** Logits of rows after the last block. [R, W] → [R, V] */
export function logitsOf(model: LanguageModel, hidden: Value): Value {
  const { weight, bias, cap } = model.head
  return softCap(linear(model.finish(hidden), weight, bias), cap)
}

/** Of the rows' logits: those wanted whole, log Σ exp of each row, and log p of single tokens. */
function headOutputs(model: LanguageModel, hidden: Value, inputs: DecodeInputs) {
  const logits = logitsOf(model, hidden)
  const column = (x: Value): Value => slice(x, 1, 0, 1)
  const logZ = reshape(sub(column(logits), column(logSoftmax(logits))), ['R'])
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
  const slots = cacheSlots(model)
  const tables = tableInputs(model.config)
  const caches = cacheInputs(model)
  const freshOutputs: Record<string, Value> = {}
  const { heads, kvHeads, attentions } = model.config
  let x = embedded(model, inputs)
  model.blocks.forEach((block, i) => {
    const form = attentions[i]!
    const { q, k, v } = block.project(x)
    const lanes = (y: Value): Value => reshape(y, ['B', 'Q', size(y, 1)], inputs.positions)
    const turned = (y: Value, count: number): Value =>
      splitHeads(rotate(model, form, lanes(y), count, inputs.positions, tables), count)
    const fresh = { k: turned(k, kvHeads), v: splitHeads(lanes(v), kvHeads) }
    freshOutputs[`freshK${i}`] = fresh.k
    freshOutputs[`freshV${i}`] = fresh.v
    const masks = masksOf(inputs, slots.get(form.window)!, form)
    const out = attendCached(model, form, masks, turned(q, heads), fresh, caches[i]!)
    // nothing after the last attention is needed but of the rows of the head
    const needed = i === model.blocks.length - 1 ? (r: Value) => gather(r, inputs.rows) : same
    x = block.output(block.skip(needed(x)), needed(joinHeads(out)))
  })
  const { rows, wanted, picks, pickRows, ...ofSlots } = inputs
  return {
    inputs: [
      ...Object.values(ofSlots),
      ...slotInputs(slots),
      ...tables.flatMap(({ cos, sin }) => [cos, sin]),
      ...[rows, wanted, picks, pickRows],
      ...caches.flatMap(({ k, v }) => [k, v]),
    ],
    outputs: { ...headOutputs(model, x, inputs), ...freshOutputs },
  }
}

const same = (x: Value): Value => x
