// Fields of one config.json, on top of its family's defaults. Every fault names the file and the field.
// What was read is remembered: a key that would change the numbers and that nobody read is refused (unread.ts).
import { Fault } from '../../contract/fault'
import type { Plain as Json } from '../../shared/plain-object'

export interface ConfigReader {
  readonly path: string
  /** the value as it stands: a key that is absent has the family's default */
  raw(name: string): unknown
  /** whole and above 0 */
  count(name: string): number
  /** undefined when null or absent */
  optionalCount(name: string): number | undefined
  number(name: string): number
  optionalNumber(name: string): number | undefined
  flag(name: string): boolean
  text(name: string): string
  /** one sentence that a person must hear */
  note(sentence: string): void
  refuse(what: string, fix?: string): Fault
}

export interface Reading extends ConfigReader {
  readonly read: ReadonlySet<string>
  readonly notes: readonly string[]
}

const downloadAgain = 'Download config.json again.'

/** @param within names the object inside config.json, for faults: text_config. */
export function configReader(source: Json, defaults: Json, path: string, within = ''): Reading {
  const read = new Set<string>()
  const notes: string[] = []
  const refuse = (what: string, fix = downloadAgain): Fault =>
    new Fault('bad-model', `${path}: ${within}${what}`, fix)
  const raw = (name: string): unknown => {
    read.add(name)
    return Object.hasOwn(source, name) ? source[name] : defaults[name]
  }
  const number = (name: string): number => {
    const value = raw(name)
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw refuse(
      value === undefined ? `${name} is missing` : `${name} is ${JSON.stringify(value)}, no number`,
    )
  }
  const count = (name: string): number => {
    const value = number(name)
    if (Number.isSafeInteger(value) && value > 0) return value
    throw refuse(`${name} is ${value}, no positive whole number`)
  }
  const optional =
    (get: (name: string) => number) =>
    (name: string): number | undefined =>
      (raw(name) ?? null) === null ? undefined : get(name)
  return {
    path,
    read,
    notes,
    raw,
    number,
    count,
    optionalNumber: optional(number),
    optionalCount: optional(count),
    flag: name => {
      const value = raw(name) ?? false
      if (typeof value === 'boolean') return value
      throw refuse(`${name} is ${JSON.stringify(value)}, neither true nor false`)
    },
    text: name => {
      const value = raw(name)
      if (typeof value === 'string') return value
      throw refuse(`${name} is ${JSON.stringify(value)}, no text`)
    },
    note: sentence => {
      notes.push(sentence)
    },
    refuse,
  }
}
