// Fields that a schema does not have, each with the right name that it is nearest to.
import type { z } from 'zod'
import { isPlain, type Plain } from '../shared/plain-object'

type Shape = Readonly<Record<string, z.ZodType>>

export interface UnknownField {
  /** dotted, as it was written */
  readonly path: string
  /** dotted, of the field that was meant; undefined: nothing is near */
  readonly nearest: string | undefined
}

interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly discriminator?: string
}

/** Objects that a value may be: one, or the members of a union that its tag leaves. Without defaults around them. */
function shapesOf(schema: z.ZodType, value: unknown): readonly Shape[] {
  const { type, innerType, options = [], discriminator } = schema.def as unknown as Definition
  if (innerType !== undefined) return shapesOf(innerType, value)
  if (type === 'object') return [(schema as z.ZodObject).shape]
  const all = options.flatMap(option => shapesOf(option, undefined))
  if (discriminator === undefined) return all
  const tag = (value as Plain | undefined)?.[discriminator]
  const fitting = all.filter(shape => shape[discriminator]?.safeParse(tag).success)
  // an untagged member gets its tag from what it is laid over
  return fitting.length > 0 ? fitting : all
}

const fieldOf = (shapes: readonly Shape[], key: string): z.ZodType | undefined =>
  shapes.find(shape => Object.hasOwn(shape, key))?.[key]

const keysOf = (shapes: readonly Shape[]): string[] => [...new Set(shapes.flatMap(Object.keys))]

/** Dotted paths of all fields below a schema. */
function allPaths(schema: z.ZodType, path = ''): readonly string[] {
  const shapes = shapesOf(schema, undefined)
  return shapes.flatMap(shape =>
    Object.entries(shape).flatMap(([key, inner]) => [
      `${path}${key}`,
      ...allPaths(inner, `${path}${key}.`),
    ]),
  )
}

const bare = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '')

/** Insertions, deletions, changes and swaps of neighbours from one word to another (Damerau 1964). */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  )
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity
      const row = rows[i] as number[]
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change, swap)
    }
  return at(a.length, b.length)
}

/** The name that was meant, if one is near: at most a third of it is wrong, or one is a part of the other. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const own = bare(name)
  const rated = known.map(candidate => {
    const other = bare(candidate)
    const part = own.length > 3 && other.length > 3 && (other.includes(own) || own.includes(other))
    const errors = distance(own, other)
    return { candidate, errors: part ? Math.min(errors, 1) : errors }
  })
  const [best] = rated.sort((a, b) => a.errors - b.errors)
  if (best === undefined || best.errors > Math.max(1, Math.floor(own.length / 3))) return undefined
  return best.candidate
}

/** The field of this object that was meant, else one of that name elsewhere in the whole. */
function nearest(key: string, path: string, siblings: readonly string[], whole: readonly string[]) {
  const sibling = nearestName(key, siblings)
  if (sibling !== undefined) return `${path}${sibling}`
  // a field of another kind: it is spelt right
  if (whole.includes(`${path}${key}`)) return undefined
  return whole.find(other => bare(other.split('.').at(-1) ?? '') === bare(key))
}

/** Fields of a value, however deep, that its schema does not have; those that are undefined are not there. */
export function unknownFields(schema: z.ZodType, value: unknown): readonly UnknownField[] {
  const whole = allPaths(schema)
  const walk = (inner: z.ZodType, given: unknown, path: string): readonly UnknownField[] => {
    const shapes = shapesOf(inner, given)
    if (shapes.length === 0 || !isPlain(given)) return []
    return Object.entries(given).flatMap(([key, below]) => {
      if (below === undefined) return []
      const field = fieldOf(shapes, key)
      if (field !== undefined) return walk(field, below, `${path}${key}.`)
      return [{ path: `${path}${key}`, nearest: nearest(key, path, keysOf(shapes), whole) }]
    })
  }
  return walk(schema, value, '')
}

/** A value without the fields that its schema does not have: how files of other versions are read. */
export function withoutUnknown(schema: z.ZodType, value: unknown): unknown {
  const shapes = shapesOf(schema, value)
  if (shapes.length === 0 || !isPlain(value)) return value
  const kept = Object.entries(value).flatMap(([key, below]) => {
    const field = fieldOf(shapes, key)
    return field === undefined ? [] : [[key, withoutUnknown(field, below)] as const]
  })
  return Object.fromEntries(kept)
}
