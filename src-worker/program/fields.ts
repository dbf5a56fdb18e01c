// What a program takes of one micro-batch: only indices to gather by, made by program/feeds.ts.
// Letters: B lanes, Z slots of the prefix, S slots behind it, T text slots a lane, P prompt tokens, Q labelled slots a lane,
// C·r labelled rows in chunks of the head, D conditions, L positions of the rope table.
import type { ModelConfig } from '../contract/model'
import { type Dims, type DType, input, type Value } from '../graph/value'
import type { LanguageModel, RotaryValues } from '../model/language-model'

export const fieldNames = [
  'prefix', //     [B, Z]  token ids of the slots that go without a backward pass
  'text', //       [B, T]  token ids of the slots that are not prompt, in order
  'order', //      [B, S]  row of (text rows, then prompt rows) in each slot
  'promptAt', //   [B, P]  flat slot of each prompt token
  'promptMask', // [B, P]  1, or 0 where the lane has no such prompt token
  'queries', //    [B, Q]  labelled slots of each lane, counted from the prefix's first
  'queryAt', //    [B, Q]  the same as flat slots
  'queryOf', //    [B, S]  index of each slot among all [B·Q], or B·Q
  'rowAt', //      [C, r]  index among [B·Q] of each labelled row
  'rowOf', //      [B, Q]  index of each labelled slot among [C·r], or C·r
  'labels', //     [C, r]
  'weights', //    [C, r]  weight of a row's loss over the divisor
  'conditions', // [B, D]
] as const
export type FieldName = (typeof fieldNames)[number]
export type Fields = Readonly<Record<FieldName, Value>>

interface FieldType {
  readonly dtype: DType
  readonly dims: Dims
}

/** Types of a micro-batch's fields for P prompt tokens and D conditions; without prompt, text fills all slots. */
export function fieldTypes(p: number, conditions: number): Readonly<Record<FieldName, FieldType>> {
  const int = (...dims: Dims): FieldType => ({ dtype: 'int64', dims })
  const float = (...dims: Dims): FieldType => ({ dtype: 'float32', dims })
  return {
    prefix: int('B', 'Z'),
    text: int('B', p === 0 ? 'S' : 'T'),
    order: int('B', 'S'),
    promptAt: int('B', p),
    promptMask: float('B', p),
    queries: int('B', 'Q'),
    queryAt: int('B', 'Q'),
    queryOf: int('B', 'S'),
    rowAt: int('C', 'r'),
    rowOf: int('B', 'Q'),
    labels: int('C', 'r'),
    weights: float('C', 'r'),
    conditions: float('B', conditions),
  }
}

/** What decides which fields a program reads. */
export interface FieldChoice {
  /** prompt tokens */
  readonly tokens: number
  readonly conditions: number
  readonly prefixed: boolean
}

export function usedFields({ tokens, conditions, prefixed }: FieldChoice): readonly FieldName[] {
  const placing = new Set<FieldName>(['order', 'promptAt', 'promptMask'])
  return fieldNames.filter(
    name =>
      (tokens > 0 || !placing.has(name)) &&
      (conditions > 0 || name !== 'conditions') &&
      (prefixed || name !== 'prefix'),
  )
}

/** Inputs for the fields, with leading axes such as [K, A]. */
export function fieldInputs(
  choice: FieldChoice,
  leading: Dims,
): Readonly<Partial<Record<FieldName, Value>>> {
  const types = fieldTypes(choice.tokens, choice.conditions)
  const entries = usedFields(choice).map(name => {
    const { dtype, dims } = types[name]
    return [name, input(name, dtype, [...leading, ...dims])] as const
  })
  return Object.fromEntries(entries)
}

/** Inputs that are the same for all micro-batches of a run. */
export interface Common {
  /** [S]: Z … Z + S − 1 */
  readonly positions: Value
  /** [Z]: 0 … Z − 1, when there is a prefix */
  readonly prefixPositions: Value | undefined
  /** [blocks]: slots of each causal block of queries */
  readonly blockSizes: Value
  /** the same for windowed layers, where a model has some */
  readonly windowSizes: Value | undefined
  /** one for each rope of the model */
  readonly tables: readonly RotaryValues[]
}

export interface CommonOptions {
  readonly queryBlocks: number
  readonly windowBlocks?: number
  readonly prefixed?: boolean
}

export const commonInputs = ({ config }: LanguageModel, options: CommonOptions): Common => {
  const { queryBlocks, windowBlocks = queryBlocks, prefixed = false } = options
  const windowed = config.attentions.some(form => form.window !== undefined)
  return {
    positions: input('positions', 'int64', ['S']),
    prefixPositions: prefixed ? input('prefixPositions', 'int64', ['Z']) : undefined,
    blockSizes: input('blockSizes', 'int64', [queryBlocks]),
    windowSizes: windowed ? input('windowSizes', 'int64', [windowBlocks]) : undefined,
    tables: tableInputs(config),
  }
}

/** Inputs of the rope tables: cos and sin, cos1 and sin1 … */
export const tableInputs = ({ ropes }: ModelConfig): readonly RotaryValues[] =>
  ropes.map(({ rotaryDim }, i) => {
    const table = (name: string): Value =>
      input(`${name}${i === 0 ? '' : i}`, 'float32', ['L', rotaryDim / 2])
    return { cos: table('cos'), sin: table('sin') }
  })

/** The common inputs that there are. */
export const listed = ({ tables, ...others }: Common): readonly Value[] => [
  ...Object.values(others).filter((v): v is Value => v !== undefined),
  ...tables.flatMap(({ cos, sin }) => [cos, sin]),
]
