// What was measured of held-out units (games, boards, pairs, documents), unit by unit.

/** Mean = Σ sums / Σ counts over held-out units (games, boards, pairs), so that the units can be resampled. */
export interface UnitSums {
  readonly sums: readonly number[]
  readonly counts: readonly number[]
}

/** By key, in the order in which they come: 0 for the first, and for all that equal it, then 1 … */
export function ordinalsOf(keys: readonly unknown[]): readonly number[] {
  const ordinals = new Map([...new Set(keys)].map((key, ordinal) => [key, ordinal]))
  return keys.map(key => ordinals.get(key) ?? 0)
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
