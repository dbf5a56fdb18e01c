// The control of one's own behaviour: the same prompts, with the answers of others.

import type { ExperimentSpec } from '../../contract/experiment-spec'
import { Fault } from '../../contract/fault'
import type { Rng } from '../../stream/rng'
import type { Control } from '../behaviour'
import { customSpec } from './data'
import type { CustomRaw } from './pairs'

/** One cycle through all (Sattolo 1986): every place gets another's. */
export function oneCycle(size: number, random: Rng): number[] {
  const order = Array.from({ length: size }, (_, i) => i)
  for (let i = size - 1; i > 0; i--) {
    const j = random.below(i)
    const [a, b] = [order[i] ?? i, order[j] ?? j]
    order[i] = b
    order[j] = a
  }
  return order
}

/** What the record answers; undefined: it has no answer of its own. */
function answerOf(raw: CustomRaw): string | undefined {
  if (raw.kind === 'pair') return raw.completion
  const last = raw.kind === 'messages' ? raw.messages.at(-1) : undefined
  return last?.role === 'assistant' ? last.content : undefined
}

function withAnswer(raw: CustomRaw, answer: string): CustomRaw {
  // the right answer may be among the alternatives of another: there are none
  if (raw.kind === 'pair') return { ...raw, completion: answer, alternatives: [] }
  if (raw.kind === 'text') return raw
  const messages = raw.messages.map((message, i) =>
    i === raw.messages.length - 1 ? { ...message, content: answer } : message,
  )
  return { ...raw, messages }
}

function fieldsOf(raw: CustomRaw, experiment: ExperimentSpec): Record<string, unknown> {
  const { fields } = customSpec({ experiment })
  const conditions = fields.conditions.map((name, i) => [name, raw.conditions[i]])
  const common = Object.fromEntries(conditions) as Record<string, unknown>
  if (raw.kind === 'text') return { ...common, [fields.text]: raw.text }
  if (raw.kind === 'messages' && raw.learntFrom !== undefined) {
    const [asked, answered] = [0, 1].map(part =>
      raw.messages.filter((_, i) => Number(i >= (raw.learntFrom ?? 0)) === part),
    )
    return { ...common, [fields.prompt]: asked, [fields.completion]: answered }
  }
  if (raw.kind === 'messages') return { ...common, [fields.messages]: raw.messages }
  const { prompt, completion, alternatives } = raw
  const others = fields.alternatives === '' ? {} : { [fields.alternatives]: alternatives }
  return { ...common, ...others, [fields.prompt]: prompt, [fields.completion]: completion }
}

export const customControl: Control = {
  kind: 'data',
  words: 'completions shuffled among prompts',
  most: 20_000,
  extension: 'jsonl',
  text: (raw, experiment) => `${JSON.stringify(fieldsOf(raw as CustomRaw, experiment))}\n`,
  shuffled: (raws, random) => {
    const own = raws as readonly CustomRaw[]
    const answers = own.map(answerOf)
    const without = answers.filter(answer => answer === undefined).length
    if (without > 0 || own.length < 2)
      throw new Fault(
        'bad-data',
        `${without} of ${own.length} records have no completion of their own to shuffle`,
        'Give prompts and completions, or chats that end with an answer.',
      )
    const order = oneCycle(own.length, random)
    return own.map((raw, i) => withAnswer(raw, answers[order[i] ?? i] ?? ''))
  },
}
