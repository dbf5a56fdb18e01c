// A record of the user's own data → what is asked and what should come: a pair, a conversation, or plain text.
import type { CustomFields } from '../../contract/experiment-spec'
import type { ChatMessage } from '../../dataset/chat-template'
import { type Fields, noted } from '../../dataset/fields'
import { namesTwice } from '../../dataset/written-json'
import { fieldAt } from '../../shared/plain-object'
import { alpacaPrompt, inAlpaca, inAlpacaAlone } from './alpaca'
import { asList } from './lists'
import {
  asMessageList,
  blankAnswer,
  isBlankText,
  notRead,
  pythonList,
  readMessages,
} from './messages'

interface Common {
  /** values of the condition fields */
  readonly conditions: readonly number[]
  /** what the record holds that is not read */
  readonly notes?: readonly string[]
}
export type CustomRaw = Common &
  (
    | {
        readonly kind: 'pair'
        readonly prompt: string
        readonly completion: string
        readonly alternatives: readonly string[]
      }
    | {
        readonly kind: 'messages'
        readonly messages: readonly ChatMessage[]
        /** the first message that is learnt, of a prompt and a completion that are lists; absent: all turns are */
        readonly learntFrom?: number
      }
    | { readonly kind: 'text'; readonly text: string }
  )

/**
 * A record as what it is, or why it cannot be used; `missing`: it is of the right form, but holds nothing. A few such
 * records, or many, are no sign of another kind of file.
 */
export type ReadCustom =
  | { readonly raw: CustomRaw }
  | { readonly why: string; readonly missing?: true }

const asText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function readConditions(fields: Fields, names: readonly string[]): readonly number[] | undefined {
  const values = names.map(name => {
    const value = field(fields, name)
    return typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  })
  // conditions are float32: what is beyond its range would be infinite
  const numbers = values.filter(
    (v): v is number => typeof v === 'number' && Number.isFinite(Math.fround(v)),
  )
  return numbers.length === names.length ? numbers : undefined
}

/** A field by its name or, where there is none of that name, by the names on the way to it: `data.prompt`. */
function field(fields: Fields, name: string): unknown {
  if (name === '') return undefined
  if (Object.hasOwn(fields, name) || !name.includes('.')) return fields[name]
  return fieldAt(fields, name)
}

/** Fields beside the messages that some templates show a model. */
const beside = ['system', 'system_prompt', 'tools', 'functions'] as const

/** Fields in which others keep a part of what is asked. */
const partsOfPrompt = ['instruction', 'input', 'context', 'history'] as const

type Pair = Extract<CustomRaw, { kind: 'pair' }>

