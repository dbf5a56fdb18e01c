// What is a label: the one function that makes ids and labelled spans of a record. Training, loss, exact match,
// log-probability and multiple choice all use its result.
import { Fault } from '../../contract/fault'
import type { RunSpec } from '../../contract/run-spec'
import { chatRenderer, type RenderChat } from '../../dataset/chat-template'
import { changes, type Encoded, encodedOnce, endsOnce } from '../../dataset/special-tokens'
import type { Tokenizer } from '../../dataset/tokenizer'
import { once } from '../../shared/once'
import type { PipelineContext } from '../../stream/data-pipeline'
import { tokenPlace } from '../../stream/token-place'
import type { CustomRaw } from './pairs'
import { type Turn, turnsOf } from './turns'

export type Span = readonly [from: number, to: number]

export interface Labelled {
  readonly ids: readonly number[]
  /** [from, to) of the labelled tokens: one of a pair or a text, one a turn of the assistant */
  readonly spans: readonly Span[]
  /** the soft prompt goes before this token; undefined: the run's start decides */
  readonly start: number | undefined
  /** what is not as it was written, by reason */
  readonly changes: readonly string[]
  /** text before the last labelled span, and from there to its end */
  readonly prompt: string
  readonly completion: string
}

export type LabelRecord = (raw: CustomRaw) => Promise<Labelled | { readonly why: string }>

type CustomSpec = Extract<RunSpec['experiment'], { kind: 'custom' }>

export const startTokenPut = 'a start token was put before a completion that nothing precedes'
export const endInside =
  'an end token stands within a completion: the model ends there, and what is behind it is trained on all the same'
export const noEndMark = 'the chat template writes no end mark behind an answer'

/** A text with its labelled turns and the place of the soft prompt, in characters. */
interface Marked {
  readonly text: string
  readonly turns: readonly Turn[]
  readonly start: number | undefined
  readonly kind: CustomRaw['kind']
  readonly changes: readonly string[]
}

const wholeTurn = (from: number, to: number): Turn => ({
  from,
  said: to,
  markFrom: to,
  through: to,
})

/** The text without the marker in front of the last label; the soft prompt goes there. */
function withoutMarker(marked: Marked, marker: string): Marked | { readonly why: string } {
  const last = marked.turns.at(-1)?.from ?? 0
  const at = marked.text.lastIndexOf(marker, last - marker.length)
  if (at < 0 || at + marker.length > last) return { why: `no marker ${marker} in the prompt` }
  const moved = (i: number): number => (i > at ? i - marker.length : i)
  return {
    ...marked,
    text: marked.text.slice(0, at) + marked.text.slice(at + marker.length),
    turns: marked.turns.map(({ from, said, markFrom, through }) => ({
      ...{ from: moved(from), said: moved(said) },
      ...{ markFrom: moved(markFrom), through: moved(through) },
    })),
    start: at,
  }
}

function place(marked: Marked, spec: CustomSpec): Marked | { readonly why: string } {
  if (spec.softPromptAt === 'before') return { ...marked, start: 0 }
  if (spec.softPromptAt === 'after') return { ...marked, start: marked.turns[0]?.from ?? 0 }
  return withoutMarker(marked, spec.marker)
}

/** Which token a character of the text lies before. */
interface Tokens {
  /** a token across it belongs to what follows */
  at(character: number): Promise<number>
  /** a token across it belongs to what comes before */
  covering(character: number): Promise<number>
}

interface Ending {
  readonly to: number
  readonly marked: boolean
  /** the words bring the end mark with them, and the template writes it again: the first one ends the turn */
  readonly twice: boolean
}

/** A turn ends with the first stop token behind its words, or with the same one as the last of them; else with its words. */
async function endingOf(
  turn: Turn,
  ids: readonly number[],
  tokens: Tokens & { isStop(id: number): boolean },
): Promise<Ending> {
  const [begin, last] = [await tokens.at(turn.from), await tokens.at(turn.through)]
  for (let i = await tokens.at(turn.markFrom); i < last; i++) {
    if (!tokens.isStop(ids[i] as number)) continue
    let first = i
    while (first > begin && ids[first - 1] === ids[i]) first--
    return { to: first + 1, marked: true, twice: first < i }
  }
  return { to: await tokens.covering(turn.said), marked: false, twice: false }
}

/** Ids that end what a model writes: its own, and the tokenizer's. */
export const stopIdsOf = ({ model, tokenizer }: Pick<PipelineContext, 'model' | 'tokenizer'>) => {
  const { eosTokenId } = tokenizer
  return new Set([...model.config.eosTokenIds, ...(eosTokenId === undefined ? [] : [eosTokenId])])
}

async function encoded(
  tokenizer: Tokenizer,
  { text, kind }: Marked,
): Promise<Encoded & { readonly tokens: Tokens }> {
  const part = kind === 'text' ? 'document' : 'prompt'
  const special = kind !== 'messages'
  const whole = await encodedOnce(tokenizer, text, special, part)
  const placed = {
    text,
    ids: whole.ids,
    encode: async (some: string) => (await encodedOnce(tokenizer, some, special, part)).ids,
    ends: once(() => endsOnce(tokenizer, text, special, whole)),
  }
  const until = async (character: number, across: 0 | 1): Promise<number> => {
    const { before, isAcross } = await tokenPlace(placed, character)
    return isAcross ? Math.min(before + across, whole.ids.length) : before
  }
  return { ...whole, tokens: { at: c => until(c, 0), covering: c => until(c, 1) } }
}

