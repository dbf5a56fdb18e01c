// Requests and answers of the playgrounds. Every request names its model and snapshot: nothing is remembered between them.
import { z } from 'zod'
import { daySchema, samplingSpecSchema } from './run-spec'

const count = z.int().nonnegative()
/** above 100 every choice is as good as even */
const temperature = z.number().min(0).max(100)
/** chess: far above every player */
const elo = z.number().min(0).max(4000)
/** of a walk: the largest board has 32 · 32 cells */
const moves = count.max(1024)
/** finite as a float32 too */
const condition = z.number().min(-1e9).max(1e9)

const samplingSchema = samplingSpecSchema.extend({
  maxTokens: z.int().min(1).max(65_536).default(32),
  temperature: temperature.default(1),
  repetitionPenalty: z.number().min(0.01).max(100).default(1),
})

/** Who answers: a model, and a soft prompt or none. */
export const promptedModelSchema = z.object({
  /** folder or id; empty: the snapshot's own model */
  model: z.string().default(''),
  /** path of a snapshot; empty: the bare model */
  snapshot: z.string().default(''),
  /** put the tokenizer's start token first */
  startToken: z.boolean().default(false),
})
export type PromptedModel = z.infer<typeof promptedModelSchema>

export const sampleRequestSchema = z.object({
  /** chosen by the caller; names the stream of events and cancels it */
  request: z.string(),
  promptedModel: promptedModelSchema,
  prompt: z.string(),
  /** where it stood in training, start, end, or a character offset of the prompt */
  softPromptAt: z
    .union([z.literal('trained'), z.literal('start'), z.literal('end'), count])
    .default('trained'),
  conditions: z.array(condition).default([]),
  sampling: samplingSchema.prefault({}),
  samples: z.int().min(1).max(64).default(1),
  seed: count.default(0),
  /** chat messages; when given, `prompt` is not used and the chat template is applied */
  messages: z
    .array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
    .default([]),
  /** the day that a chat template gets; empty: that of the snapshot, else today's */
  date: daySchema,
  /** alternatives reported for each token */
  top: z.int().min(0).max(20).default(5),
})
export type SampleRequest = z.infer<typeof sampleRequestSchema>

export const sampledTokenSchema = z.object({
  id: count,
  /** text that became complete with this token; may be empty inside a multi-byte character */
  text: z.string(),
  logProb: z.number(),
  top: z.array(z.object({ text: z.string(), logProb: z.number() })),
})
export type SampledToken = z.infer<typeof sampledTokenSchema>

/** Fresh tokens of one sample of one request. */
export const sampleEventSchema = z.object({
  request: z.string(),
  sample: count,
  tokens: z.array(sampledTokenSchema),
})
export type SampleEvent = z.infer<typeof sampleEventSchema>

export const sampleResultSchema = z.object({
  samples: z.array(
    z.object({
      text: z.string(),
      tokens: z.array(sampledTokenSchema),
      stopped: z.enum(['end', 'length', 'cancelled']),
    }),
  ),
  promptTokens: count,
  secondsToFirstToken: z.number(),
  tokensPerSecond: z.number(),
  command: z.string(),
  /** the day that the chat template got; empty: it asked for none */
  date: z.string(),
  /** that nobody knows which day the prompt learned with; empty: nothing to say */
  dateNote: z.string().default(''),
})
export type SampleResult = z.infer<typeof sampleResultSchema>

export const chessRequestSchema = z.object({
  request: z.string(),
  promptedModel: promptedModelSchema,
  /** start position; empty: the usual one */
  fen: z.string().default(''),
  /** UCI moves from there */
  moves: z.array(z.string()).default([]),
  whiteElo: elo.default(1500),
  blackElo: elo.default(1500),
  /** also choose one */
  choose: z.enum(['none', 'argmax', 'temperature', 'top-p', 'raw']).default('none'),
  temperature: temperature.default(1),
  topP: z.number().min(0).max(1).default(0.9),
  seed: count.default(0),
  /** raw mode: tries before it gives up */
  tries: z.int().min(1).max(50).default(5),
  /** also how much the last move surprised it, which takes one more look */
  surprise: z.boolean().default(true),
})
export type ChessRequest = z.infer<typeof chessRequestSchema>

export const chessAnswerSchema = z.object({
  /** every legal move, most probable first; probabilities are of the text, so they sum to 1 − illegalMass */
  moves: z.array(z.object({ uci: z.string(), san: z.string(), probability: z.number() })),
  illegalMass: z.number(),
  chosen: z.string().nullable(),
  /** raw mode: what it wrote, try by try */
  raw: z.array(z.object({ text: z.string(), legal: z.boolean() })),
  /** −log2 of the probability it gave to the last move played, or null */
  surpriseBits: z.number().nullable(),
  milliseconds: z.number(),
  /** the text the model saw */
  context: z.string(),
})
export type ChessAnswer = z.infer<typeof chessAnswerSchema>

export const boardSchema = z.object({
  width: z.int().min(2).max(32),
  height: z.int().min(2).max(32),
  /** row by row: '.' free, '#' wall, 'A' start, 'B' target; other letters are refused */
  cells: z.array(z.string()),
})
export type Board = z.infer<typeof boardSchema>

export const pathRequestSchema = z.object({
  request: z.string(),
  promptedModel: promptedModelSchema,
  board: boardSchema,
  /** letters N E S W, walked so far */
  moves: z.array(z.string()).default([]),
  spaces: z.boolean().default(true),
  movesLine: z.boolean().default(true),
  extraMoves: moves.default(0),
  wallHits: moves.default(0),
  /** constrained: only moves that stay on the board and off walls, D only at the target */
  constrained: z.boolean().default(false),
  /** 1: one step; more: walk on until D, U or so many steps */
  steps: z.int().min(1).max(1024).default(1),
  temperature: temperature.default(0),
  seed: count.default(0),
})
export type PathRequest = z.infer<typeof pathRequestSchema>

export const pathStepSchema = z.object({
  move: z.string(),
  /** N E S W D U, and the mass on any other text */
  probabilities: z.record(z.string(), z.number()),
  x: count,
  y: count,
  hit: z.boolean(),
})
export const pathAnswerSchema = z.object({
  steps: z.array(pathStepSchema),
  /** shortest number of moves, or null when there is no path */
  optimum: count.nullable(),
  optimalPath: z.array(z.string()),
  result: z.object({
    end: z.enum(['walking', 'done', 'unsolvable', 'invalid']),
    reached: z.boolean(),
    moves: count,
    extraMoves: z.int().nullable(),
    wallHits: count,
  }),
  milliseconds: z.number(),
})
export type PathAnswer = z.infer<typeof pathAnswerSchema>