/** One text is one wrong answer, as in files of what was chosen and what was rejected; a list that is broken is none. */
const isOneText = (given: unknown): given is string =>
  typeof given === 'string' && given !== '' && !/^\s*\[/.test(given)

function readAlternatives(
  given: unknown,
  completion: string,
): { readonly value: readonly string[]; readonly notes: readonly string[] } | string {
  const list = given === '' ? [] : isOneText(given) ? [given] : asList(given)
  if (list === undefined) return 'alternatives that are no list'
  const others = list.map(asText)
  if (others.includes(undefined)) return 'an alternative that is no text'
  // one that stands twice is one to choose from
  const value = [...new Set(others as string[])].filter(other => other !== completion)
  const notes = [
    ...(isOneText(given) ? ['alternatives that are one text were read as one'] : []),
    ...(value.length < others.length ? [sameAlternatives] : []),
    ...(value.length === 0 && others.length > 0 ? [noAlternatives] : []),
    ...(value.includes('') ? [emptyAlternative] : []),
  ]
  return { value, notes }
}

const sameAlternatives = 'an alternative that stands twice, or is the completion, counts once'
const emptyAlternative = 'an empty alternative is one to choose from'
const noAlternatives =
  'a record whose only alternative is its completion is no part of multiple choice'

type Asked =
  | { readonly prompt: string; readonly notes: readonly string[] }
  | { readonly why: string }

/** What is asked: the prompt as it is or, where a field is named for the input, both by the template of Alpaca. */
function readAsked(fields: Fields, { input: name = '' }: CustomFields, prompt: string): Asked {
  if (name === '') return { prompt, notes: [] }
  const input = asText(field(fields, name) ?? '')
  if (input === undefined) return { why: `field '${name}', the input, is not text` }
  return { prompt: alpacaPrompt(prompt, input), notes: [input === '' ? inAlpacaAlone : inAlpaca] }
}

function readPair(
  fields: Fields,
  names: CustomFields,
  pair: Omit<Pair, 'alternatives'>,
): ReadCustom {
  if (pair.completion === '') return { why: 'empty completion', missing: true }
  const asked = readAsked(fields, names, pair.prompt)
  if ('why' in asked) return asked
  const given = field(fields, names.alternatives) ?? ''
  const found = readAlternatives(given, pair.completion)
  if (typeof found === 'string') return { why: found }
  const notes = [...found.notes, ...(isBlankText(pair.completion) ? [blankAnswer] : [])]
  const read = names.input === undefined ? [] : [names.input]
  const aside = leftAside(fields, names, read)
  const { prompt } = asked
  return {
    raw: noted({ ...pair, prompt, alternatives: found.value }, [
      ...asked.notes,
      ...notes,
      ...aside,
    ]),
  }
}

/** A pair goes before a conversation and a text: what stands beside it is left aside, and a person should know. */
function leftAside(fields: Fields, names: CustomFields, read: readonly string[] = []): string[] {
  const own = [names.prompt, names.completion, names.alternatives, ...names.conditions, ...read]
  const others = [...beside, ...partsOfPrompt, names.messages, names.text]
  const ignored = others.filter(name => name !== '' && !own.includes(name))
  return notRead(fields, [...new Set(ignored)], 'the record')
}

/** Prompt and completion as lists of messages: what the completion says is learnt, and nothing of the prompt. */
function readMessagePair(
  fields: Fields,
  names: CustomFields,
  conditions: readonly number[],
): ReadCustom | undefined {
  const [asked, answered] = [field(fields, names.prompt), field(fields, names.completion)]
  const [prompt, list] = [asMessageList(asked), asMessageList(answered)]
  const said = asText(answered)
  if (pythonList(asked) || (pythonList(answered) && typeof asked !== 'string'))
    return { why: notJson }
  if (prompt === undefined)
    return Array.isArray(answered) && list !== undefined && asText(asked) !== undefined
      ? { why: 'a prompt that is text before a completion that is a list of messages' }
      : undefined
  if (list === undefined && said === undefined) return undefined
  const completion = list ?? [{ role: 'assistant', content: said }]
  const messages = readMessages([...prompt, ...completion], prompt.length)
  if ('why' in messages) return messages
  if (messages.value[prompt.length - 1]?.role === 'assistant')
    return { why: 'a prompt that ends with a turn of the assistant' }
  const other = names.alternatives
  const aside = other === '' ? [] : notRead(fields, [other], 'the record')
  const notes = [...(messages.notes ?? []), ...leftAside(fields, names), ...aside]
  const learntFrom = prompt.length
  const raw = { kind: 'messages', messages: messages.value, learntFrom, conditions } as const
  return { raw: noted(raw, notes) }
}

const notJson = 'a list of messages as Python prints it, which is no JSON (json.dumps writes JSON)'

function readChat(
  fields: Fields,
  names: CustomFields,
  list: readonly unknown[],
  conditions: readonly number[],
): ReadCustom {
  const messages = readMessages(list)
  if ('why' in messages) return messages
  const cell = field(fields, names.messages)
  const twice = typeof cell === 'string' ? namesTwice(cell, list) : []
  const ignored = beside.filter(name => !names.conditions.includes(name))
  const notes = [...twice, ...(messages.notes ?? []), ...notRead(fields, ignored, 'the record')]
  const raw = { kind: 'messages', messages: messages.value, conditions } as const
  return { raw: noted(raw, notes) }
}

/** A value that is missing, where the record has the field. */
function missing(fields: Fields, names: CustomFields): ReadCustom | undefined {
  const asked = [names.prompt, names.completion, names.messages, names.text].filter(Boolean)
  const empty = asked.find(name => field(fields, name) === null)
  if (empty !== undefined) return { why: `field '${empty}' is null`, missing: true }
  const text = asText(field(fields, names.text))
  return text?.trim() === '' ? { why: 'empty text', missing: true } : undefined
}

/** What a record holds under the mapped names; a pair goes before a conversation, that before text. */
export function readCustom(fields: Fields, names: CustomFields): ReadCustom {
  const conditions = readConditions(fields, names.conditions)
  if (conditions === undefined) return { why: 'a condition that is no number' }
  const prompt = asText(field(fields, names.prompt))
  const completion = asText(field(fields, names.completion))
  const messagePair = readMessagePair(fields, names, conditions)
  if (messagePair !== undefined) return messagePair
  if (prompt !== undefined && completion !== undefined)
    return readPair(fields, names, { kind: 'pair', prompt, completion, conditions })
  const list = asList(field(fields, names.messages))
  if (list !== undefined) return readChat(fields, names, list, conditions)
  if (pythonList(field(fields, names.messages))) return { why: notJson }
  const text = asText(field(fields, names.text))
  if (text !== undefined && text.trim() !== '') return { raw: { kind: 'text', text, conditions } }
  const none = { why: 'neither prompt and completion, nor messages, nor text' }
  return missing(fields, names) ?? none
}

/** What is asked decides the split: the same question with two answers never is on both sides. */
export function keyOf(raw: CustomRaw): string {
  if (raw.kind === 'pair') return raw.prompt
  if (raw.kind === 'text') return raw.text
  const { messages, learntFrom } = raw
  // a greeting of the assistant, before anything is asked, is the same in many
  const asked = messages.findIndex(({ role }) => role !== 'assistant' && role !== 'system')
  const first = messages.findIndex(({ role }, i) => role === 'assistant' && i > asked)
  const until = learntFrom ?? (asked < 0 || first < 0 ? messages.length : first)
  return JSON.stringify(messages.slice(0, until))
}
