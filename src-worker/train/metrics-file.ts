// metrics.jsonl: one line an optimizer step, append-only; cut back to the checkpoint's step on resume.
import { createReadStream } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { writeFault } from '../contract/fault'
import { type MetricLine, metricLineSchema, tags } from '../contract/metrics'
import type { MetricSummary } from '../contract/run'
import { fitting } from '../shared/json'
import { writeAtomically } from '../weights/atomic'
import { runFiles } from './run-folder'

type Scalar = MetricLine['values'][string]

/** JSON has no NaN: it is written as a word. */
export const scalar = (x: number): Scalar =>
  Number.isFinite(x) ? x : (String(x) as 'NaN' | 'Infinity' | '-Infinity')

/** Faults: disk; a part of the lines may have been written then, which is cut off on resume. */
export async function appendMetrics(folder: string, lines: readonly MetricLine[]): Promise<void> {
  if (lines.length === 0) return
  const { metrics } = runFiles(folder)
  await appendFile(metrics, lines.map(l => `${JSON.stringify(l)}\n`).join('')).catch(error => {
    throw writeFault(error, metrics)
  })
}

/** One line, or undefined when it is cut or junk (the last line of a killed process). */
export function parseLine(text: string): MetricLine | undefined {
  if (text.length < 2) return undefined
  return fitting(metricLineSchema, text)
}

/** All lines of a run in file order, one at a time. */
export async function* readMetrics(folder: string): AsyncGenerator<MetricLine> {
  const input = createReadStream(runFiles(folder).metrics, 'utf8')
  const opened = await new Promise<boolean>(done => {
    input.once('open', () => done(true))
    input.once('error', () => done(false))
  })
  if (!opened) return
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = parseLine(text)
    if (line !== undefined) yield line
  }
}

/** What is written after the last step: the final test, the behaviour. */
const isEnding = ({ values }: MetricLine): boolean =>
  values[tags.loss] === undefined && values[tags.testLoss] === undefined

/**
 * Forget everything after `step`: what follows will be written again.
 * @param last the run's last step: where it is reached, its ending will be written again, too
 */
export async function cutMetrics(
  folder: string,
  step: number,
  last = Number.POSITIVE_INFINITY,
): Promise<void> {
  const text = await readFile(runFiles(folder).metrics, 'utf8').catch(() => '')
  const kept = text.split('\n').filter(t => {
    const line = parseLine(t)
    if (line === undefined || line.step > step) return false
    return line.step < last || !isEnding(line)
  })
  await writeAtomically(runFiles(folder).metrics, kept.map(t => `${t}\n`).join(''))
}

/** The summaries with one more line. Values that are not finite do not move least and largest. */
export function summarised(
  before: Readonly<Record<string, MetricSummary>>,
  { step, values }: MetricLine,
): Record<string, MetricSummary> {
  const after = { ...before }
  for (const [tag, value] of Object.entries(values)) {
    const x = Number(value)
    if (!Number.isFinite(x)) continue
    const old = after[tag]
    after[tag] = {
      last: x,
      min: Math.min(old?.min ?? x, x),
      max: Math.max(old?.max ?? x, x),
      lastStep: step,
    }
  }
  return after
}
