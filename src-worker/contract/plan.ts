// What a run or a sweep will take, before it starts.
import { z } from 'zod'
import { faultDataSchema } from './fault'

const count = z.int().nonnegative()

export const planSchema = z.object({
  cells: z.array(
    z.object({
      key: z.string(),
      model: z.string(),
      dataset: z.string(),
      tokens: count,
      seed: count,
      promptType: z.string(),
      /** a run of exactly this spec exists already */
      existing: z.string().nullable(),
      fault: faultDataSchema.nullable(),
    }),
  ),
  memory: z.object({
    weightsBytes: count,
    activationBytes: count,
    logitsBytes: count,
    optimizerBytes: count,
    totalBytes: count,
    freeBytes: count,
    /** accumulation that fits, when the asked one does not; null: nothing fits */
    fittingAccumulation: count.nullable(),
    host: z.enum(['thread', 'process']),
  }),
  /** measured on this machine just now, or null when the estimate is from a FLOP count */
  secondsPerStep: z.number(),
  measured: z.boolean(),
  seconds: z.number(),
  /** the same by what it is spent on; their sum is the whole */
  parts: z
    .object({
      training: z.number(),
      tests: z.number(),
      finalTest: z.number(),
      /** what the prompted model does on held-out data, beside its loss */
      measures: z.number().default(0),
      samples: z.number(),
    })
    .optional(),
  diskBytes: count,
  device: z.string(),
  /** how the spec differs from the paper's settings, in words */
  differences: z.array(z.string()),
  /** what each data set holds for a behaviour and a model, in words */
  data: z.array(
    z.object({ path: z.string(), held: z.array(z.string()), warnings: z.array(z.string()) }),
  ),
  /** of the models, as in their entries */
  notes: z.array(z.string()).default([]),
})
export type Plan = z.infer<typeof planSchema>

/** "training 5 m", "quick tests 10 s", …: what takes any time. @param duration writes seconds */
export function partTexts({ parts }: Plan, duration: (seconds: number) => string): string[] {
  if (parts === undefined) return []
  const named = [
    ['training', parts.training],
    ['quick tests', parts.tests],
    ['final tests', parts.finalTest],
    ['measures', parts.measures],
    ['samples', parts.samples],
  ] as const
  return named
    .filter(([, seconds]) => seconds > 0)
    .map(([name, seconds]) => `${name} ${duration(seconds)}`)
}

/** In one line. */
export const partsText = (plan: Plan, duration: (seconds: number) => string): string =>
  partTexts(plan, duration).join(', ')
