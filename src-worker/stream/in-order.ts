// Work on groups of items ahead of time, in any order, and hand the results out in the order of the items.

export interface InOrderOptions<T, R> {
  readonly groupRecords: number
  readonly groupsAhead: number
  /** results for a group, one each */
  readonly work: (group: readonly T[]) => Promise<readonly R[]>
}

async function nextGroup<T>(items: AsyncIterator<T>, size: number): Promise<T[]> {
  const group: T[] = []
  while (group.length < size) {
    const { done, value } = await items.next()
    if (done) break
    group.push(value)
  }
  return group
}

/** Items with their results, in order, the first `skip` left out without any work. */
export async function* inOrder<T, R>(
  source: AsyncIterable<T>,
  skip: number,
  { groupRecords, groupsAhead, work }: InOrderOptions<T, R>,
): AsyncGenerator<readonly [T, R]> {
  const items = source[Symbol.asyncIterator]()
  const waiting: { group: T[]; results: Promise<readonly R[]> }[] = []
  let ended = false
  try {
    for (let skipped = 0; skipped < skip; skipped++) if ((await items.next()).done) return
    for (;;) {
      while (!ended && waiting.length < groupsAhead) {
        const group = await nextGroup(items, groupRecords)
        ended = group.length < groupRecords
        if (group.length === 0) break
        const results = work(group)
        results.catch(() => {}) // seen when its turn comes
        waiting.push({ group, results })
      }
      const first = waiting.shift()
      if (first === undefined) return
      const results = await first.results
      for (const [i, item] of first.group.entries()) yield [item, results[i] as R]
    }
  } finally {
    await items.return?.()
  }
}
