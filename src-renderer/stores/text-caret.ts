// Where a mark inside a text goes when the text is edited.

/** The offset after an edit: text typed or deleted before the mark moves it, after it does not. */
export function shiftedOffset(before: string, after: string, offset: number): number {
  const shorter = Math.min(before.length, after.length)
  let prefix = 0
  while (prefix < shorter && before[prefix] === after[prefix]) prefix++
  let suffix = 0
  while (
    suffix < shorter - prefix &&
    before[before.length - 1 - suffix] === after[after.length - 1 - suffix]
  )
    suffix++
  if (offset <= prefix) return offset
  const end = before.length - suffix
  return offset >= end ? offset + after.length - before.length : after.length - suffix
}
