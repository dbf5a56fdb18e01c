// From finished runs to "how many tokens does this behaviour need": what the analysis is asked and what it answers;
// its runs are in analysed-run.ts. Plain data, finite numbers or null, so that it survives JSON, structured clone and zod.
import { z } from 'zod'
import { heldOutUnitSchema, runSourceSchema } from './analysed-run'
import { elicitationSchema } from './elicitation'
import { tags } from './metrics'
import { axisSchema, tokensNeededSchema } from './needed'

const count = z.int().nonnegative()
const real = z.number()

export const lossUnitSchema = z.enum(['nats', 'bits', 'perplexity'])
export type LossUnit = z.infer<typeof lossUnitSchema>

export const thresholdSchema = z.discriminatedUnion('kind', [
  /** losses: in `unit`; other metrics: as they are */
  z.object({ kind: z.literal('absolute'), value: real, unit: lossUnitSchema.default('nats') }),
  /** this share of the gap between the better baseline and the best seen on the curve, or of any model at the behaviour */
  z.object({
    kind: z.literal('share'),
    share: z.number().gt(0).max(1),
    of: z.enum(['curve', 'behaviour']).default('curve'),
  }),
])
export type Threshold = z.infer<typeof thresholdSchema>

export const analysisOptionsSchema = z.object({
  metric: z.string().default(tags.finalTestLoss),
  unit: lossUnitSchema.default('nats'),
  /** what prompts are counted in */
  axis: axisSchema.default('tokens'),
  threshold: thresholdSchema.default({ kind: 'share', share: 0.9, of: 'curve' }),
  /** overrides `threshold`, by behaviour id or label */
  thresholds: z.record(z.string(), thresholdSchema).default({}),
  /** the author's 186 runs beside one's own */
  includePublished: z.boolean().default(true),
  /** matching: only those of one's own experiments and models, when there are own runs; all: every one */
  published: z.enum(['matching', 'all']).default('matching'),
  /** run ids drawn as lines across the curves of their behaviour, for instance the untuned base model */
  references: z.array(z.string()).default([]),
  /** takes the place of the behaviours' own target; null: theirs */
  target: z.number().nullable().default(null),
  /** draws of the bootstrap; 0: no intervals */
  draws: z.int().min(0).max(100_000).default(2000),
})
export type AnalysisOptions = z.infer<typeof analysisOptionsSchema>
export const reportFormats = ['html', 'json', 'csv', 'svg'] as const
export type AnalysisOptionsInput = z.input<typeof analysisOptionsSchema>

/** A 95 % interval and what it covers: noise of training (seeds), of the test set (units), or both. */
export const intervalSchema = z.object({
  low: real,
  high: real,
  over: z.enum(['seeds', 'units', 'seeds and units']),
  seeds: count,
  units: count,
  unit: heldOutUnitSchema.nullable(),
})
export type Interval = z.infer<typeof intervalSchema>

/** How to settle a warning. `change` is laid over the run's spec. */
export const suggestionSchema = z.object({
  text: z.string(),
  run: z.string(),
  change: z.record(z.string(), z.unknown()),
  /** true: the same run goes on; false: a new one */
  resume: z.boolean(),
  command: z.string(),
})
export type Suggestion = z.infer<typeof suggestionSchema>

export const guardSchema = z.object({
  kind: z.enum([
    'failed',
    'unfinished',
    'diverged',
    'still-falling',
    /** too few steps to see whether the loss was still falling */
    'too-short',
    'seed-spread',
    'fewer-steps',
    'worse-than-shorter',
    /** so surely that the point is not read */
    'missed-optimum',
    'restarted',
    'not-held-out',
    'other-data',
  ]),
  /** warning: the point is drawn hollow; info: only reported */
  level: z.enum(['warning', 'info']),
  run: z.string(),
  reason: z.string(),
  suggestion: suggestionSchema.nullable(),
})
export type Guard = z.infer<typeof guardSchema>

export const seedValueSchema = z.object({
  run: z.string(),
  seed: z.int().nullable(),
  value: real,
  steps: count,
})

/** Values are in the unit asked for. */
export const curvePointSchema = z.object({
  tokens: count,
  value: real,
  interval: intervalSchema.nullable(),
  seeds: z.array(seedValueSchema),
  /** against the better baseline, positive is better; losses in nats or bits (perplexity: nats) */
  gain: z.object({ value: real, interval: intervalSchema.nullable() }).nullable(),
  parameters: count.nullable(),
  /** bits of loss per predicted token gained by each prompt token */
  bitsPerPromptToken: real.nullable(),
  guards: z.array(guardSchema),
})
export type CurvePoint = z.infer<typeof curvePointSchema>

