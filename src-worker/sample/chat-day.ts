// The day that a chat template gets where it asks for one, and what a person should know of it.
import { learnedDay, type Snapshot } from '../contract/snapshot'
import { asksDate } from '../dataset/chat-template'
import { isoDate } from '../dataset/strftime'

export interface ChatDay {
  /** "2026-11-28"; empty: the template asks for none */
  readonly date: string
  /** empty: nothing to say */
  readonly note: string
}

const unknown = 'does not say which day it learned with, and the chat template asks for one'

/** Of a run that begins with a prompt which learned with another day, or nobody knows with which; undefined: nothing to say. */
export function otherDay(
  template: string | undefined,
  { metadata }: Pick<Snapshot, 'metadata'>,
  date: string,
): string | undefined {
  const learned = learnedDay(metadata)
  if (!asksDate(template) || learned === date) return undefined
  const gets = date === '' ? "today's, another one tomorrow" : date
  return learned === ''
    ? `The snapshot that this run begins with ${unknown}: it gets ${gets}.`
    : `The snapshot that this run begins with learned with the day ${learned}; the chat template gets ${gets}.`
}

/**
 * The day that was asked for, else the one that the prompt learned with, else today.
 * @param template of the model
 * @param snapshot of the prompt; undefined: the model alone
 */
export function chatDay(
  template: string | undefined,
  snapshot: Pick<Snapshot, 'metadata'> | undefined,
  asked = '',
): ChatDay {
  if (!asksDate(template)) return { date: '', note: '' }
  const learned = snapshot === undefined ? '' : learnedDay(snapshot.metadata)
  const date = asked || learned || isoDate(new Date())
  const isUnknown = snapshot !== undefined && learned === ''
  const today = asked === '' && isUnknown ? ', another one tomorrow' : ''
  const note = isUnknown ? `The snapshot ${unknown}: it gets ${date}${today}.` : ''
  return { date, note }
}
