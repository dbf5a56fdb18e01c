// JSON with numbers as they were written: what a float64 would not write again in the same digits stays text.
import { parse } from 'lossless-json'

/** What may be a number of 16 digits, one with a point or an exponent, or −0. */
const delicate = /(?:^|[:[,])\s*(?:-0|-?\d{16}|-?\d+[.eE])/

const asWritten = (digits: string): number | string => {
  const value = Number(digits)
  return String(value) === digits ? value : digits
}

/** 274172146840947846 and 1.50 become text, 7 and 1.5 numbers. Throws SyntaxError as JSON.parse does. */
export function parseWritten(text: string): unknown {
  // the quick parser first: it decides what is JSON at all
  const value: unknown = JSON.parse(text)
  if (!delicate.test(text)) return value
  // of a name that occurs twice the last value counts, as for JSON.parse
  return parse(text, null, { parseNumber: asWritten, onDuplicateKey: ({ newValue }) => newValue })
}

const keysIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value).reduce<number>((sum, some) => sum + keysIn(some), 0)
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length)
}

/** Where the string that opens at `at` ends. */
function stringEnd(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

const behind = /\s*:/y

/** The first name that stands twice in one object, read sign by sign. */
function firstTwice(text: string): string | undefined {
  const objects: Set<string>[] = []
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]
    if (sign === '{') objects.push(new Set())
    else if (sign === '}') objects.pop()
    else if (sign === '"') {
      const end = stringEnd(text, i)
      behind.lastIndex = end
      const isName = behind.test(text)
      const name = isName ? (JSON.parse(text.slice(i, end)) as string) : ''
      const names = objects.at(-1)
      if (isName && names?.has(name)) return name
      if (isName) names?.add(name)
      i = end - 1
    }
  }
  return undefined
}

const longestName = 40

/** @param kind of what holds names and values */
export const twiceIn = (kind: 'object' | 'map', name: string): string =>
  `the field '${name.slice(0, longestName)}' stands twice in one ${kind}: the last value counts`

/**
 * What is to be said of an object in which one name stands twice: JSON.parse, and all who use it, take the last value.
 * @param text JSON that became `value`
 */
export function namesTwice(text: string, value: unknown): readonly string[] {
  // every name has a quote and a colon, which nothing else but an escaped quote can have: equal numbers mean no name twice
  if ((text.match(/"\s*:/g)?.length ?? 0) === keysIn(value)) return []
  const name = firstTwice(text)
  if (name === undefined) return []
  return [twiceIn('object', name)]
}