/** The labels of pairs, conversations and texts. Faults: bad-model (messages, but no chat template). */
export function labeller(context: PipelineContext): LabelRecord {
  const { tokenizer } = context
  const stops = stopIdsOf(context)
  const isStop = (id: number): boolean => stops.has(id) || tokenizer.isSpecial(id)
  const mark = marker(context)
  return async raw => {
    const marked = refusalsAsReasons(() => mark(raw))
    if ('why' in marked) return marked
    const { ids, changes: found, tokens } = await encoded(tokenizer, marked)
    const noted = [...(raw.notes ?? []), ...marked.changes, ...found]
    const spans: Span[] = []
    for (const turn of marked.turns) {
      const ending = await endingOf(turn, ids, { ...tokens, isStop })
      if (raw.kind === 'messages' && !ending.marked) noted.push(noEndMark)
      if (ending.twice) noted.push(changes.secondEnd)
      const from = turn.from === 0 && raw.kind === 'text' ? 0 : await tokens.at(turn.from)
      spans.push([from, ending.to])
    }
    const { eosTokenId: end } = tokenizer
    if (raw.kind !== 'text' && hasEndInside(ids, spans, end)) noted.push(endInside)
    const { start } = marked
    const from = marked.turns.at(-1)?.from ?? 0
    const labelled = {
      ...{ ids, spans, changes: [...new Set(noted)] },
      start: start === undefined || start === 0 ? start : await tokens.at(start),
      prompt: marked.text.slice(0, from),
      completion: marked.text.slice(from, marked.turns.at(-1)?.said),
    }
    const ended = raw.kind === 'pair' ? withEnd(labelled, tokenizer) : labelled
    return raw.kind === 'text' ? ended : withContext(ended, tokenizer)
  }
}

/** A record as text with its turns. Faults: bad-model; bad-data (the template refuses the messages). */
function marker({ spec, model, tokenizer }: PipelineContext) {
  const custom = spec.experiment as CustomSpec
  let chat: RenderChat | undefined
  return (raw: CustomRaw): Marked | { readonly why: string } => {
    if (raw.kind === 'pair') {
      const text = raw.prompt + (custom.separator ?? '') + raw.completion
      const turns = [wholeTurn(raw.prompt.length, text.length)]
      return place({ text, turns, start: undefined, kind: raw.kind, changes: [] }, custom)
    }
    if (raw.kind === 'text') {
      const turns = [wholeTurn(0, raw.text.length)]
      return { text: raw.text, turns, start: undefined, kind: raw.kind, changes: [] }
    }
    chat ??= chatRenderer(model.chatTemplate, tokenizer.specialTokens, model.id, spec.data.date)
    const conversation = turnsOf(raw.messages, chat, raw.learntFrom)
    if ('why' in conversation) return conversation
    return place({ ...conversation, start: undefined, kind: raw.kind }, custom)
  }
}

/** Whether an end token is followed by something else that is a label of the same turn. */
const hasEndInside = (ids: readonly number[], spans: readonly Span[], end: number | undefined) =>
  spans.some(([from, to]) => {
    const first = ids.slice(from, to).indexOf(end ?? Number.NaN)
    return first >= 0 && ids.slice(from + first, to).some(id => id !== end)
  })

/** A pair's completion ends with the tokenizer's end token, once. */
function withEnd(labelled: Labelled, { eosTokenId: end, affixes }: Tokenizer): Labelled {
  if (end === undefined) return labelled
  const { ids, spans } = labelled
  const [from = 0, to = 0] = spans.at(-1) ?? []
  let words = to
  while (words > from && ids[words - 1] === end) words--
  const twice = words < to || affixes.tail.includes(end)
  const noted = twice ? [...labelled.changes, changes.secondEnd] : labelled.changes
  const ended = [...ids.slice(0, words), end]
  return { ...labelled, ids: ended, spans: [[from, words + 1]], changes: noted }
}

/** The first label has a token before it, whatever the length of the soft prompt: the start token, if need be. */
function withContext(
  labelled: Labelled,
  { bosTokenId, eosTokenId }: Tokenizer,
): Labelled | { readonly why: string } {
  if (labelled.spans[0]?.[0] !== 0) return labelled
  const first = bosTokenId ?? eosTokenId
  if (first === undefined)
    return { why: 'nothing precedes its completion, and the tokenizer has no start token' }
  const { start } = labelled
  return {
    ...labelled,
    ids: [first, ...labelled.ids],
    spans: labelled.spans.map(([from, to]): Span => [from + 1, to + 1]),
    start: start === undefined || start === 0 ? start : start + 1,
    changes: [...labelled.changes, startTokenPut],
  }
}

/** What a template says is one sentence, the same for all records; one that repeats a record's words is cut. */
function refusal({ cause, message }: Fault): string {
  const said = (cause instanceof Error ? cause.message : message).trim().replace(/\s+/g, ' ')
  return `the chat template refuses it: ${said.slice(0, mostOfRefusal)}`
}
const mostOfRefusal = 100

/** A conversation that the template refuses is one bad record, not the end of a run. */
function refusalsAsReasons<T>(work: () => T): T | { readonly why: string } {
  try {
    return work()
  } catch (error) {
    if (error instanceof Fault && error.code === 'bad-data') return { why: refusal(error) }
    throw error
  }
}
