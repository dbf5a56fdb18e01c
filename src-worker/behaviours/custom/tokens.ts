// The user's pairs and conversations → tokens, which of them are labels, and where the soft prompt goes.

import { Fault } from '../../contract/fault'
import type { RunSpec } from '../../contract/run-spec'
import { type ChatMessage, chatRenderer, type RenderChat } from '../../dataset/chat-template'
import { commonLength } from '../../stream/common-length'
import type { Prepared } from '../../stream/example'
import type { RecipeContext } from '../../stream/recipe'
import type { CustomRaw } from './pairs'

export interface CustomTokens {
  readonly ids: readonly number[]
  /** [from, to) of the labelled tokens */
  readonly spans: readonly (readonly [number, number])[]
  /** the soft prompt goes before this token; undefined: the run's start decides */
  readonly start: number | undefined
  /** text before the last labelled span */
  readonly prompt: string
  readonly completion: string
}

export type EncodeCustom = (raw: CustomRaw) => Promise<CustomTokens | { readonly why: string }>

/** A text with a cut: soft prompt and spans are told in characters. */
interface Marked {
  readonly text: string
  readonly spans: readonly (readonly [number, number])[]
  readonly start: number | undefined
  /** write the tokenizer's own special tokens */
  readonly special: boolean
  readonly endToken: boolean
}

type CustomSpec = Extract<RunSpec['experiment'], { kind: 'custom' }>

/** A space between prompt and completion when neither brings white space. */
export const joint = (prompt: string, completion: string): string =>
  prompt === '' || /\s$/.test(prompt) || /^\s/.test(completion) ? '' : ' '

/** Takes the marker out of the context and says where it was. */
function withoutMarker(text: string, until: number, marker: string): number | undefined {
  const at = text.lastIndexOf(marker, until - marker.length)
  return at < 0 || at + marker.length > until ? undefined : at
}

function place(marked: Marked, spec: CustomSpec): Marked | { readonly why: string } {
  const firstLabel = marked.spans[0]?.[0] ?? 0
  const lastLabel = marked.spans.at(-1)?.[0] ?? 0
  if (spec.softPromptAt === 'before') return { ...marked, start: 0 }
  if (spec.softPromptAt === 'after') return { ...marked, start: firstLabel }
  const at = withoutMarker(marked.text, lastLabel, spec.marker)
  if (at === undefined) return { why: `no marker ${spec.marker} in the prompt` }
  const length = spec.marker.length
  const moved = (i: number): number => (i > at ? i - length : i)
  return {
    ...marked,
    text: marked.text.slice(0, at) + marked.text.slice(at + length),
    spans: marked.spans.map(([from, to]) => [moved(from), moved(to)] as const),
    start: at,
  }
}

function markPair(raw: CustomRaw & { kind: 'pair' }): Marked {
  const { prompt, completion } = raw
  const text = prompt + joint(prompt, completion) + completion
  const spans = [[prompt.length, text.length]] as const
  return { text, spans, start: undefined, special: true, endToken: true }
}

/** Labels on what the assistant says, its end mark included. */
function markMessages(
  messages: readonly ChatMessage[],
  render: RenderChat,
): Marked | { readonly why: string } {
  const text = render(messages, { generationPrompt: false })
  const spans: (readonly [number, number])[] = []
  for (const [i, { role }] of messages.entries()) {
    if (role !== 'assistant') continue
    const before = render(messages.slice(0, i), { generationPrompt: true })
    const through = render(messages.slice(0, i + 1), { generationPrompt: false })
    if (!text.startsWith(before) || !text.startsWith(through))
      return { why: 'the chat template changes earlier turns' }
    spans.push([before.length, through.length])
  }
  return { text, spans, start: undefined, special: false, endToken: false }
}

/** Pairs, conversations and texts as tokens. Faults: bad-model (messages, but no chat template). */
export function customEncoder({ spec, model, tokenizer }: RecipeContext): EncodeCustom {
  const custom = spec.experiment as CustomSpec
  let chat: RenderChat | undefined
  const mark = (raw: CustomRaw): Marked | { readonly why: string } => {
    if (raw.kind === 'pair') return place(markPair(raw), custom)
    if (raw.kind === 'text') {
      const spans = [[0, raw.text.length]] as const
      return { text: raw.text, spans, start: undefined, special: true, endToken: false }
    }
    chat ??= chatRenderer(model.chatTemplate, tokenizer.specialTokens, model.id)
    const marked = markMessages(raw.messages, chat)
    return 'why' in marked ? marked : place(marked, custom)
  }
  return async raw => {
    const marked = refusalsAsReasons(() => mark(raw))
    if ('why' in marked) return marked
    const { text, special, endToken } = marked
    const ids = await tokenizer.encode(text, { special })
    // a token that straddles a boundary belongs to what follows it
    const tokenAt = async (character: number): Promise<number> => {
      if (character === 0) return 0
      if (character >= text.length) return ids.length
      return commonLength(await tokenizer.encode(text.slice(0, character), { special }), ids)
    }
    const spans: [number, number][] = []
    for (const [from, to] of marked.spans) spans.push([await tokenAt(from), await tokenAt(to)])
    const start = marked.start === undefined ? undefined : await tokenAt(marked.start)
    const end = endToken ? tokenizer.eosTokenId : undefined
    if (end !== undefined) {
      ids.push(end)
      const last = spans.at(-1)
      if (last) last[1] = ids.length
    }
    const at = marked.spans.at(-1)?.[0] ?? 0
    return { ids, spans, start, prompt: text.slice(0, at), completion: text.slice(at) }
  }
}

/** A conversation that the template refuses is one bad record, not the end of a run. */
function refusalsAsReasons<T>(work: () => T): T | { readonly why: string } {
  try {
    return work()
  } catch (error) {
    if (error instanceof Fault && error.code === 'bad-data')
      return { why: 'the chat template refuses it' }
    throw error
  }
}

/**
 * An example of at most `length` tokens. What is too long loses the beginning of its prompt (a first special token
 * stays), so that the labels are kept; a completion longer than a sample loses its end.
 */
export function toExample(
  { ids, spans, start }: CustomTokens,
  conditions: Float32Array,
  length: number,
  bos: number | undefined,
): Prepared {
  const firstLabel = spans[0]?.[0] ?? 0
  const lead = ids[0] === bos && firstLabel > 0 ? 1 : 0
  const drop = Math.max(0, Math.min(ids.length - length, firstLabel - lead))
  const kept = [...ids.slice(0, lead), ...ids.slice(lead + drop)].slice(0, length)
  const moved = (i: number): number => Math.max(Math.min(i, lead), i - drop)
  const labelled = new Uint8Array(kept.length)
  for (const [from, to] of spans) labelled.fill(1, moved(from), Math.min(moved(to), kept.length))
  if (!labelled.includes(1)) return { skipped: 'no label fits into a sample' }
  return {
    ids: Int32Array.from(kept),
    conditions,
    labelled,
    ...(start === undefined ? {} : { start: Math.min(moved(start), kept.length) }),
    ...(drop > 0 ? { shortened: true as const } : {}),
  }
}
