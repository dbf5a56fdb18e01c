// Counts by reason: what was left out, as people read it.
type Counts = Readonly<Partial<Record<string, number>>>

/** "2 × empty text, 1 × not JSON"; empty: nothing is counted. */
export const reasonsText = (counts: Counts): string =>
  Object.entries(counts)
    .map(([why, times]) => `${times} × ${why}`)
    .join(', ')

export const totalOf = (counts: Counts): number =>
  Object.values(counts).reduce<number>((sum, times) => sum + (times ?? 0), 0)
