// Parts of a spec as one word of a command, and back: skip-tokens:2, normal:0.1, random.
import { behaviours } from '../behaviours/registry'
import type { RunSpecInput } from '../contract/run-spec'

type Plain = Record<string, unknown>

/** Short forms `kind:value`: the one field that the text after the colon stands for, and how it is read. */
type ShortForms = Readonly<Record<string, readonly [string, (text: string) => unknown]>>

/** An empty text is no 0. */
const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))

/** skip-tokens:2, repetition:pee, favor-future:4: whatever a behaviour's short option is */
const experimentForms = (): ShortForms =>
  Object.fromEntries(
    behaviours().flatMap(({ kind, shortOption }) =>
      shortOption === undefined ? [] : [[kind, [shortOption.field, shortOption.read] as const]],
    ),
  )

/** normal:0.1, text:Once upon, snapshot:PATH */
const initForms: ShortForms = {
  normal: ['std', number],
  text: ['text', String],
  snapshot: ['path', String],
}

/** `kind:value`, or the kind alone where its field is not given. */
function shortText(value: Plain, forms: ShortForms): string {
  const kind = String(value.kind)
  const given = value[forms[kind]?.[0] ?? '']
  return given === undefined ? kind : `${kind}:${given}`
}

/** The inverse of shortText. A value that a kind does not take stays, as `argument`, for the check of the spec to refuse. */
function shortFrom(text: string, forms: ShortForms): Plain {
  const [kind = '', ...rest] = text.split(':')
  if (rest.length === 0) return { kind }
  const value = rest.join(':')
  const [field, read] = forms[kind] ?? ['argument', String]
  return { kind, [field]: read(value) }
}

/** The experiment and its own options; JSON for what has no short form. */
export function experimentText(experiment: RunSpecInput['experiment']): string {
  const e = experiment as Plain
  const others = Object.keys(e).filter(key => key !== 'kind')
  const short = experimentForms()[String(e.kind)]?.[0]
  return others.every(key => key === short) ? shortText(e, experimentForms()) : JSON.stringify(e)
}

/** The inverse of experimentText. Text that is none of the short forms is left to the schema to refuse. */
export const experimentFrom = (text: string): Plain =>
  text.startsWith('{') ? (JSON.parse(text) as Plain) : shortFrom(text, experimentForms())

/** zero, normal:0.1, vocabulary, text:Once upon, snapshot:PATH */
export const initText = (init: Plain): string => shortText(init, initForms)
export const initFrom = (text: string): Plain => shortFrom(text, initForms)

/** random, or the index. */
export const startText = (start: Plain): string =>
  start.kind === 'random' ? 'random' : String(start.index)
export const startFrom = (text: string): Plain =>
  text === 'random' ? { kind: 'random' } : { kind: 'index', index: number(text) }
