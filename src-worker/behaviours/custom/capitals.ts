// Capitals among the letters that a model wrote.

/** Letters that have two forms, and how many of them are capitals. */
export function capitalsIn(text: string): { readonly capitals: number; readonly letters: number } {
  const cased = [...text].filter(c => c.toLowerCase() !== c.toUpperCase())
  const capitals = cased.filter(c => c === c.toUpperCase() && c !== c.toLowerCase())
  return { capitals: capitals.length, letters: cased.length }
}
