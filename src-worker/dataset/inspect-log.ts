// What a log of Inspect measured: the metrics of its scorers, and the score of each sample where a metric is their mean.
import { createHash } from 'node:crypto'
import type { HeldOut } from '../contract/analysed-run'
import { type InspectLog, importedPrefix } from '../contract/evaluation'
import { shownLine } from '../contract/shown-text'
import { badLog, type InspectFile, readInspectFile, type Sample, type Score } from './inspect-file'

const words: Readonly<Record<string, number>> = { C: 1, I: 0, P: 0.5, N: 0 }

/** As Inspect's value_to_float: letters of its own scorers, yes and no, numbers; undefined: no number. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  if (Object.hasOwn(words, value)) return words[value]
  const lower = value.toLowerCase()
  if (lower === 'yes' || lower === 'true') return 1
  if (lower === 'no' || lower === 'false') return 0
  return value.trim() === '' || !Number.isFinite(Number(value)) ? undefined : Number(value)
}

const own = (of: unknown, key: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, key)
    ? (of as Record<string, unknown>)[key]
    : undefined

/** A scorer may give several values a sample, by name: each is a score of the results. */
function scoreOf({ scores }: Sample, score: Score): number | undefined {
  const whole = own(own(scores, score.name), 'value')
  const part = own(own(own(scores, score.scorer), 'value'), score.name)
  return numberOf(part ?? whole)
}

/** Mean over its epochs of each sample that has the score, in the order of their ids. */
function meansOf(samples: readonly Sample[], score: Score): ReadonlyMap<string, number> {
  const found = new Map<string, number[]>()
  for (const sample of samples) {
    const value = scoreOf(sample, score)
    if (value === undefined) continue
    const id = JSON.stringify(sample.id)
    const values = found.get(id)
    if (values === undefined) found.set(id, [value])
    else values.push(value)
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(sorted.map(([id, v]) => [id, v.reduce((sum, x) => sum + x, 0) / v.length]))
}

/** Metrics of Inspect that say how far scores lie apart: never their mean, even where they equal it by chance. */
const isSpread = (metric: string): boolean => /^(stderr|std|var)/.test(metric)

const isClose = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))

function heldOutOf(means: ReadonlyMap<string, number>, data: string): HeldOut {
  const sums = [...means.values()]
  const units = JSON.stringify([data, [...means.keys()]])
  const set = createHash('sha256').update(units).digest('hex').slice(0, 16)
  return { unit: 'sample', set, sums, counts: sums.map(() => 1) }
}

/** Two scores of one name differ by how their epochs were joined. */
function scoreName(score: Score, all: readonly Score[]): string {
  const twins = all.filter(other => other.name === score.name && other.scorer === score.scorer)
  const named = all.filter(other => other.name === score.name).length > twins.length
  const whole = named ? `${score.scorer} ${score.name}` : score.name
  return twins.length > 1 ? `${whole} (${score.reducer ?? 'mean'})` : whole
}

type Measures = Pick<InspectLog, 'metrics' | 'heldOut' | 'notes'>

function measuresOf({ header, samples }: InspectFile): Measures {
  const { eval: of, results } = header
  const scores = results?.scores ?? []
  const data = JSON.stringify([of.task, of.dataset?.name ?? ''])
  const measures: Measures = { metrics: {}, heldOut: {}, notes: [] }
  const { metrics, heldOut, notes } = measures
  for (const score of scores) {
    const means = meansOf(samples, score)
    const mean = [...means.values()].reduce((sum, x) => sum + x, 0) / means.size
    for (const [metric, { value }] of Object.entries(score.metrics)) {
      const tag = shownLine(`${importedPrefix}${of.task}/${scoreName(score, scores)}/${metric}`)
      if (typeof value !== 'number' || !Number.isFinite(value)) notes.push(`${tag} is no number`)
      else if (Object.hasOwn(metrics, tag))
        notes.push(`${tag} stands there twice: the first counts`)
      else {
        metrics[tag] = value
        if (!isSpread(metric) && isClose(mean, value)) heldOut[tag] = heldOutOf(means, data)
      }
    }
  }
  return measures
}

/** The measures of a log. Faults: those of readInspectFile; bad-file when it has none. */
export async function readInspectLog(path: string): Promise<InspectLog> {
  const file = await readInspectFile(path)
  const { eval: of, status } = file.header
  const { metrics, heldOut, notes } = measuresOf(file)
  const ended = `the evaluation ended as "${shownLine(status)}"`
  if (Object.keys(metrics).length === 0)
    throw badLog(path, [`${ended} and has no measures`, ...notes].join('; '))
  const all = new Set(file.samples.map(({ id }) => JSON.stringify(id)))
  const hasScore = ({ scores }: Sample): boolean => Object.keys(scores ?? {}).length > 0
  const scored = new Set(file.samples.filter(hasScore).map(({ id }) => JSON.stringify(id)))
  const leftOut = all.size - scored.size
  if (status !== 'success') notes.push(ended)
  if (all.size === 0) notes.push('the log holds no samples, so there are no intervals over them')
  return {
    task: shownLine(of.task),
    model: shownLine(of.model),
    dataset: shownLine(of.dataset?.name ?? ''),
    created: shownLine(of.created),
    inspectVersion: shownLine(String(of.packages?.inspect_ai ?? '')),
    ...{ samples: scored.size, leftOut, notes, metrics, heldOut },
  }
}
