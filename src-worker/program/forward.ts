// One pass of a frozen model over whole lanes, arranged so that the backward pass has little to do:
//   first block: text and prompt rows go through the row-wise layers apart, so only prompt rows get a gradient there;
//   last block: keys and values of all slots, but queries and everything after them of labelled slots only.
import type { PromptShape } from '../contract/snapshot'
import { recomputed } from '../graph/ops/gradient'
import { concat, reshape, shapeOf } from '../graph/ops/shape'
import { product, size } from '../graph/shape'
import { ints, type Value } from '../graph/value'
import { type Block, type LanguageModel, type RotaryValues, rotate } from '../model/language-model'
import {
  attend,
  attendCausally,
  behind,
  causalMask,
  joinHeads,
  type QueryBlocks,
  queryBlocks,
  splitHeads,
} from '../model/layers/attention'
import { rotaryDimOf } from '../model/rope'
import { place, select } from '../prompt/place'
import { conditionCount } from '../prompt/rows'
import type { Common, FieldChoice, Fields } from './fields'

export interface ForwardOptions {
  /** causal blocks of queries: more skip more of the scores that nobody sees */
  readonly queryBlocks: number
  /** compute the inside of each middle block again in the backward pass */
  readonly recompute: boolean
  /** the first block like any other: only to see what keeping text and prompt apart there is worth */
  readonly firstBlockWhole?: boolean
}

interface Context {
  readonly model: LanguageModel
  readonly fields: Fields
  readonly common: Common
  readonly blocks: QueryBlocks
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
  const { positions, prefixPositions, blockSizes } = common
  const blocks = queryBlocks(positions, blockSizes, options.queryBlocks, prefixPositions)
  const past = prefixPositions === undefined ? [] : pastOf(model, fields, common, prefixPositions)
  const context: Context = { model, fields, common, blocks, past }
  const { embed, blocks: layers } = model
  const text = embed(reshape(fields.text, [product(fields.text.dims)]))
  const rows = prompt === undefined ? undefined : flatRows(prompt)
  const last = layers.length - 1
  const merged = (): Value => (rows === undefined ? text : place(text, rows, fields))
  let x: Value | undefined
  for (let i = 0; i < last; i++) {
    const layer = layers[i]!
    if (i === 0 && rows !== undefined && options.firstBlockWhole !== true)
      x = firstBlock(context, layer, text, rows)
    else if (options.recompute) x = recomputed(h => wholeBlock(context, i, h), x ?? merged())
    else x = wholeBlock(context, i, x ?? merged())
  }
  return model.finalNorm(lastBlock(context, layers[last]!, x ?? merged()))
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

type Turn = (x: Value, heads: number) => Value

/** [B·S, n·D] → heads [B, n, S, D], rotated or not */
function turning(
  model: LanguageModel,
  table: RotaryValues,
  rows: RowPlaces,
  rotated: boolean,
): Turn {
  return (x, heads) => {
    const lanes = reshape(x, ['B', rows.slots, size(x, 1)], rows.witness)
    return splitHeads(rotated ? rotate(model, lanes, heads, rows.from, table) : lanes, heads)
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
  const [rotated, straight] = [true, false].map(r => turning(model, common, rows, r)) as [
    Turn,
    Turn,
  ]
  const past: Past[] = []
  let x = model.embed(reshape(fields.prefix, [product(fields.prefix.dims)]))
  for (const layer of model.blocks) {
    const last = past.length === model.blocks.length - 1
    const { q, k, v } = last ? { q: undefined, ...layer.projectKeyValue(x) } : layer.project(x)
    const own = { k: rotated(k, model.keyHeads), v: straight(v, model.keyHeads) }
    past.push(own)
    if (q === undefined) break
    const mask = causalMask(positions, positions)
    const attended = attend(rotated(q, model.config.heads), own.k, own.v, mask, model.gemm)
    x = layer.late(layer.early(x), joinHeads(attended))
  }
  return past
}

interface QueryKeyValue {
  readonly q: Value
  readonly k: Value
  readonly v: Value
}

/** Causal self-attention of whole lanes. q: [B·S, N·D]   k, v: [B·S, Nkv·D] → [B·S, N·D] */
function selfAttention(context: Context, index: number, { q, k, v }: QueryKeyValue): Value {
  const { model, blocks, common, past } = context
  const rows = rowsOf(context)
  const [rotated, straight] = [true, false].map(r => turning(model, common, rows, r)) as [
    Turn,
    Turn,
  ]
  const attended = attendCausally(
    rotated(q, model.config.heads),
    rotated(k, model.keyHeads),
    straight(v, model.keyHeads),
    blocks,
    model.gemm,
    past[index],
  )
  return joinHeads(attended)
}

function wholeBlock(context: Context, index: number, x: Value): Value {
  const layer = context.model.blocks[index]!
  return layer.late(layer.early(x), selfAttention(context, index, layer.project(x)))
}

function firstBlock(context: Context, layer: Block, text: Value, prompt: Value): Value {
  const { fields } = context
  const [ofText, ofPrompt] = [layer.project(text), layer.project(prompt)]
  const q = place(ofText.q, ofPrompt.q, fields)
  const k = place(ofText.k, ofPrompt.k, fields)
  const v = place(ofText.v, ofPrompt.v, fields)
  const early = place(layer.early(text), layer.early(prompt), fields)
  return layer.late(early, selfAttention(context, 0, { q, k, v }))
}

/** The last block at labelled slots: [B·S, H] → [C·r, H] */
function lastBlock(context: Context, layer: Block, x: Value): Value {
  const { model, fields, common, past } = context
  const { keyHeads, config, gemm } = model
  const flat = (field: Value): Value => reshape(field, [product(field.dims)])
  const asking = select(x, flat(fields.queryAt), flat(fields.queryOf))
  const { k, v } = layer.projectKeyValue(x)
  const q = layer.projectQuery(asking)
  const lanes = reshape(q, ['B', 'Q', size(q, 1)], fields.queries)
  const turned = rotate(model, lanes, config.heads, fields.queries, common)
  const rows = rowsOf(context)
  const [rotated, straight] = [true, false].map(r => turning(model, common, rows, r)) as [
    Turn,
    Turn,
  ]
  const before = past[model.blocks.length - 1]
  const keys = behind(before?.k, rotated(k, keyHeads))
  const values = behind(before?.v, straight(v, keyHeads))
  const seen = [common.prefixPositions, common.positions].filter(p => p !== undefined)
  const mask = causalMask(fields.queries, seen.length === 1 ? seen[0]! : concat(seen, 0))
  const attended = joinHeads(attend(splitHeads(turned, config.heads), keys, values, mask, gemm))
  const labelled = (rows: Value): Value => select(rows, flat(fields.rowAt), flat(fields.rowOf))
  return layer.late(layer.early(labelled(asking)), labelled(attended))
}

/** Width of the rope table: rotaryDim/2. */
export const rotaryWidth = (model: LanguageModel): number => rotaryDimOf(model.config) / 2
