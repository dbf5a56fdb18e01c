// Why records were skipped, and how often.

/** How often each reason occurred; a reader adds to it while it reads. */
export type SkipCounts = Record<string, number>

export function countSkip(counts: SkipCounts, reason: string, times = 1): void {
  counts[reason] = (counts[reason] ?? 0) + times
}
