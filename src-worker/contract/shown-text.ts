// Text from files, names and paths as people see it: nothing in it steers a terminal or turns the order of letters round.
// What is replaced stays visible as an escape, so that two names that differ never look the same.

/** Control characters (C0, DEL, C1) apart from tab and line feed, and the overrides, embeddings and isolates of bidi. */
const steering =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must go
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

const visible = (letter: string): string => {
  const code = letter.charCodeAt(0)
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Text of several lines. Line ends of Windows become ours. */
export const shownText = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(steering, visible)

/** A name or a path: one line, whatever it holds. */
export const shownLine = (text: string): string =>
  shownText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')

/** JSON whose strings say the same, in letters that steer nothing. */
export const shownJson = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The beginning of a text that would be longer than people read; says how much is left out. */
export function bounded(text: string, most: number): string {
  if (text.length <= most) return text
  // room for the note, whose number has as many digits as the length at most
  const kept = most - ` … (${text.length} more characters)`.length
  const note = ` … (${text.length - kept} more characters)`
  return `${text.slice(0, kept)}${note}`
}
