// How many tokens are needed: kinds of answers, of which only one is a number.
import { z } from 'zod'

const count = z.int().nonnegative()
const real = z.number()

/** What a soft prompt is counted in. The fields that are called tokens count either. */
export const axisSchema = z.enum(['tokens', 'numbers', 'bits'])
export type Axis = z.infer<typeof axisSchema>

const axisWords = {
  tokens: { one: 'token', many: 'tokens', axis: 'soft prompt tokens', column: 'Tokens' },
  numbers: {
    ...{ one: 'trained number', many: 'trained numbers', axis: 'trained numbers' },
    column: 'Numbers',
  },
  bits: { one: 'bit', many: 'bits', axis: 'bits paid', column: 'Bits' },
} as const

/** 'token', 'trained numbers'. */
export const unitWord = (n: number, axis: Axis = 'tokens'): string =>
  n === 1 ? axisWords[axis].one : axisWords[axis].many
/** '1 token', '64 trained numbers'. */
export const lengthWord = (n: number, axis: Axis = 'tokens'): string => `${n} ${unitWord(n, axis)}`
/** '1 token, 4 tokens' */
export const lengthWords = (lengths: readonly number[], axis: Axis = 'tokens'): string =>
  lengths.map(n => lengthWord(n, axis)).join(', ')
/** 'soft prompt tokens', 'trained numbers': of an axis. */
export const axisName = (axis: Axis): string => axisWords[axis].axis
/** 'Tokens', 'Numbers': of a narrow column. */
export const columnName = (axis: Axis): string => axisWords[axis].column
/** 'tokens needed', 'trained numbers needed': of a column. */
export const neededName = (axis: Axis): string => `${axisWords[axis].many} needed`

/** Where an interval of tokens ends: more than its low end, at most its high one. */
export const boundSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('at'), tokens: real }),
  /** at or below the shortest length measured */
  z.object({ kind: z.literal('by'), tokens: count }),
  /** beyond the longest length measured */
  z.object({ kind: z.literal('beyond'), tokens: count }),
])
export type Bound = z.infer<typeof boundSchema>

const bounds = z.object({ low: boundSchema, high: boundSchema }).nullable()

/** Censored answers are kinds, never numbers. interval: 95 %, null when the noise is unknown. */
export const tokensNeededSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('reached'),
    tokens: real,
    parameters: real.nullable(),
    interval: bounds,
  }),
  /** already there at the shortest length measured; 0: without a soft prompt */
  z.object({ kind: z.literal('reached-by-first'), tokens: count, interval: bounds }),
  z.object({ kind: z.literal('not-reached'), tokens: count, interval: bounds }),
  /** the level itself is not known yet, for the reason given: more than these, and no upper end */
  z.object({
    kind: z.literal('more-than'),
    tokens: count,
    reason: z.string(),
    interval: bounds,
  }),
  z.object({ kind: z.literal('unknown'), reason: z.string() }),
])
export type TokensNeeded = z.infer<typeof tokensNeededSchema>
