// One pass of a frozen model over whole lanes, arranged so that the backward pass has little to do:
//   first block: text and prompt rows go through the row-wise layers apart, so only prompt rows get a gradient there;
//   last block: keys and values of all slots, but queries and everything after them of labelled slots only.
import type { AttentionForm } from '../contract/model'
import type { PromptShape } from '../contract/snapshot'
import { add, cast } from '../graph/ops/elementwise'
import { recomputed } from '../graph/ops/gradient'
import { concat, gatherRows, reshape, shapeOf } from '../graph/ops/shape'
import { dim, product, size } from '../graph/shape'
import { ints, type Value } from '../graph/value'
import { type LanguageModel, type Projected, rotate } from '../model/language-model'
import {
  attend,
  attendCausally,
  behind,
  causalMask,
  joinHeads,
  type QueryBlocks,
  queryBlocks,
  splitHeads,
  splitJoint,
} from '../model/layers/attention'
import { rowType } from '../model/source'
import { place, select } from '../prompt/place'
import { conditionCount } from '../prompt/rows'
import type { Common, FieldChoice, Fields } from './fields'

export interface ForwardOptions {
  /** causal blocks of queries: more skip more of the scores that are masked */
  readonly queryBlocks: number
  /** of windowed layers: where there are more than elsewhere, each sees only itself and the one before, and holds a window */
  readonly windowBlocks?: number
  /** compute the inside of each middle block again in the backward pass */
  readonly recompute: boolean
  /** the first block like any other: only to see what keeping text and prompt apart there is worth */
  readonly firstBlockWhole?: boolean
}

interface Context {
  readonly model: LanguageModel
  readonly fields: Fields
  readonly common: Common
  /** by layer; layers of one form share theirs */
  readonly blocks: readonly QueryBlocks[]
  /** keys and values of the prefix, by layer */
  readonly past: readonly Past[]
}

/** [B, Nkv, Z, D] */
interface Past {
  readonly k: Value
  readonly v: Value
}

/** The fields that a soft prompt's programs read. */
export const choiceOf = (shape: PromptShape, prefixed: boolean): FieldChoice => ({
  tokens: shape.tokens,
  conditions: conditionCount(shape),
  prefixed,
})

/**
 * Hidden rows of the labelled slots, after the last norm: [C·r, H].
 * prompt: [P, H] shared by the lanes, [B, P, H], or undefined
 */
export function labelledRows(
  model: LanguageModel,
  fields: Fields,
  common: Common,
  prompt: Value | undefined,
  options: ForwardOptions,
): Value {
  const { prefixPositions } = common
  const past = prefixPositions === undefined ? [] : pastOf(model, fields, common, prefixPositions)
  const blocks = blocksOf(model, common, options)
  const context: Context = { model, fields, common, blocks, past }
  const { blocks: layers } = model
  const text = model.enter(model.embed(reshape(fields.text, [product(fields.text.dims)])))
  const entering = (p: Value): Value => model.enter(cast(flatRows(p), rowType(model.gemm)))
  const rows = prompt === undefined ? undefined : entering(prompt)
  const last = layers.length - 1
  const merged = (): Value => {
    const x = rows === undefined ? text : place(text, rows, fields)
    return positioned(model, x, common.positions, fields.queryOf)
  }
  // rows whose first layer depends on where they stand cannot be computed before they are placed
  const apart = options.firstBlockWhole !== true && model.positions === undefined
  let x: Value | undefined
  for (let i = 0; i < last; i++) {
    if (i === 0 && rows !== undefined && apart) x = firstBlock(context, text, rows)
    else if (options.recompute) x = recomputed(h => wholeBlock(context, i, h), x ?? merged())
    else x = wholeBlock(context, i, x ?? merged())
  }
  return model.finish(lastBlock(context, x ?? merged()))
}

/** Blocks of queries for each layer. */
function blocksOf(
  model: LanguageModel,
  common: Common,
  options: ForwardOptions,
): readonly QueryBlocks[] {
  const { positions, prefixPositions: before, blockSizes, windowSizes } = common
  const { queryBlocks: count, windowBlocks = count } = options
  const whole = { count, sizes: blockSizes }
  // as many blocks as elsewhere may be shorter than the window: then each sees all before it
  const reach = windowBlocks === count ? undefined : 1
  const near = windowSizes && { count: windowBlocks, sizes: windowSizes, reach }
  const made = new Map<string, QueryBlocks>()
  return model.config.attentions.map(({ window, slopes }) => {
    const key = JSON.stringify([window, slopes])
    const form = { ...(window !== undefined && { window }), ...(slopes && { slopes }) }
    const cut = window === undefined || near === undefined ? whole : near
    const blocks = made.get(key) ?? queryBlocks(positions, { form, ...cut, before })
    made.set(key, blocks)
    return blocks
  })
}

/** x: [B·S, W] with the learned position of each of its slots, where the model has such. positions: [S] */
function positioned(model: LanguageModel, x: Value, positions: Value, witness: Value): Value {
  if (model.positions === undefined) return x
  const lanes = reshape(x, ['B', dim(positions, 0), size(x, 1)], witness)
  return reshape(add(lanes, gatherRows(model.positions, positions)), x.dims)
}

/** [P, H] as it is, [B, P, H] → [B·P, H] */
const flatRows = (prompt: Value): Value =>
  prompt.dims.length === 2
    ? prompt
    : reshape(prompt, [product(prompt.dims.slice(0, 2)), size(prompt, 2)])

/** Where rows [B·S, …] stand: their lanes, and the position of the first. */
interface RowPlaces {
  readonly slots: 'S' | 'Z'
  /** a value with dims B and slots */
  readonly witness: Value
  /** [1] int64 */
  readonly from: Value
}

