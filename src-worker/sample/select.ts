// The largest numbers of a list without sorting it: a vocabulary has 50,000 entries, a nucleus a few dozen.

/** Places by decreasing value, smaller place first among equals; lazily, from a binary heap. */
export function* largestFirst(values: ArrayLike<number>): Generator<number, void> {
  const heap = Int32Array.from({ length: values.length }, (_, i) => i)
  let size = heap.length
  const before = (a: number, b: number): boolean =>
    values[a]! > values[b]! || (values[a] === values[b] && a < b)
  const sink = (start: number): void => {
    const item = heap[start]!
    let at = start
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, item)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = item
  }
  for (let i = (size >> 1) - 1; i >= 0; i--) sink(i)
  while (size > 0) {
    yield heap[0]!
    size--
    heap[0] = heap[size]!
    sink(0)
  }
}

/** The k-th largest value, 1 ≤ k ≤ length. */
export function kthLargest(values: ArrayLike<number>, k: number): number {
  let left = k
  for (const place of largestFirst(values)) if (--left === 0) return values[place]!
  return Number.NEGATIVE_INFINITY
}
