// A record of the user's own data → what is asked and what should come: a pair, a conversation, or plain text.
import type { CustomFields } from '../../contract/experiment-spec'
import type { ChatMessage } from '../../dataset/chat-template'
import type { Fields } from '../../dataset/fields'
import { parseWritten } from '../../dataset/written-json'
import { readMessages } from './messages'

interface Common {
  /** values of the condition fields */
  readonly conditions: readonly number[]
}
export type CustomRaw = Common &
  (
    | {
        readonly kind: 'pair'
        readonly prompt: string
        readonly completion: string
        readonly alternatives: readonly string[]
      }
    | { readonly kind: 'messages'; readonly messages: readonly ChatMessage[] }
    | { readonly kind: 'text'; readonly text: string }
  )

/** A record as what it is, or why it cannot be used. */
export type ReadCustom = { readonly raw: CustomRaw } | { readonly why: string }

const asText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A list, or the text of one (tables cannot hold lists). */
function asList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined
  try {
    const parsed = parseWritten(value)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function readConditions(fields: Fields, names: readonly string[]): readonly number[] | undefined {
  const values = names.map(name => {
    const value = fields[name]
    return typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  })
  // conditions are float32: what is beyond its range would be infinite
  const numbers = values.filter(
    (v): v is number => typeof v === 'number' && Number.isFinite(Math.fround(v)),
  )
  return numbers.length === names.length ? numbers : undefined
}

const field = (fields: Fields, name: string): unknown => (name === '' ? undefined : fields[name])

/** What a record holds under the mapped names; a pair goes before a conversation, that before text. */
export function readCustom(fields: Fields, names: CustomFields): ReadCustom {
  const conditions = readConditions(fields, names.conditions)
  if (conditions === undefined) return { why: 'a condition that is no number' }
  const prompt = asText(field(fields, names.prompt))
  const completion = asText(field(fields, names.completion))
  if (prompt !== undefined && completion !== undefined) {
    if (completion === '') return { why: 'empty completion' }
    const given = field(fields, names.alternatives) ?? ''
    const list = given === '' ? [] : asList(given)
    if (list === undefined) return { why: 'alternatives that are no list' }
    const others = list.map(asText)
    const alternatives = others.filter((a): a is string => a !== undefined && a !== completion)
    return { raw: { kind: 'pair', prompt, completion, alternatives, conditions } }
  }
  const list = asList(field(fields, names.messages))
  if (list !== undefined) {
    const messages = readMessages(list)
    if ('why' in messages) return messages
    return { raw: { kind: 'messages', messages: messages.value, conditions } }
  }
  const text = asText(field(fields, names.text))
  if (text !== undefined && text.trim() !== '') return { raw: { kind: 'text', text, conditions } }
  return { why: 'neither prompt and completion, nor messages, nor text' }
}

/** What is asked decides the split: the same question with two answers never is on both sides. */
export function keyOf(raw: CustomRaw): string {
  if (raw.kind === 'pair') return raw.prompt
  if (raw.kind === 'text') return raw.text
  const first = raw.messages.findIndex(({ role }) => role === 'assistant')
  return JSON.stringify(raw.messages.slice(0, first))
}