export const saturationSchema = z.discriminatedUnion('kind', [
  /** from this length on, no longer prompt is surely better */
  z.object({ kind: z.literal('saturated'), tokens: count, reason: z.string() }),
  z.object({ kind: z.literal('still-improving'), tokens: count, reason: z.string() }),
  z.object({ kind: z.literal('unknown'), reason: z.string() }),
])
export type Saturation = z.infer<typeof saturationSchema>

export const behaviourSchema = z.object({
  id: z.string(),
  label: z.string(),
  /** kind of the experiment */
  experiment: z.string(),
  dataset: z.string(),
})
export type Behaviour = z.infer<typeof behaviourSchema>

/** One line of an elicitation plot: one model, one behaviour, one way of training. */
export const curveSchema = z.object({
  id: z.string(),
  behaviour: z.string(),
  model: z.string(),
  source: runSourceSchema,
  /** model, and what distinguishes this curve from others of the same model and behaviour */
  label: z.string(),
  /** lengths ≥ 1, ascending */
  points: z.array(curvePointSchema),
  /**
   * at 0 tokens; and under its number of tokens what was not trained here (texts, prompts of other programs) and controls,
   * which were trained on data that say nothing
   */
  baselines: z.array(
    z.object({
      kind: z.enum(['none', 'start-token', 'text-prompt', 'imported-prompt', 'control']),
      point: curvePointSchema,
    }),
  ),
  /** gains are read against this one */
  better: z.enum(['none', 'start-token']).nullable(),
  /** untrained prompts, lengths ascending */
  untrained: z.array(curvePointSchema),
  references: z.array(z.object({ run: z.string(), label: z.string(), value: real })),
  /** the threshold in the unit of the values */
  threshold: real.nullable(),
  needed: tokensNeededSchema,
  saturation: saturationSchema,
  /** share of points without a warning, and what to run next */
  suggestions: z.array(suggestionSchema),
})
export type Curve = z.infer<typeof curveSchema>

export const matrixSchema = z.object({
  rows: z.array(
    z.object({ id: z.string(), label: z.string(), model: z.string(), source: runSourceSchema }),
  ),
  /** behaviour ids */
  columns: z.array(z.string()),
  cells: z.array(
    z.object({
      row: z.string(),
      column: z.string(),
      curve: z.string(),
      needed: tokensNeededSchema,
      /** 0 nearest … 1 farthest on log tokens over the whole matrix; null when unknown, or when answers are not comparable */
      level: real.nullable(),
      hasWarning: z.boolean(),
    }),
  ),
})
export type DistanceMatrix = z.infer<typeof matrixSchema>

/** One length at which both the paper and we have a number. */
export const differenceSchema = z.object({
  behaviour: z.string(),
  model: z.string(),
  tokens: count,
  curve: z.string(),
  publishedCurve: z.string(),
  own: real,
  published: real,
  difference: real,
  interval: intervalSchema.nullable(),
  /** what is not the same in the two */
  remarks: z.array(z.string()),
})
export type Difference = z.infer<typeof differenceSchema>

export const metricInfoSchema = z.object({
  tag: z.string(),
  label: z.string(),
  better: z.enum(['lower', 'higher']),
  /** 'own': not a loss, shown as it is */
  unit: z.enum(['nats', 'bits', 'perplexity', 'own']),
  axis: z.string(),
})
export type MetricInfo = z.infer<typeof metricInfoSchema>

export const analysisSchema = z.object({
  options: analysisOptionsSchema,
  metric: metricInfoSchema,
  /** metrics that some of the runs have, for a chooser */
  metrics: z.array(z.string()),
  /** what prompts can be counted in: bits where a run has been read in them */
  axes: z.array(axisSchema),
  behaviours: z.array(behaviourSchema),
  curves: z.array(curveSchema),
  matrix: matrixSchema,
  differences: z.array(differenceSchema),
  /** elicited or not, for each behaviour of each model that has a criterion: shown before everything else */
  elicited: z.array(elicitationSchema),
  /** plain sentences, the first is the answer */
  answer: z.array(z.string()),
  /** runs left out, and why */
  skipped: z.array(z.object({ run: z.string(), reason: z.string() })),
  /** how intervals and thresholds were made */
  method: z.array(z.string()),
})
export type Analysis = z.infer<typeof analysisSchema>
