// Values that are computed at most once.
/** Made at the first call, and the same at every later one. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** As once, for each key. */
export function oncePerKey<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, () => T>()
  return key => {
    const known = made.get(key) ?? once(() => make(key))
    made.set(key, known)
    return known()
  }
}
