// Event files of one folder, and what one file holds of several runs, put together: restarts are joined, of runs that begin
// anew the last one counts, and so does the last of several final tests.
import { tags } from '../contract/metrics'

/** Values of one tag in file order. wall: unix milliseconds. */
export interface ScalarSeries {
  readonly steps: number[]
  readonly values: number[]
  readonly wall: number[]
}

export interface EventLog {
  readonly scalars: ReadonlyMap<string, ScalarSeries>
  /** what could not be read, in words; what came before it is there */
  readonly problems: readonly string[]
}

export interface TensorboardRun extends EventLog {
  /** folder inside the archive */
  readonly name: string
  readonly files: readonly string[]
}

/** The batches of the final test. */
export const finalBatches = 'Final Test Loss'

const firstStep = (scalars: EventLog['scalars']): number | undefined =>
  scalars.get(tags.loss)?.steps[0]

/** Points before a step. A final test that was made before a restart is none of the run that went on. */
function until(scalars: EventLog['scalars'], step: number): Map<string, ScalarSeries> {
  const kept = new Map<string, ScalarSeries>()
  for (const [tag, { steps, values, wall }] of scalars) {
    if (tag.startsWith('Final ')) continue
    const before = <T>(list: readonly T[]): T[] => list.filter((_, i) => (steps[i] ?? 0) < step)
    kept.set(tag, { steps: before(steps), values: before(values), wall: before(wall) })
  }
  return kept
}

function joined(a: EventLog['scalars'], b: EventLog['scalars']): Map<string, ScalarSeries> {
  const all = new Map(a)
  for (const [tag, series] of b) {
    const before = all.get(tag)
    all.set(tag, {
      steps: [...(before?.steps ?? []), ...series.steps],
      values: [...(before?.values ?? []), ...series.values],
      wall: [...(before?.wall ?? []), ...series.wall],
    })
  }
  return all
}

/**
 * One part after another of a folder. Steps that begin anew are another run, and the last one counts; steps that go on
 * from an earlier step are a restart, joined there; a part without a training loss belongs to what was there.
 */
function continued(before: EventLog, next: EventLog, file: string): EventLog {
  const [began, begins] = [firstStep(before.scalars), firstStep(next.scalars)]
  const problems = [...before.problems, ...next.problems]
  if (began === undefined || begins === undefined)
    return { scalars: joined(before.scalars, next.scalars), problems }
  if (begins > began)
    return { scalars: joined(until(before.scalars, begins), next.scalars), problems }
  const points = before.scalars.get(tags.loss)?.steps.length ?? 0
  const left = `${file} begins anew at step ${begins}: an earlier run of ${points} points in this folder is left out`
  return { scalars: next.scalars, problems: [...problems, left] }
}

/** The batches of the last final test; those of earlier ones are none of its own. */
function lastFinal(log: EventLog): EventLog {
  const series = log.scalars.get(finalBatches)
  if (series === undefined) return log
  const { steps, values, wall } = series
  const from = Math.max(0, ...steps.map((step, i) => (step < (steps[i - 1] ?? step) ? i : 0)))
  if (from === 0) return log
  const last = { steps: steps.slice(from), values: values.slice(from), wall: wall.slice(from) }
  const left = `the final test was made more than once: ${from} values of earlier ones are left out`
  return {
    scalars: new Map(log.scalars).set(finalBatches, last),
    problems: [...log.problems, left],
  }
}

/** Of several values at one step the last one, as a run that went on logged it again; the batches of a test are no curve. */
function onceAStep(log: EventLog): EventLog {
  const scalars = new Map<string, ScalarSeries>()
  const again: string[] = []
  for (const [tag, series] of log.scalars) {
    const { steps, values, wall } = series
    const last = new Map(steps.map((step, i) => [step, i]))
    const left = steps.length - last.size
    if (tag === finalBatches || left === 0) {
      scalars.set(tag, series)
      continue
    }
    const kept = <T>(list: readonly T[]): T[] =>
      list.filter((_, i) => last.get(steps[i] ?? 0) === i)
    scalars.set(tag, { steps: kept(steps), values: kept(values), wall: kept(wall) })
    again.push(`${left} of '${tag}'`)
  }
  if (again.length === 0) return log
  const note = `values that were logged again at their step are left out, the last one counts: ${again.join(', ')}`
  return { scalars, problems: [...log.problems, note] }
}

/**
 * Parts of a folder in their order, each step of a tag once.
 * @param parts each with its file
 */
export const continuedAll = (parts: readonly (readonly [string, EventLog])[]): EventLog =>
  onceAStep(
    lastFinal(
      parts
        .slice(1)
        .reduce((before, [file, next]) => continued(before, next, file), parts[0]?.[1] ?? nothing),
    ),
  )
const nothing: EventLog = { scalars: new Map(), problems: [] }
