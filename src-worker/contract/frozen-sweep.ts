// A sweep written down before it starts, and what was done otherwise.
import { z } from 'zod'
import { thresholdSchema } from './analysis'

export const frozenSweepSchema = z.object({
  version: z.literal(1),
  /** sha-256 of the canonical JSON of everything else */
  hash: z.string(),
  /** ISO time */
  frozenAt: z.string(),
  note: z.string(),
  sweep: z.record(z.string(), z.unknown()),
  /** the runs that the sweep stands for, as full specs, when they were known at freezing */
  runs: z.array(z.record(z.string(), z.unknown())),
  /** by behaviour id, or 'all' */
  thresholds: z.record(z.string(), thresholdSchema),
})
export type FrozenSweep = z.infer<typeof frozenSweepSchema>

export const deviationSchema = z.object({
  kind: z.enum([
    'hash',
    'started-before-freezing',
    'missing-run',
    'unplanned-run',
    'changed-setting',
    'changed-threshold',
    'changed-metric',
  ]),
  run: z.string(),
  text: z.string(),
})
export type Deviation = z.infer<typeof deviationSchema>
