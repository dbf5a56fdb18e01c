// One record of a dataset before tokenising, whatever the experiment.

export interface RawRecord<Raw = unknown> {
  /** what decides on which side of the held-out split it falls: equal keys fall on the same side */
  readonly key: string
  /** about how much memory it takes */
  readonly bytes: number
  /** survives structured clone */
  readonly raw: Raw
}

/** How often each reason for skipping a record occurred; a reader adds to it while it reads. */
export type SkipCounts = Record<string, number>

export function countSkip(counts: SkipCounts, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1
}
