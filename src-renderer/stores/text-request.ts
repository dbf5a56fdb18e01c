// What the text room asks for, as data: its settings, the sides that answer, and the request of
// each.
import type { SnapshotEntry } from '../../src-worker/contract/library'
import type { SampleRequest, Speaker } from '../../src-worker/contract/playground'

export interface TextSettings {
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly minP: number
  readonly repetitionPenalty: number
  readonly maxTokens: number
  readonly samples: number
  readonly seed: number
}

/** The paper's sampling: top-p 0.7. */
export const paperSettings: TextSettings = {
  temperature: 1,
  topP: 0.7,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  maxTokens: 64,
  samples: 1,
  seed: 0,
}

export interface Chat {
  readonly on: boolean
  readonly system: string
  readonly user: string
  /** an answer begun for the model, or empty */
  readonly assistant: string
}

export type Placement = 'start' | 'end' | number

/** Everything that decides the texts. */
export interface Question {
  readonly prompt: string
  readonly placement: Placement
  readonly conditions: readonly number[]
  readonly settings: TextSettings
  readonly chat: Chat
}

export type SideName = 'prompted' | 'bare' | 'second'
export interface Side {
  readonly name: SideName
  readonly label: string
  readonly speaker: Speaker
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

export function sampleRequest(request: string, side: Side, question: Question): SampleRequest {
  const { samples, seed, ...sampling } = question.settings
  return {
    request,
    speaker: side.speaker,
    prompt: question.chat.on ? '' : question.prompt,
    softPromptAt: question.placement,
    conditions: fitConditions(question.conditions, side.entry),
    sampling,
    samples,
    seed,
    messages: messagesOf(question.chat),
    top: 5,
  }
}

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
