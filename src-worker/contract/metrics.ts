// Scalars of a run: their tags (the original's where it had them) and how series of them cross the boundary.
import { z } from 'zod'

export const tags = {
  loss: 'Loss',
  testLoss: 'Test Loss',
  finalTestLoss: 'Final Test Loss Average',
  tokenCount: 'Trained token count',
  gradientNorm: 'Gradient norm',
  learningRate: 'Learning rate',
  tokensPerSecond: 'Tokens per second',
  dataWait: 'Data wait share',
  padding: 'Padding share',
  memory: 'Memory bytes',
} as const

/** One line of metrics.jsonl: scalars of one optimizer step. Not-a-number is written as null by JSON: we write "NaN", "Infinity". */
export const metricLineSchema = z.object({
  step: z.int().nonnegative(),
  /** unix milliseconds */
  wall: z.number(),
  /** seconds of training so far, over all sessions */
  seconds: z.number(),
  /** trained tokens so far */
  tokens: z.number(),
  values: z.record(z.string(), z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])),
})
export type MetricLine = z.infer<typeof metricLineSchema>

export const xAxisSchema = z.enum(['step', 'tokens', 'time'])
export type XAxis = z.infer<typeof xAxisSchema>

/** A down-sampled series, min–max preserving, about two points a pixel. Plain arrays of equal length. */
export const seriesSchema = z.object({
  run: z.string(),
  tag: z.string(),
  x: z.array(z.number()),
  y: z.array(z.number()),
  /** debiased exponential moving average over the full data, at the same x */
  smooth: z.array(z.number()),
  /** x of points that were not finite */
  notFinite: z.array(z.number()),
  /** x of restarts */
  restarts: z.array(z.number()),
  points: z.int(),
})
export type Series = z.infer<typeof seriesSchema>

/** Fresh points of live runs, sent at most ten times a second. */
export const liveMetricsSchema = z.object({ run: z.string(), lines: z.array(metricLineSchema) })
export type LiveMetrics = z.infer<typeof liveMetricsSchema>
