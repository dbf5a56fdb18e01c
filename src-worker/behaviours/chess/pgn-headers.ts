// The tags of one game. Most files write them as Lichess does; others in any case, or with other white space.

const eventAt = '[Event "'.length
/** Bytes in which a game's tags are looked for. */
const looked = 4096

/** The Event without a tournament's trailing link; empty: there is none. */
export function eventOf(bytes: Buffer): string {
  // nearly always the first tag
  const line =
    bytes.indexOf('[Event "') === 0 ? 0 : bytes.subarray(0, looked).indexOf('\n[Event "') + 1
  const isThere = line > 0 || bytes.indexOf('[Event "') === 0
  const from = line + eventAt
  const end = bytes.indexOf(0x22, from)
  const event = isThere
    ? bytes.toString('latin1', from, end < 0 ? from : end)
    : (loosely(bytes.toString('latin1', 0, looked), 'Event') ?? '')
  const link = event.indexOf(' http')
  return link < 0 ? event : event.slice(0, link)
}

/** Value of a header, or undefined. @param headers text from the game's first tag to its last */
export function headerOf(headers: string, tag: string): string | undefined {
  const open = `\n[${tag} "`
  const at = headers.indexOf(open)
  if (at < 0) return loosely(headers, tag)
  const start = at + open.length
  const end = headers.indexOf('"', start)
  return end < 0 ? undefined : headers.slice(start, end)
}

const looseTags = new Map<string, RegExp>()

/** A tag that is not at the beginning of its line, in another case, or with other white space: `[ whiteelo   "1500" ]`. */
function loosely(headers: string, tag: string): string | undefined {
  const known = looseTags.get(tag) ?? new RegExp(`\\[\\s*${tag}\\s+"([^"]*)"`, 'i')
  looseTags.set(tag, known)
  return known.exec(headers)?.[1]
}

export const eloOf = (value: string | undefined): number =>
  value !== undefined && /^\s*[1-9]\d{0,3}\s*$/.test(value) ? Number(value) : -1

/** "1500?": a rating of few games, which is another thing than a rating. */
export const isProvisional = (headers: string): boolean =>
  /\[\s*(?:White|Black)Elo\s+"\s*\d{1,4}\s*\?\s*"/i.test(headers)
