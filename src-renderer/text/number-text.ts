// "1,000", "1 000", "1e-3" → a number.

/** Thousands set apart. A lone comma in any other place might be meant as a decimal point, so it is not guessed at. */
const grouped = /^[+-]?[1-9]\d{0,2}(?:[,\s_]\d{3})+(?:\.\d*)?$/

/** @returns null where nothing is written, NaN where it is no number */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  return Number(grouped.test(trimmed) ? trimmed.replace(/[,\s_]/g, '') : trimmed)
}
