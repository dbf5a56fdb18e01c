// What was measured of held-out units (games, boards, pairs, documents), unit by unit.

/** Mean = Σ sums / Σ counts over held-out units (games, boards, pairs), so that the units can be resampled. */
export interface UnitSums {
  readonly sums: readonly number[]
  readonly counts: readonly number[]
}

/** Sums and counts of single measurements, by the unit that each was made in. */
export function addedUp(
  units: number,
  measured: readonly { readonly unit: number; readonly sum: number; readonly count: number }[],
): UnitSums {
  const sums = new Array<number>(units).fill(0)
  const counts = new Array<number>(units).fill(0)
  for (const { unit, sum, count } of measured) {
    sums[unit] = (sums[unit] ?? 0) + sum
    counts[unit] = (counts[unit] ?? 0) + count
  }
  return { sums, counts }
}