const rowsOf = ({ fields, common }: Context): RowPlaces => ({
  slots: 'S',
  witness: fields.queryOf,
  from: common.prefixPositions === undefined ? ints([0]) : shapeOf(common.prefixPositions),
})

/** [B·S, n·D] → heads [B, n, S, D], rotated or not */
function turns(model: LanguageModel, form: AttentionForm, common: Common, rows: RowPlaces) {
  const lanes = (x: Value): Value => reshape(x, ['B', rows.slots, size(x, 1)], rows.witness)
  return {
    lanes,
    straight: (x: Value, heads: number) => splitHeads(lanes(x), heads),
    rotated: (x: Value, heads: number) =>
      splitHeads(rotate(model, form, lanes(x), heads, rows.from, common.tables), heads),
  }
}

/** Keys and values of the prefix in every layer. It depends on no parameter, so nothing of it is differentiated. */
function pastOf(
  model: LanguageModel,
  fields: Fields,
  common: Common,
  positions: Value,
): readonly Past[] {
  const rows: RowPlaces = { slots: 'Z', witness: fields.prefix, from: ints([0]) }
  const { heads, kvHeads, attentions } = model.config
  const past: Past[] = []
  const text = model.enter(model.embed(reshape(fields.prefix, [product(fields.prefix.dims)])))
  let x = positioned(model, text, positions, fields.prefix)
  model.blocks.forEach((layer, i) => {
    const form = attentions[i]!
    const { rotated, straight } = turns(model, form, common, rows)
    const last = i === model.blocks.length - 1
    const { q, k, v } = last ? { q: undefined, ...layer.projectKeyValue(x) } : layer.project(x)
    const own = { k: rotated(k, kvHeads), v: straight(v, kvHeads) }
    past.push(own)
    if (q === undefined) return
    const mask = causalMask(positions, positions, form)
    const attended = attend(rotated(q, heads), own.k, own.v, mask, model.gemm, form)
    x = layer.output(layer.skip(x), joinHeads(attended))
  })
  return past
}

/** Heads [B, n, S, D] of rows, rotated. */
function headsOf({ model, common }: Context, form: AttentionForm, rows: RowPlaces, of: Projected) {
  const { heads, kvHeads } = model.config
  const { rotated, straight, lanes } = turns(model, form, common, rows)
  if (of.joint === undefined)
    return { q: rotated(of.q, heads), k: rotated(of.k, kvHeads), v: straight(of.v, kvHeads) }
  const { q, k, v } = splitJoint(lanes(of.joint), heads)
  const turned = (x: Value): Value => rotate(model, form, x, heads, rows.from, common.tables)
  return { q: turned(q), k: turned(k), v }
}

/** Causal self-attention of whole lanes. q: [B·S, N·D]   k, v: [B·S, Nkv·D] → [B·S, N·D] */
function selfAttention(context: Context, index: number, projected: Projected): Value {
  const { model, blocks, past } = context
  const form = model.config.attentions[index]!
  const { q, k, v } = headsOf(context, form, rowsOf(context), projected)
  const attended = attendCausally(q, k, v, blocks[index]!, model.gemm, form, past[index])
  return joinHeads(attended)
}

function wholeBlock(context: Context, index: number, x: Value): Value {
  const layer = context.model.blocks[index]!
  return layer.output(layer.skip(x), selfAttention(context, index, layer.project(x)))
}

function firstBlock(context: Context, text: Value, prompt: Value): Value {
  const { fields, model } = context
  const layer = model.blocks[0]!
  const [ofText, ofPrompt] = [layer.project(text), layer.project(prompt)]
  const placed = (part: 'q' | 'k' | 'v' | 'joint'): Value =>
    place(ofText[part]!, ofPrompt[part]!, fields)
  const joint = ofText.joint && { joint: placed('joint') }
  const projected = { q: placed('q'), k: placed('k'), v: placed('v'), ...joint }
  const skip = place(layer.skip(text), layer.skip(prompt), fields)
  return layer.output(skip, selfAttention(context, 0, projected))
}

/** The last block at labelled slots: [B·S, H] → [C·r, H] */
function lastBlock(context: Context, x: Value): Value {
  const { model, fields, common, past } = context
  const { config, gemm } = model
  const index = model.blocks.length - 1
  const [layer, form, before] = [model.blocks[index]!, config.attentions[index]!, past[index]]
  const flat = (field: Value): Value => reshape(field, [product(field.dims)])
  const asking = select(x, flat(fields.queryAt), flat(fields.queryOf))
  const { k, v } = layer.projectKeyValue(x)
  const q = layer.projectQuery(asking)
  const lanes = reshape(q, ['B', 'Q', size(q, 1)], fields.queries)
  const turned = rotate(model, form, lanes, config.heads, fields.queries, common.tables)
  const { rotated, straight } = turns(model, form, common, rowsOf(context))
  const keys = behind(before?.k, rotated(k, config.kvHeads))
  const values = behind(before?.v, straight(v, config.kvHeads))
  const seen = [common.prefixPositions, common.positions].filter(p => p !== undefined)
  const mask = causalMask(fields.queries, seen.length === 1 ? seen[0]! : concat(seen, 0), form)
  const heads = splitHeads(turned, config.heads)
  const attended = joinHeads(attend(heads, keys, values, mask, gemm, form))
  const labelled = (rows: Value): Value => select(rows, flat(fields.rowAt), flat(fields.rowOf))
  return layer.output(layer.skip(labelled(asking)), labelled(attended))
}
