// One pass of a frozen model over whole lanes, arranged so that the backward pass has little to do:
//   first block: text and prompt rows go through the row-wise layers apart, so only prompt rows get a gradient there;
//   last block: keys and values of all slots, but queries and everything after them of labelled slots only.
import { recomputed } from '../graph/ops/gradient'
import { reshape } from '../graph/ops/shape'
import { product, size } from '../graph/shape'
import { ints, type Value } from '../graph/value'
import { type Block, type LanguageModel, rotate } from '../model/language-model'
import {
  attend,
  attendCausally,
  causalMask,
  joinHeads,
  type QueryBlocks,
  queryBlocks,
  splitHeads,
} from '../model/layers/attention'
import { rotaryDimOf } from '../model/rope'
import { place, select } from '../prompt/place'
import type { Common, Fields } from './fields'

export interface ForwardOptions {
  /** causal blocks of queries: more skip more of the scores that nobody sees */
  readonly queryBlocks: number
  /** compute the inside of each middle block again in the backward pass */
  readonly recompute: boolean
}

interface Context {
  readonly model: LanguageModel
  readonly fields: Fields
  readonly common: Common
  readonly blocks: QueryBlocks
}

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
  const blocks = queryBlocks(common.positions, common.blockSizes, options.queryBlocks)
  const context: Context = { model, fields, common, blocks }
  const { embed, blocks: layers } = model
  const text = embed(reshape(fields.text, [product(fields.text.dims)]))
  const rows = prompt === undefined ? undefined : flatRows(prompt)
  const last = layers.length - 1
  const merged = (): Value => (rows === undefined ? text : place(text, rows, fields))
  let x: Value | undefined
  for (let i = 0; i < last; i++) {
    const layer = layers[i]!
    if (i === 0 && rows !== undefined) x = firstBlock(context, layer, text, rows)
    else if (options.recompute) x = recomputed(h => wholeBlock(context, layer, h), x ?? merged())
    else x = wholeBlock(context, layer, x ?? merged())
  }
  return model.finalNorm(lastBlock(context, layers[last]!, x ?? merged()))
}

/** [P, H] as it is, [B, P, H] → [B·P, H] */
const flatRows = (prompt: Value): Value =>
  prompt.dims.length === 2
    ? prompt
    : reshape(prompt, [product(prompt.dims.slice(0, 2)), size(prompt, 2)])

/** [B·S, n·D] → rotated heads [B, n, S, D] */
function heads(context: Context, x: Value, count: number, rotated: boolean): Value {
  const { model, common, fields } = context
  const lanes = reshape(x, ['B', 'S', size(x, 1)], fields.queryOf)
  const turned = rotated ? rotate(model, lanes, count, ints([0]), common) : lanes
  return splitHeads(turned, count)
}

interface QueryKeyValue {
  readonly q: Value
  readonly k: Value
  readonly v: Value
}

/** Causal self-attention of whole lanes. q: [B·S, N·D]   k, v: [B·S, Nkv·D] → [B·S, N·D] */
function selfAttention(context: Context, { q, k, v }: QueryKeyValue): Value {
  const { model, blocks } = context
  const attended = attendCausally(
    heads(context, q, model.config.heads, true),
    heads(context, k, model.keyHeads, true),
    heads(context, v, model.keyHeads, false),
    blocks,
    model.gemm,
  )
  return joinHeads(attended)
}

const wholeBlock = (context: Context, layer: Block, x: Value): Value =>
  layer.late(layer.early(x), selfAttention(context, layer.project(x)))

function firstBlock(context: Context, layer: Block, text: Value, prompt: Value): Value {
  const { fields } = context
  const [ofText, ofPrompt] = [layer.project(text), layer.project(prompt)]
  const q = place(ofText.q, ofPrompt.q, fields)
  const k = place(ofText.k, ofPrompt.k, fields)
  const v = place(ofText.v, ofPrompt.v, fields)
  const early = place(layer.early(text), layer.early(prompt), fields)
  return layer.late(early, selfAttention(context, { q, k, v }))
}

/** The last block at labelled slots: [B·S, H] → [C·r, H] */
function lastBlock(context: Context, layer: Block, x: Value): Value {
  const { model, fields, common } = context
  const flat = (field: Value): Value => reshape(field, [product(field.dims)])
  const asking = select(x, flat(fields.queryAt), flat(fields.queryOf))
  const { k, v } = layer.projectKeyValue(x)
  const q = layer.projectQuery(asking)
  const lanes = reshape(q, ['B', 'Q', size(q, 1)], fields.queries)
  const turned = rotate(model, lanes, model.config.heads, fields.queries, common)
  const attended = joinHeads(
    attend(
      splitHeads(turned, model.config.heads),
      heads(context, k, model.keyHeads, true),
      heads(context, v, model.keyHeads, false),
      causalMask(fields.queries, common.positions),
      model.gemm,
    ),
  )
  const labelled = (rows: Value): Value => select(rows, flat(fields.rowAt), flat(fields.rowOf))
  return layer.late(layer.early(labelled(asking)), labelled(attended))
}

/** Width of the rope table: rotaryDim/2. */
export const rotaryWidth = (model: LanguageModel): number => rotaryDimOf(model.config) / 2
