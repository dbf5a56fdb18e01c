// "0, 1, 4, 16-18" ↔ [0, 1, 4, 16, 17, 18]

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
