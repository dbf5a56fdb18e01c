// Reference numbers computed again: what is asked, and what comes of each case.
import { z } from 'zod'
import { precisionSchema } from './run-spec'

export const verifyRequestSchema = z.object({
  /** names its events, and cancels it */
  request: z.string(),
  /** folder of reference numbers; empty: those of this program */
  reference: z.string().default(''),
  /** folders of its models and data; empty: in it, or beside it */
  models: z.string().default(''),
  data: z.string().default(''),
  /** names of checks; empty: all */
  only: z.array(z.string()).default([]),
  /** auto, cpu or cuda:N */
  device: z.string().default('auto'),
  /** of the check of precisions; null: all that the device has */
  precision: precisionSchema.nullable().default(null),
})
export type VerifyRequest = z.infer<typeof verifyRequestSchema>

export const verifyTotalSchema = z.object({
  total: z.int(),
  passed: z.int(),
  failed: z.int(),
  skipped: z.int(),
})

/** One case: compared, or skipped because a part of the reference is not there. */
export const verifiedSchema = z.object({
  request: z.string(),
  case: z.union([
    z.object({
      ...{ check: z.string(), case: z.string(), error: z.number(), tolerance: z.number() },
      ok: z.boolean(),
      note: z.string().optional(),
    }),
    z.object({
      check: z.string(),
      case: z.string(),
      skipped: z.literal(true),
      note: z.string(),
    }),
  ]),
})
