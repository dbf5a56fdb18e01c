// What a look through everything that SPW_HOME holds finds (spw doctor, Settings).
import { z } from 'zod'

export const homeFindingSchema = z.object({
  /** below SPW_HOME */
  path: z.string(),
  /** what is wrong with it */
  what: z.string(),
  /** what a repair does, or what a person can do */
  fix: z.string(),
  /** fixable: by a check that fixes */
  state: z.enum(['fixable', 'fixed', 'manual']),
})
export type HomeFinding = z.infer<typeof homeFindingSchema>

export const homeCheckSchema = z.object({
  findings: z.array(homeFindingSchema),
  /** how many of each kind were looked through */
  checked: z.record(z.string(), z.int()),
})
export type HomeCheck = z.infer<typeof homeCheckSchema>
