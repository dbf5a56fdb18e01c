// A conversation in the forms in which people keep it → messages for a chat template, or why it cannot be used.
import type { ChatMessage } from '../../dataset/chat-template'

const roles: Readonly<Record<string, ChatMessage['role']>> = {
  ...{ system: 'system', developer: 'system' },
  ...{ user: 'user', human: 'user', prompter: 'user' },
  ...{ assistant: 'assistant', gpt: 'assistant', model: 'assistant', bot: 'assistant' },
  ...{ tool: 'tool', function: 'tool', observation: 'tool' },
}

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

/** `{ role, content }`, or `{ from, value }` as ShareGPT files have it. */
function readMessage(value: unknown): Read<ChatMessage> {
  if (typeof value !== 'object' || value === null) return { why: 'a message that is no object' }
  const { role, content, from, value: said, tool_calls: calls } = value as Record<string, unknown>
  const name = role ?? from
  if (typeof name !== 'string') return { why: 'a message without a role' }
  const known = Object.hasOwn(roles, name) ? roles[name] : undefined
  if (known === undefined) return { why: `a message of the unknown role ${name.slice(0, 20)}` }
  if (Array.isArray(calls) && calls.length > 0)
    return { why: 'a message that calls a tool, which no label can be put on' }
  const text = contentText(content ?? said)
  if ('why' in text) return text
  if (text.value === '' && known === 'user') return { why: 'a message of the user without text' }
  return { value: { role: known, content: text.value } }
}

/** Messages as a chat template takes them. */
export function readMessages(list: readonly unknown[]): Read<readonly ChatMessage[]> {
  const read = list.map(readMessage)
  const refused = read.find(message => 'why' in message)
  if (refused !== undefined) return refused
  const messages = read.flatMap(message => ('value' in message ? [message.value] : []))
  if (!messages.some(({ role, content }) => role === 'assistant' && content !== ''))
    return { why: 'no turn of the assistant' }
  return { value: messages }
}
