// Demos: questions that the app and `spw demo` answer on the bundled models, in about a minute each. A demo is a list of
// ordinary runs; its answer is worked out from whatever runs of it are there.

import { z } from 'zod'
import { counted } from '../shared/counted'
import { criterionSchema } from './behaviour'
import { elicitationSchema } from './elicitation'
import { runSpecInputSchema } from './run-spec'

const count = z.int().nonnegative()

/** One run. */
export const demoCellSchema = z.object({
  /** of this demo, "locked/4" */
  id: z.string(),
  /** "4 soft tokens" */
  name: z.string(),
  tokens: count,
  /** reference: what the model can do at best, or its base model; no point of the curve */
  role: z.enum(['baseline', 'trained', 'reference']),
  spec: runSpecInputSchema,
})
export type DemoCell = z.infer<typeof demoCellSchema>

/** One curve of a demo. */
export const demoPartSchema = z.object({
  /** "the locked model" */
  name: z.string(),
  criterion: criterionSchema,
  cells: z.array(demoCellSchema),
})
export type DemoPart = z.infer<typeof demoPartSchema>

export const demoSchema = z.object({
  /** as in `spw demo NAME` */
  name: z.string(),
  /** the question */
  title: z.string(),
  /** what is done to answer it, for people to whom soft prompts are new */
  explanation: z.string(),
  /** "about a minute" */
  lasts: z.string(),
  /** what is shown of the model without and with the longest prompt */
  shows: z.enum(['position', 'texts', 'elos', 'walk']),
  /** where its prompt is tried afterwards, and the button that leads there */
  tried: z.object({ playground: z.string(), label: z.string() }),
  /** UCI moves to the position that is shown; empty: none is */
  position: z.array(z.string()).default([]),
  /** Elos at which it is shown side by side; empty: without the prompt and with it */
  elos: z.array(z.number()).default([]),
  /** what the curve shows, "capitals among the letters"; a share is written in per cent */
  measure: z.object({ name: z.string(), share: z.boolean() }),
  /** shares shown in the table beside it, by their tags */
  beside: z.array(z.object({ name: z.string(), tag: z.string() })).default([]),
  /** the first is asked about; others stand beside it */
  parts: z.array(demoPartSchema).min(1),
})
export type Demo = z.infer<typeof demoSchema>

export const demoRowSchema = z.object({
  cell: z.string(),
  name: z.string(),
  tokens: count,
  role: demoCellSchema.shape.role,
  run: z.string(),
  /** of the demo's measure; null: not measured */
  value: z.number().nullable(),
  /** of the measures beside it, in their order */
  beside: z.array(z.number().nullable()),
  /** nats a token on held-out data */
  loss: z.number().nullable(),
})
export type DemoRow = z.infer<typeof demoRowSchema>

export const demoAnswerSchema = z.object({
  /** the answer in one sentence, each part's */
  sentences: z.array(z.string()),
  /** why it is preliminary */
  preliminary: z.string(),
  parts: z.array(
    z.object({
      name: z.string(),
      /** null: no run of it is done */
      elicitation: elicitationSchema.nullable(),
      rows: z.array(demoRowSchema),
    }),
  ),
})
export type DemoAnswer = z.infer<typeof demoAnswerSchema>

/** '4 soft tokens'. */
export const softTokens = (tokens: number): string => counted(tokens, 'soft token')

/** The points of a curve, shortest prompt first: what is a reference stands beside it. */
export const curvePoints = (
  rows: readonly DemoRow[],
): { readonly tokens: number; readonly value: number }[] =>
  rows
    .flatMap(({ role, tokens, value }) =>
      role === 'reference' || value === null ? [] : [{ tokens, value }],
    )
    .sort((a, b) => a.tokens - b.tokens)
