// Names that files give to what a record holds.
import { isPlain } from './plain-object'

/** The Pile, RedPajama v2, and what others use; the first that a record has. */
export const usualTexts = ['text', 'raw_content', 'content'] as const

/** Prompt and completion. */
export const usualPairs = [
  ...[['prompt', 'completion'] as const, ['question', 'answer'] as const],
  ...[['question', 'response'] as const, ['instruction', 'output'] as const],
  ...[['instruction', 'response'] as const, ['input', 'output'] as const],
  ...[['source', 'target'] as const, ['query', 'response'] as const],
  ...[['prompt', 'response'] as const, ['prompt', 'chosen'] as const],
  ...[['prompt', 'answer'] as const],
] as const

export const usualConversations = ['conversations', 'conversation', 'dialogue', 'dialog', 'chat']

const usual = new Set<string>([
  ...[...usualTexts, ...usualPairs.flat(), ...usualConversations, 'messages'],
  ...['alternatives', 'rejected'],
])

export const isUsual = (name: string): boolean => usual.has(name.toLowerCase())

/** `{ role, content }`, or `{ from, value }` as ShareGPT files have it. */
const isMessage = (value: unknown): boolean =>
  isPlain(value) && typeof (value.role ?? value.from) === 'string'

export const isMessageList = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isMessage)

/** Fields that probably hold prompt and completion: by their names, or as there are no others. */
export const likelyPair = (fields: readonly string[]): readonly [string, string] | undefined => {
  const [first, second, ...others] = fields
  const known = usualPairs.find(pair => pair.every(name => fields.includes(name)))
  if (known !== undefined || first === undefined || second === undefined) return known
  return others.length === 0 ? [first, second] : undefined
}
