// A conversation as the text of a chat template, and where in it each turn of the assistant begins, is said, and ends.
import type { ChatMessage, RenderChat } from '../../dataset/chat-template'
import { commonStart } from '../../stream/common-length'

/** In characters of the text. */
export interface Turn {
  /** the model goes on from here */
  readonly from: number
  /** what was said ends here */
  readonly said: number
  /** the end mark is looked for from here on */
  readonly markFrom: number
  /** the template's end of this turn, before the header of the next */
  readonly through: number
}

export interface Conversation {
  readonly text: string
  readonly turns: readonly Turn[]
  /** what a person should know of it */
  readonly changes: readonly string[]
}

export const messageLost = 'the chat template leaves a message out, or changes its words'

export const turnWithoutWords = 'a turn of the assistant without words is no label'

export const rewrites = 'the chat template changes earlier turns'

/** Stand for what the assistant says, to see what the template writes around it; some templates change the case. */
const standIns = ['q7xstandinz9', 'Q7XSTANDINZ9'] as const

/** What the template writes before and behind the words of a turn; undefined: the words decide it. */
function around(
  messages: readonly ChatMessage[],
  render: RenderChat,
): { readonly head: string; readonly tail: string } | undefined {
  const last = messages.at(-1)
  if (last === undefined) return undefined
  for (const standIn of standIns) {
    const stoodIn = [...messages.slice(0, -1), { ...last, content: standIn }]
    const text = render(stoodIn, { generationPrompt: false })
    const at = text.lastIndexOf(standIn)
    if (at >= 0) return { head: text.slice(0, at), tail: text.slice(at + standIn.length) }
  }
  return undefined
}

/**
 * Where the model begins: behind the generation prompt, or, where the template writes another one into a finished turn
 * (without its `<think>`, for instance), at the words.
 */
function beginningOf(text: string, opened: string, head: string): number | undefined {
  if (text.startsWith(opened)) return opened.length
  return text.startsWith(head) ? head.length : undefined
}

/**
 * Whether a message is nowhere in the text: its words, or, where these stand in another message too, a word of its own
 * in their place.
 */
function isLost(messages: readonly ChatMessage[], text: string, render: RenderChat): boolean {
  if (messages.some(({ content }) => !text.includes(content.trim()))) return true
  const own = (i: number): string => `q7xmessage${i}z9`
  const stoodIn = messages.map((message, i) =>
    message.content.trim() === '' ? message : { ...message, content: own(i) },
  )
  const shown = render(stoodIn, { generationPrompt: false }).toLowerCase()
  return stoodIn.some(({ content }, i) => content === own(i) && !shown.includes(own(i)))
}

/**
 * The turns of the assistant, or why there is none to be had. Faults: those of the renderer.
 * @param learntFrom the first message that is learnt
 */
export function turnsOf(
  messages: readonly ChatMessage[],
  render: RenderChat,
  learntFrom = 0,
): Conversation | { readonly why: string } {
  const text = render(messages, { generationPrompt: false })
  const turns: Turn[] = []
  for (const [i, { role, content }] of messages.entries()) {
    if (i < learntFrom || role !== 'assistant' || content === '') continue
    const opened = render(messages.slice(0, i), { generationPrompt: true })
    const through = render(messages.slice(0, i + 1), { generationPrompt: false })
    const { head = opened, tail = '' } = around(messages.slice(0, i + 1), render) ?? {}
    const from = beginningOf(text, opened, head)
    const fits = through.startsWith(head) && through.endsWith(tail)
    // words that the template reads (a thought, for instance): all that it writes of the turn
    const said = fits ? through.length - tail.length : through.trimEnd().length
    const shared = commonStart(text, through)
    const isApart = from !== undefined && from >= (turns.at(-1)?.said ?? 0)
    if (!isApart || from > said || shared < said) return { why: rewrites }
    turns.push({ from, said, markFrom: fits ? said : from, through: shared })
  }
  const lost = isLost(messages, text, render)
  const silent = messages
    .slice(learntFrom)
    .some(({ role, content }) => role === 'assistant' && content === '')
  const changes = [...(lost ? [messageLost] : []), ...(silent ? [turnWithoutWords] : [])]
  return { text, turns, changes }
}
