// Plain objects, as JSON gives them: merged, and read or changed by a dotted path. Nothing is changed in place.

export type Plain = Readonly<Record<string, unknown>>

/** An object that is no list and not null. */
export const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Two members of one union with different tags share nothing. */
const differentKinds = (a: Plain, b: Plain): boolean =>
  ['kind', 'type'].some(tag => a[tag] !== undefined && b[tag] !== undefined && a[tag] !== b[tag])

/** `over` laid on `under`, object by object; lists and scalars are replaced; undefined changes nothing. */
export function laidOver(under: unknown, over: unknown): unknown {
  if (over === undefined) return under
  if (!isPlain(under) || !isPlain(over) || differentKinds(under, over)) return over
  const merged: Record<string, unknown> = { ...under }
  for (const [key, value] of Object.entries(over)) merged[key] = laidOver(under[key], value)
  return merged
}

/** The value at a dotted path; undefined where there is none. */
export const fieldAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Plain | undefined | null)?.[key], value)

const isEmpty = (value: unknown): boolean => isPlain(value) && Object.keys(value).length === 0

/** A copy with one field set; undefined takes it away, and the objects that become empty with it. */
export function withField(value: Plain, path: string, field: unknown): Plain {
  const [key = '', ...rest] = path.split('.')
  const { [key]: old, ...others } = value
  if (rest.length === 0) return field === undefined ? others : { ...value, [key]: field }
  const next = withField(isPlain(old) ? old : {}, rest.join('.'), field)
  return isEmpty(next) ? others : { ...value, [key]: next }
}

/** Every leaf with its dotted path; lists are leaves. */
export const leavesOf = (value: unknown, path = ''): readonly (readonly [string, unknown])[] =>
  isPlain(value)
    ? Object.entries(value).flatMap(([key, inner]) =>
        leavesOf(inner, path === '' ? key : `${path}.${key}`),
      )
    : [[path, value]]
