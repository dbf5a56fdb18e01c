// The server for other tools: which prompted models it answers as, and where it listens.
import { z } from 'zod'
import { promptedModelSchema } from './playground'

export const serveRequestSchema = z.strictObject({
  models: z
    .array(
      z.strictObject({
        /** what clients call it */
        name: z.string().min(1).max(200),
        promptedModel: promptedModelSchema,
      }),
    )
    .min(1)
    .max(16)
    .refine(models => new Set(models.map(m => m.name)).size === models.length, {
      message: 'two models have one name',
    }),
  /** name or address to listen on */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any free one */
  port: z.int().min(0).max(65_535).default(8000),
  /** empty: none is needed */
  apiKey: z.string().default(''),
})
export type ServeRequest = z.infer<typeof serveRequestSchema>

export const serverStateSchema = z.object({
  /** base address for clients, ending with /v1 */
  url: z.string(),
  models: z.array(z.string()),
  /** what to know of their answers */
  notes: z.array(z.string()).default([]),
})
export type ServerState = z.infer<typeof serverStateSchema>
