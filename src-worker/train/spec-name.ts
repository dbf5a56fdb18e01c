// A spec's title, its folder's name, and the hash that makes two runs the same measurement.
import { createHash } from 'node:crypto'
import { behaviourName } from '../behaviours/registry'
import type { RunSpec } from '../contract/run-spec'
import { titleOf } from '../shared/names'

/** JSON with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`
}

/**
 * What makes two runs the same measurement: the spec without its name and its device, and without what is filled in
 * when the run is made (isSameData compares that).
 */
export function specHash(spec: RunSpec): string {
  const { name: _name, device: _device, weights, ...rest } = spec
  const data = spec.data && { ...spec.data, date: undefined, field: undefined }
  return (
    createHash('sha256')
      // older specs have no weights, and mean the full ones
      .update(canonicalJson({ ...rest, data, ...(weights !== 'full' && { weights }) }))
      .digest('hex')
  )
}

/** Whether a run has the day and the field that a spec asks for; one that names none takes any. */
export const isSameData = ({ data: asked }: RunSpec, { data }: RunSpec): boolean =>
  (asked.date === '' || asked.date === data.date) &&
  (asked.field === '' || asked.field === data.field)

/** "skip 4 · pythia-160m · 16 tokens" */
export const runTitle = (spec: RunSpec): string => titleOf(behaviourName(spec), spec)

export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
