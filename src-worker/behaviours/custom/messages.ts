// A conversation in the forms in which people keep it → messages for a chat template, or why it cannot be used.
import type { ChatMessage } from '../../dataset/chat-template'
import { isMessageList } from '../../shared/usual-fields'
import { asList } from './lists'

/** In lower case: files write User, USER and user. */
const roles: Readonly<Record<string, ChatMessage['role']>> = {
  ...{ system: 'system', developer: 'system' },
  ...{ user: 'user', human: 'user', prompter: 'user' },
  ...{ assistant: 'assistant', gpt: 'assistant', model: 'assistant', bot: 'assistant' },
  ...{ chatgpt: 'assistant', bing: 'assistant', bard: 'assistant', ai: 'assistant' },
  ...{ tool: 'tool', function: 'tool', observation: 'tool', ipython: 'tool' },
}

/** Fields of a message that some templates show a model, and that are not read here. */
const unread = ['name', 'reasoning', 'reasoning_content', 'thinking', 'audio'] as const

const isGiven = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0)

/** What a message or a record holds that is not read, for the data report. */
export const notRead = (
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
  of: string,
): string[] =>
  names.filter(name => isGiven(fields[name])).map(name => `the field ${name} of ${of} is not read`)

export const blankAnswer = 'an answer of nothing but white space was kept as it is'

export const isBlankText = (text: string): boolean => text !== '' && text.trim() === ''

type Read<T> = { readonly value: T } | { readonly why: string }

/** One part of a content: text as it is, `{ type: 'text', text }`, or something else, which is no text. */
function partText(part: unknown): Read<string> {
  if (typeof part === 'string') return { value: part }
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
  if (typeof text === 'string') return { value: text }
  return {
    why: `a message with a part that is no text (${String(type ?? 'unknown').slice(0, 20)})`,
  }
}

function contentText(content: unknown): Read<string> {
  if (typeof content === 'string') return { value: content }
  if (typeof content === 'number' || typeof content === 'boolean') return { value: String(content) }
  // an assistant that calls a tool says nothing
  if (content === null || content === undefined) return { value: '' }
  const parts = Array.isArray(content) ? content.map(partText) : [partText(content)]
  const refused = parts.find(part => 'why' in part)
  if (refused !== undefined) return refused
  return { value: parts.map(part => ('value' in part ? part.value : '')).join('') }
}

const callsTool = ({ tool_calls, function_call }: Record<string, unknown>, role: string): boolean =>
  isGiven(tool_calls) || isGiven(function_call) || role === 'function_call' || role === 'tool_call'

/** `{ role, content }`, or `{ from, value }` as ShareGPT files have it. */
function readMessage(value: unknown): Read<ChatMessage> {
  if (typeof value !== 'object' || value === null) return { why: 'a message that is no object' }
  const fields = value as Record<string, unknown>
  const { role: named, from, content, value: said } = fields
  const name = named ?? from
  if (typeof name !== 'string') return { why: 'a message without a role' }
  const role = name.trim().toLowerCase()
  if (callsTool(fields, role))
    return { why: 'a message that calls a tool, which no label can be put on' }
  const known = Object.hasOwn(roles, role) ? roles[role] : undefined
  if (known === undefined) return { why: `a message of the unknown role ${name.slice(0, 20)}` }
  const kept = notLearnt(fields, known)
  if (kept !== undefined) return { why: kept }
  const text = contentText(content ?? said)
  if ('why' in text) return text
  if (text.value === '' && known === 'user') return { why: 'a message of the user without text' }
  return { value: { role: known, content: text.value } }
}

/** Ways to say that a turn is not learnt: of OpenAI, of axolotl, of others. */
const unlearnt: readonly (readonly [string, unknown])[] = [
  ...[['weight', 0] as const, ['train', false] as const, ['training', false] as const],
  ...[['loss', false] as const, ['trainable', false] as const],
]

/** Of a turn of the assistant, for the other turns are not learnt anyway. */
function notLearnt(fields: Record<string, unknown>, role: string): string | undefined {
  const found = role === 'assistant' && unlearnt.find(([name, value]) => fields[name] === value)
  return found
    ? `a message of ${found[0]} ${found[1]}: all turns of the assistant are learnt`
    : undefined
}

/** A list of messages, or the text of one; undefined: something else. */
export function asMessageList(value: unknown): readonly unknown[] | undefined {
  const list = asList(value)
  return isMessageList(list) ? list : undefined
}

/** What pandas writes into a table for a list of messages. */
export const pythonList = (value: unknown): boolean =>
  typeof value === 'string' && /^\s*\[\s*\{\s*'(?:role|content|from|value)'\s*:/.test(value)

/**
 * Messages as a chat template takes them, and what of them is not read.
 * @param learntFrom the first message that is learnt
 */
export function readMessages(
  list: readonly unknown[],
  learntFrom = 0,
): Read<readonly ChatMessage[]> & { readonly notes?: readonly string[] } {
  const read = list.map(readMessage)
  const refused = read.find(message => 'why' in message)
  if (refused !== undefined) return refused
  const messages = read.flatMap(message => ('value' in message ? [message.value] : []))
  const learnt = messages.slice(learntFrom)
  if (!learnt.some(({ role, content }) => role === 'assistant' && content !== ''))
    return { why: 'no turn of the assistant' }
  const fields = list as readonly Record<string, unknown>[]
  const aside = fields.flatMap(message => notRead(message, unread, 'messages'))
  const isBlank = ({ role, content }: ChatMessage) => role === 'assistant' && isBlankText(content)
  const notes = [...new Set([...aside, ...(learnt.some(isBlank) ? [blankAnswer] : [])])]
  return { value: messages, ...(notes.length > 0 ? { notes } : {}) }
}
