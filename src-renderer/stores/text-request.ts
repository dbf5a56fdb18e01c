// What the text room asks for, as data: its settings, the sides that answer, and the request of
// each.
import { z } from 'zod'
import type { SnapshotEntry } from '../../src-worker/contract/library'
import type { PromptedModel, SampleRequest } from '../../src-worker/contract/playground'
import { trainedPlace } from '../../src-worker/contract/snapshot'

const share = z.number().min(0).max(1)

/** How tokens are drawn. The defaults are the paper's: top-p 0.7. */
const settingsSchema = z.object({
  temperature: z.number().min(0).max(2).default(1),
  topP: share.default(0.7),
  topK: z.int().nonnegative().default(0),
  minP: share.default(0),
  repetitionPenalty: z.number().min(1).max(2).default(1),
  maxTokens: z.int().min(1).max(2048).default(64),
  samples: z.int().min(1).max(64).default(1),
  seed: z.int().nonnegative().default(0),
})
export type TextSettings = Readonly<z.output<typeof settingsSchema>>
export const paperSettings: TextSettings = settingsSchema.parse({})

const chatSchema = z.object({
  on: z.boolean().default(false),
  system: z.string().default(''),
  user: z.string().default(''),
  /** an answer begun for the model, or empty */
  assistant: z.string().default(''),
})
export type Chat = Readonly<z.output<typeof chatSchema>>

const questionSchema = z.object({
  prompt: z.string().default(''),
  placement: z.union([z.enum(['start', 'end']), z.int().nonnegative()]).default('start'),
  conditions: z.array(z.number()).readonly().default([]),
  settings: settingsSchema.readonly().prefault({}),
  chat: chatSchema.readonly().prefault({}),
})
/** Everything that decides the texts. */
export type Question = Readonly<z.output<typeof questionSchema>>
export type Placement = Question['placement']

/** What stands in the room's fields; kept over a reload of the window. */
export const draftSchema = questionSchema.extend({
  /** also without the soft prompt */
  withBare: z.boolean().default(true),
  /** run, or path without one, whose own place of the soft prompt was taken last */
  placedFor: z.string().default(''),
  /** path of a second snapshot to compare with, or empty */
  second: z.string().default(''),
})

export type SideName = 'prompted' | 'bare' | 'second'
export interface Side {
  readonly name: SideName
  readonly label: string
  readonly promptedModel: PromptedModel
  readonly entry: SnapshotEntry | null
}

const messagesOf = ({ on, system, user, assistant }: Chat): SampleRequest['messages'] => {
  if (!on) return []
  const all = [
    { role: 'system', content: system },
    { role: 'user', content: user },
    { role: 'assistant', content: assistant },
  ] as const
  return all.filter(m => m.content !== '')
}

/** Conditions of another snapshot: as many as it has; those that are missing are 0. */
export const fitConditions = (values: readonly number[], entry: SnapshotEntry | null): number[] => {
  const shape = entry?.metadata.shape
  if (shape === undefined || !('conditions' in shape)) return []
  return Array.from({ length: shape.conditions }, (_, i) => values[i] ?? 0)
}

/** @param date of a chat template that asks for it: one for all sides that are compared; empty: each its own */
export function sampleRequest(
  request: string,
  side: Side,
  question: Question,
  date = '',
): SampleRequest {
  const { samples, seed, ...sampling } = question.settings
  return {
    request,
    promptedModel: side.promptedModel,
    prompt: question.chat.on ? '' : question.prompt,
    softPromptAt: question.placement,
    conditions: fitConditions(question.conditions, side.entry),
    sampling,
    samples,
    seed,
    messages: messagesOf(question.chat),
    date,
    top: 5,
  }
}

/** Where the soft prompt stood while it was trained: elsewhere it need not do what it learned. */
export const placementOf = ({ metadata }: SnapshotEntry): Placement =>
  trainedPlace(metadata) === 'end' ? 'end' : 'start'

/** Names of the conditions of a snapshot: those it knows, else c1, c2 … */
export function conditionNames(entry: SnapshotEntry | null): readonly string[] {
  const shape = entry?.metadata.shape
  if (shape === undefined || !('conditions' in shape)) return []
  return Array.from(
    { length: shape.conditions },
    (_, i) => entry?.metadata.conditionNames[i] ?? `condition ${i + 1}`,
  )
}

/** The prompt around the place of the soft prompt. */
export function splitAt(prompt: string, placement: Placement): readonly [string, string] {
  if (placement === 'start') return ['', prompt]
  if (placement === 'end') return [prompt, '']
  return [prompt.slice(0, placement), prompt.slice(placement)]
}
