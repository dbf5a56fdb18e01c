// A call of a table: its arguments and its result, as schemas; and those that many calls have.
import { z } from 'zod'

export const none = z.object({})
export const id = z.object({ id: z.string() })
export const ids = z.object({ ids: z.array(z.string()) })
export const path = z.object({ path: z.string().min(1) })
export const done = z.null()

export const call = <A extends z.ZodType, R extends z.ZodType>(args: A, result: R) => ({
  args,
  result,
})
