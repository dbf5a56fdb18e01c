// Numbers as people write them: "1,000", "1 000", "1e-3" → a number;   "0, 1, 4, 16-18" ↔ [0, 1, 4, 16, 17, 18]

/** Thousands set apart. A lone comma in any other place might be meant as a decimal point, so it is not guessed at. */
const grouped = /^[+-]?[1-9]\d{0,2}(?:[,\s_]\d{3})+(?:\.\d*)?$/

/** @returns null where nothing is written, NaN where it is no number */
export function parseNumber(text: string): number | null {
  // the minus sign that the window writes
  const trimmed = text.trim().replace(/^−/, '-')
  if (trimmed === '') return null
  return Number(grouped.test(trimmed) ? trimmed.replace(/[,\s_]/g, '') : trimmed)
}

/** The numbers of a list, or what is wrong with it. Ranges include both ends; at most 1024 numbers. */
export function parseList(text: string): readonly number[] | string {
  const numbers = new Set<number>()
  for (const part of text.split(/[,;\s]+/).filter(Boolean)) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (from === undefined) return `“${part}” is not a whole number or a range like 1-4.`
    if (!Number.isSafeInteger(Number(to))) return `${to} is too large.`
    if (Number(to) < Number(from)) return `The range ${part} goes backwards.`
    if (Number(to) - Number(from) > 1024) return `The range ${part} is too long.`
    for (let n = Number(from); n <= Number(to); n++) numbers.add(n)
  }
  return [...numbers]
}

export const listText = (numbers: readonly number[]): string => numbers.join(', ')
