// JSON from outside, bounded before it is parsed: some kilobytes of compressed brackets can become gigabytes of objects.
// Text is read as bytes: every sign of JSON's structure is ASCII.
import type { Fault } from '../contract/fault'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const opens = (byte: number): boolean => byte === 0x5b || byte === 0x7b
const closes = (byte: number): boolean => byte === 0x5d || byte === 0x7d
export const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Values of one record, and how deep they lie in each other. */
const mostValues = 1_000_000
const deepest = 1000
/** A longer element is no record. Bytes. */
const longestElement = 64 << 20

/** Follows text and structure, byte by byte. */
function follower() {
  let inText = false
  let escaped = false
  /** @returns whether the byte belongs to the structure, not to a text */
  return (byte: number): boolean => {
    if (inText) {
      if (escaped) escaped = false
      else if (byte === backslash) escaped = true
      else if (byte === quote) inText = false
      return false
    }
    if (byte === quote) inText = true
    return true
  }
}

/** Whether a byte stands in the bytes at most so many times; far quicker than a loop over all of them. */
function hasAtMost(bytes: Buffer, byte: number, most: number): boolean {
  let seen = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1))
    if (++seen > most) return false
  return true
}

/** Why a record is too large to be parsed, or undefined. */
export function tooLarge(bytes: Buffer): string | undefined {
  // each value has a byte, each depth an opening bracket: most records need no closer look
  const half = deepest / 2
  if (bytes.length <= mostValues && [0x5b, 0x7b].every(open => hasAtMost(bytes, open, half)))
    return undefined
  const isStructure = follower()
  let depth = 0
  let values = 1
  for (const byte of bytes) {
    if (!isStructure(byte)) continue
    if (opens(byte)) depth += 1
    else if (closes(byte)) depth -= 1
    else if (byte !== comma) continue
    values += closes(byte) ? 0 : 1
    if (depth > deepest) return `nested more than ${deepest} deep`
    if (values > mostValues) return `more than ${mostValues} values`
  }
  return undefined
}

/** How many objects and arrays a text leaves open at its end; below 0: it closes more than it opens. */
export function leftOpen(bytes: Uint8Array): number {
  const isStructure = follower()
  let depth = 0
  for (const byte of bytes) {
    if (!isStructure(byte)) continue
    if (opens(byte)) depth += 1
    else if (closes(byte)) depth -= 1
  }
  return depth
}

/**
 * The text of one object that is all there is, white space aside; undefined: something stands behind it, it does not
 * end, or it is longer than an element may be.
 */
export async function loneObject(
  chunks: AsyncIterable<{ readonly bytes: Buffer }>,
): Promise<Buffer | undefined> {
  const isStructure = follower()
  const held: Buffer[] = []
  let [depth, bytes, ended] = [0, 0, false]
  for await (const { bytes: chunk } of chunks) {
    for (const byte of chunk) {
      if (!isStructure(byte) || isSpace(byte)) continue
      if (ended) return undefined
      if (opens(byte)) depth += 1
      else if (closes(byte)) depth -= 1
      ended = depth <= 0
    }
    bytes += chunk.length
    if (bytes > longestElement) return undefined
    held.push(Buffer.from(chunk))
  }
  return ended ? Buffer.concat(held) : undefined
}

export interface ArrayElement {
  readonly bytes: Buffer
  /** byte of the text at which it begins */
  readonly offset: number
}

type Broken = (why: string) => Fault
/** Takes what stands behind the array, byte by byte, white space aside. */
type Behind = (byte: number) => void
type Edge = 'first byte' | 'behind' | undefined

/** Where elements of an array begin and end; `open` tells whether the array has not ended. */
function elementEdges(broken: Broken, behind: Behind | undefined) {
  const isStructure = follower()
  let depth = 0
  let inElement = false
  let state: 'before' | 'first' | 'further' | 'after' = 'before'
  const structure = (byte: number, at: number): Edge => {
    if (state === 'before' && byte === 0x5b) {
      depth = 1
      state = 'first'
      return undefined
    }
    if (depth === 0 && behind === undefined) throw broken(`text behind its end, at byte ${at}`)
    if (depth === 0) {
      behind?.(byte)
      return undefined
    }
    const ends = depth === 1 && (byte === comma || closes(byte))
    if (ends) {
      if (!inElement && (byte === comma || state === 'further'))
        throw broken(`no element at byte ${at}`)
      const edge = inElement ? 'behind' : undefined
      inElement = false
      depth = closes(byte) ? 0 : 1
      state = closes(byte) ? 'after' : 'further'
      return edge
    }
    const begins = !inElement
    inElement = true
    if (opens(byte)) depth += 1
    else if (closes(byte)) depth -= 1
    return begins ? 'first byte' : undefined
  }
  return {
    open: () => state !== 'after',
    edge: (byte: number, at: number): Edge => {
      const inside = !isStructure(byte)
      return (inside && inElement) || isSpace(byte) ? undefined : structure(byte, at)
    },
  }
}

/**
 * Elements of a JSON array, each as its own bytes, as they come; nothing but one element is held.
 * @param chunks the text, beginning with the array; each with the byte at which it begins
 * @param broken makes the fault of an array that is none
 * @param isCut the text may end anywhere: its last element is left out
 * @param behind absent: nothing may stand behind the array
 */
export async function* arrayElements(
  chunks: AsyncIterable<{ readonly bytes: Buffer; readonly offset: number }>,
  broken: Broken,
  isCut: boolean,
  behind?: Behind,
): AsyncGenerator<ArrayElement> {
  const { edge, open } = elementEdges(broken, behind)
  const held: Buffer[] = []
  let [heldBytes, begin] = [0, -1]
  for await (const { bytes: chunk, offset } of chunks) {
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const found = edge(chunk[i] as number, offset + i)
      if (found === undefined) continue
      if (found === 'first byte') {
        from = i
        begin = offset + i
        continue
      }
      yield { bytes: Buffer.concat([...held.splice(0), chunk.subarray(from, i)]), offset: begin }
      heldBytes = 0
      begin = -1
    }
    if (begin < 0) continue
    held.push(chunk.subarray(from))
    heldBytes += chunk.length - from
    if (heldBytes > longestElement)
      throw broken(`the element at byte ${begin} is longer than ${longestElement >> 20} MiB`)
  }
  if (open() && !isCut) throw broken('it ends in the middle')
}
