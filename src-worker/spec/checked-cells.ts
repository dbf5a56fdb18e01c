// Fields of a spec that nothing reads: a typing error there must not start a run with a default in its place.
import { Fault } from '../contract/fault'
import type { RunSpec, SweepSpec } from '../contract/run-spec'
import { cellsOf } from './sweep'

type Plain = Record<string, unknown>

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const promptFields = ['type', 'tokens', 'init', 'hiddenLayers', 'hiddenWidth', 'residualWidth']
const initFields = ['kind', 'std', 'text', 'path']

/** Keys of an object that are none of the known ones, with their path. */
const others = (value: unknown, known: readonly string[], path: string): readonly string[] =>
  isPlain(value)
    ? Object.keys(value)
        .filter(key => value[key] !== undefined && !known.includes(key))
        .map(key => `${path}${key}`)
    : []

function unknownIn(given: Plain, known: Plain, path: string): readonly string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (!(key in known)) return [`${path}${key}`]
    const inner = known[key]
    return isPlain(value) && isPlain(inner) ? unknownIn(value, inner, `${path}${key}.`) : []
  })
}

/** Known are the fields of the resolved spec; the types of prompt share theirs, because a sweep lays one over another. */
function unknownFields({ base }: SweepSpec, resolved: RunSpec): readonly string[] {
  const { prompt = {}, ...rest } = base
  return [
    ...unknownIn(rest as Plain, resolved as unknown as Plain, ''),
    ...others(prompt, promptFields, 'prompt.'),
    ...others('init' in prompt ? prompt.init : undefined, initFields, 'prompt.init.'),
  ]
}

/** The cells of a sweep. Faults: those of cellsOf; `usage` for fields that do not exist. */
export function checkedCells(sweep: SweepSpec): readonly RunSpec[] {
  const cells = cellsOf(sweep)
  const unknown = cells[0] === undefined ? [] : unknownFields(sweep, cells[0])
  if (unknown.length === 0) return cells
  const kind = cells[0]?.experiment.kind
  throw new Fault(
    'usage',
    `a spec of ${kind} has no field ${unknown.join(', ')}`,
    'Correct the spelling, or leave the field out.',
  )
}
