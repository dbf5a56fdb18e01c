// The k-th largest number of a list without sorting it: a vocabulary has 50,000 entries, k is a few dozen.

/** The k-th largest value, 1 ≤ k ≤ length: the root of a heap of the k largest, smallest on top. */
export function kthLargest(values: ArrayLike<number>, k: number): number {
  const heap = new Float64Array(k).fill(Number.NEGATIVE_INFINITY)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!(value > heap[0]!)) continue
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= k) break
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++
      if (heap[child]! >= value) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = value
  }
  return heap[0]!
}
