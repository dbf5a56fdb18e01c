// What is wrong with a run or a sweep that a person wrote, in the same words at every door: form, JSON, file, flags,
// preset, pre-registration. What a spec still lacks is not asked here: the defaults of its behaviour come later.

import { isPlain } from '../shared/plain-object'
import { experimentKinds } from './experiment-spec'
import { Fault } from './fault'
import { issuesText } from './issues'
import { type RunSpecInput, runSpecSchema, type SweepSpec, sweepSpecSchema } from './run-spec'
import { nearestName, type UnknownField, unknownFields } from './spec-fields'

const objects = [
  'experiment',
  'data',
  'prompt',
  'start',
  'optimizer',
  'training',
  'results',
] as const

/** Did you mean training.steps? Leave training.zork out. */
function fixOf(unknown: readonly UnknownField[]): string {
  const meant = unknown.flatMap(({ nearest }) => (nearest === undefined ? [] : [nearest]))
  const others = unknown.filter(({ nearest }) => nearest === undefined).map(({ path }) => path)
  return [
    ...(meant.length === 0 ? [] : [`Did you mean ${meant.join(', ')}?`]),
    ...(others.length === 0 ? [] : [`Leave ${others.join(', ')} out.`]),
  ].join(' ')
}

/** Faults: `usage`, naming the fields that `what` does not have, and those that were meant. */
function refuseUnknown(what: string, unknown: readonly UnknownField[]): void {
  if (unknown.length === 0) return
  const paths = unknown.map(({ path }) => path).join(', ')
  throw new Fault('usage', `${what} has no field ${paths}`, fixOf(unknown))
}

/** Fields whose values nothing can be made of. */
export const wrongFields = (what: string): Fault =>
  new Fault('usage', what, 'Correct these fields.')

/** A kind that there is, or none yet. Faults: `usage`. */
function checkKind(kind: unknown): void {
  if (kind === undefined || experimentKinds.some(known => known === kind)) return
  const meant = nearestName(String(kind), experimentKinds)
  const fix = meant === undefined ? '' : `Did you mean ${meant}? `
  throw new Fault(
    'usage',
    `there is no experiment ${JSON.stringify(kind)}`,
    `${fix}Choose one of ${experimentKinds.join(', ')}.`,
  )
}

/** An empty text says as much as none. */
const orMissing = (text: unknown): unknown => (text === '' ? undefined : text)

/**
 * Whatever can be said of a spec before its defaults are known.
 * Faults: `usage`: a field that does not exist, or a value that its field does not take.
 */
export function checkSpec(input: RunSpecInput): void {
  if (!isPlain(input)) throw wrongFields(`a spec is ${JSON.stringify(input)}, no object of fields`)
  const part = objects.find(name => input[name] !== undefined && !isPlain(input[name]))
  if (part !== undefined)
    throw wrongFields(`${part} is ${JSON.stringify(input[part])}, no object of fields`)
  checkKind(input.experiment?.kind)
  const what = input.experiment === undefined ? 'a spec' : `a spec of ${input.experiment.kind}`
  refuseUnknown(what, unknownFields(runSpecSchema, input))
  const { model, data } = input
  const given = {
    ...input,
    model: orMissing(model),
    data: data && { ...data, path: orMissing(data.path) },
  }
  const parsed = runSpecSchema.safeParse(given)
  const text = parsed.success ? '' : issuesText(parsed.error, given, { missing: false })
  if (text !== '') throw wrongFields(text)
}

/** A sweep as a person wrote it, with its axes; its base is checked, but may be incomplete. Faults: `usage`. */
export function checkedSweep(input: unknown): SweepSpec {
  if (!isPlain(input)) throw wrongFields(`a sweep is ${JSON.stringify(input)}, no object of fields`)
  const { base: _base, ...axes } = input
  refuseUnknown('a sweep', unknownFields(sweepSpecSchema, axes))
  const parsed = sweepSpecSchema.safeParse(input)
  if (!parsed.success) throw wrongFields(issuesText(parsed.error, input))
  checkSpec(parsed.data.base)
  return parsed.data
}

/**
 * The sweep in a file: a sweep, a single run, a preset or a pre-registration.
 * Faults: `bad-file` when it is no JSON object; those of checkedSweep.
 */
export function sweepOfFile(text: string, path: string): SweepSpec {
  let value: unknown
  try {
    // editors of Windows begin a file with a byte order mark
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new Fault('bad-file', `${path} is not JSON`, 'Correct the file.', { cause })
  }
  if (!isPlain(value))
    throw new Fault('bad-file', `${path} holds no JSON object`, 'Write a run or a sweep into it.')
  return checkedSweep(value.sweep ?? (value.base === undefined ? { base: value } : value))
}
