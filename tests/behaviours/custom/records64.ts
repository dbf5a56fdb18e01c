// Random records in random templates, and their labels by bytes, for float64.test.ts: nothing of the program is used but its
// tokenizer, whose ids are Python's.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Tokenizer } from '../../../src-worker/dataset/tokenizer'
import type { Rng } from '../../../src-worker/stream/rng'
import { referencePath } from '../../reference-path'

export const folder = referencePath('models', 'tiny-neox')
export const end = 0
const endText = '<|endoftext|>'

/** Bytes of each token: byte-level tokens write one sign a byte, added ones their text. */
const bytesOf: readonly number[] = (() => {
  const { model, added_tokens } = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'))
  const sizes: number[] = []
  for (const [text, id] of Object.entries(model.vocab)) sizes[id as number] = [...text].length
  for (const { content, id } of added_tokens) sizes[id] = Buffer.byteLength(content)
  return sizes
})()

export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string
}
export type RandomRecord =
  | { readonly kind: 'pair'; readonly prompt: string; readonly completion: string }
  | { readonly kind: 'chat'; readonly messages: readonly Message[] }
  | { readonly kind: 'text'; readonly text: string }

/** What a template writes before and behind the words of a turn, and how much of what is behind is a label. */
export interface Template {
  readonly jinja: string
  readonly head: Readonly<Record<Message['role'], string>>
  readonly behind: string
  /** of `behind`: the end mark */
  readonly mark: string
  readonly first: string
}
const template = (head: [string, string], behind: string, mark: string, first = ''): Template => ({
  head: { user: head[0], assistant: head[1] },
  ...{ behind, mark, first },
  jinja:
    `{{ ${JSON.stringify(first)} }}{% for m in messages %}{% if m['role'] == 'assistant' %}${head[1]}{% else %}${head[0]}{% endif %}` +
    `{{ m['content'] + ${JSON.stringify(behind)} }}{% endfor %}{% if add_generation_prompt %}${head[1]}{% endif %}`,
})
export const templates: readonly Template[] = [
  template(['<U>', '<A>'], endText, endText),
  template(['### User: ', '### Answer: '], `${endText}\n`, endText),
  template(['[U]', '[A]'], '', ''),
  template(['u: ', 'a: '], '\n\n', '', 'Be brief. '),
  template(['Q', 'A'], `${endText}${endText}`, endText),
]

const pieces =
  'the,cat,Paris,42,1.50,naïve,Évian,北京,🙂, ,  ,\n,"quote",it\'s,x=1;,ß,don’t,A,.,—,tion'.split(
    ',',
  )
const words = (random: Rng, most: number): string =>
  Array.from({ length: 1 + random.below(most) }, () => pieces[random.below(pieces.length)])
    .join(random.below(2) === 0 ? ' ' : '')
    .normalize('NFC')

/** Words that begin and end with something to see: what is white space alone is another matter. */
export const said = (random: Rng): string => `${words(random, 5)}x`

export function randomRecord(random: Rng, n: number): RandomRecord {
  const kind = random.below(10)
  if (kind < 5) {
    const separator = random.below(2) === 0 ? ' ' : ''
    return {
      kind: 'pair',
      prompt: `${n} ${words(random, 6)}`,
      completion: separator + said(random),
    }
  }
  if (kind === 5) return { kind: 'text', text: `${n} ${said(random)}` }
  const turns = 1 + random.below(3)
  const messages = Array.from({ length: turns }, (_, i): Message[] => [
    { role: 'user', content: `${i === 0 ? `${n} ` : ''}${said(random)}` },
    { role: 'assistant', content: said(random) },
  ])
  return { kind: 'chat', messages: messages.flat() }
}

export const rowOf = ({ kind: _, ...row }: RandomRecord): object => row

export interface Expected {
  readonly ids: readonly number[]
  readonly spans: readonly (readonly [number, number])[]
}

/** Byte after each token. */
function ends(ids: readonly number[]): number[] {
  let at = 0
  return ids.map(id => {
    at += bytesOf[id] ?? Number.NaN
    return at
  })
}

/** Labels by bytes: from the token that holds the first byte of the words; through the mark, or the token with the last byte. */
export async function expectedOf(
  record: RandomRecord,
  tokenizer: Tokenizer,
  of: Template,
): Promise<Expected> {
  if (record.kind === 'text') {
    const ids = await tokenizer.encode(record.text)
    // its first token has nothing before it, whatever the soft prompt: no label
    return { ids, spans: [[1, ids.length]] }
  }
  if (record.kind === 'pair') {
    const ids = await tokenizer.encode(record.prompt + record.completion)
    const from = ends(ids).findIndex(byte => byte > Buffer.byteLength(record.prompt))
    return { ids: [...ids, end], spans: [[from, ids.length + 1]] }
  }
  let text = of.first
  const bytes: [number, number][] = []
  for (const { role, content } of record.messages) {
    text += of.head[role]
    const from = Buffer.byteLength(text)
    text += content
    if (role === 'assistant') bytes.push([from, Buffer.byteLength(text + of.mark)])
    text += of.behind
  }
  const ids = await tokenizer.encode(text, { special: false })
  const after = ends(ids)
  expect(after.at(-1)).toBe(Buffer.byteLength(text))
  const spans = bytes.map(([from, to]): [number, number] => [
    after.findIndex(byte => byte > from),
    after.findIndex(byte => byte >= to) + 1,
  ])
  return { ids, spans }
}
