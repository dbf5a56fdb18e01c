// Work on many things, a few at a time: thousands of files must not be open at once.

/** Results in the order of the things. The first error is thrown; what has begun then ends by itself. */
export async function eachOf<T, R>(
  things: readonly T[],
  work: (thing: T) => Promise<R>,
  atOnce = 32,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const hand = async (): Promise<void> => {
    while (next < things.length) {
      const i = next++
      results[i] = await work(things[i] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, things.length) }, hand))
  return results
}
