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
