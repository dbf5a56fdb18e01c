// Values that several places ask for and that are made once, for as long as what they are made of lives.

/** @returns what was made of these two before, or what `make` makes now */
export function keptByTwo<First extends object, Second, Made>(): (
  first: First,
  second: Second,
  make: () => Made,
) => Made {
  const known = new WeakMap<First, Map<Second, Made>>()
  return (first, second, make) => {
    const ofFirst = known.get(first) ?? new Map<Second, Made>()
    known.set(first, ofFirst)
    const found = ofFirst.get(second) ?? make()
    ofFirst.set(second, found)
    return found
  }
}
