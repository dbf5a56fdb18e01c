// Run folders as the analysis takes them.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { behaviourName } from '../behaviours/registry'
import type { AnalysedRun, Example, HeldOut } from '../contract/analysed-run'
import { heldOutUnitSchema } from '../contract/analysed-run'
import { elements } from '../contract/dims'
import type { FaultData } from '../contract/fault'
import { tags } from '../contract/metrics'
import {
  type MetricSummary,
  type Provenance,
  type ResultRow,
  resultRowSchema,
} from '../contract/run'
import { type RunSpec, tokensOf } from '../contract/run-spec'
import { positionName, startName } from '../prompt/state-dict'
import { isControlData } from '../shared/control-data'
import { fitting } from '../shared/json'
import { dataName } from '../shared/names'
import { leavesOf } from '../shared/plain-object'
import { addedUp, ordinalsOf } from '../shared/unit-sums'
import { readEvaluations } from '../train/evaluations'
import { readBits, readCodeLength } from '../train/kept-bits'
import { readMetrics } from '../train/metrics-file'
import {
  folderAround,
  readFitting,
  readProvenance,
  readSummary,
  runFiles,
} from '../train/run-folder'
import { readSafetensorsHeader } from '../weights/safetensors'
import { bitsAnswer } from './bits'

/** What does not say two curves apart: names, places, how often something is written, and the axes of a curve. */
const unimportant =
  /^(version|name|device|seed|model|results\..*|prompt\.(tokens|projection)|experiment\.kind|training\.(steps|testEvery|testBatches|checkpointEvery|finalTestBatches))$/

/** A flat RunSpec: 'optimizer.learningRate' → '0.001'. */
export function settingsOf(spec: RunSpec): Record<string, string> {
  const settings = leavesOf(spec).filter(([path]) => !unimportant.test(path))
  const text = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value))
  return Object.fromEntries(settings.map(([path, value]) => [path, text(value)]))
}

const sumsSchema = z.object({ sums: z.array(z.number()), counts: z.array(z.number()) })
const finalTestSchema = sumsSchema.extend({
  unit: heldOutUnitSchema,
  units: z.array(z.int()).optional(),
})
const behaviourSchema = z.object({
  unit: heldOutUnitSchema,
  set: z.string(),
  shares: z.record(z.string(), sumsSchema),
})

/** Documents that share a prompt or text are resampled together: they tell little more than one of them. */
function byUnit({ sums, counts, units }: z.infer<typeof finalTestSchema>) {
  if (units === undefined) return { sums, counts }
  const ordinals = ordinalsOf(units)
  const measured = ordinals.map((unit, i) => ({ unit, sum: sums[i] ?? 0, count: counts[i] ?? 0 }))
  const added = addedUp(new Set(ordinals).size, measured)
  return { sums: [...added.sums], counts: [...added.counts] }
}

/** The final test by document. Equal data and equal counts mean the same documents in the same order: a pair. */
async function finalTestOf(
  folder: string,
  provenance: Provenance | null,
): Promise<Record<string, HeldOut>> {
  const test = await readFitting(runFiles(folder).finalTest, finalTestSchema)
  if (test === undefined) return {}
  const data = provenance?.dataset
  const words = JSON.stringify([data?.fingerprint, data?.heldOut, test.counts])
  const set = createHash('sha256').update(words).digest('hex').slice(0, 16)
  return { [tags.finalTestLoss]: { unit: test.unit, set, ...byUnit(test) } }
}

/** What the prompted model did, metric by metric: by game, board or pair. */
async function behaviourOf(folder: string): Promise<Record<string, HeldOut>> {
  const measured = await readFitting(runFiles(folder).behaviour, behaviourSchema)
  if (measured === undefined) return {}
  const { unit, set, shares } = measured
  const entries = Object.entries(shares).map(([tag, share]) => [tag, { unit, set, ...share }])
  return Object.fromEntries(entries) as Record<string, HeldOut>
}

/** Tensors of a soft prompt's file that no training changes. */
const keptOnly: ReadonlySet<string> = new Set([startName, positionName])

/** Numbers that were trained, by the header of the soft prompt's file; null: there is none, or it cannot be read. */
const parametersIn = (path: string): Promise<number | null> =>
  readSafetensorsHeader(path).then(
    ({ tensors }) =>
      [...tensors]
        .filter(([name]) => !keptOnly.has(name))
        .reduce((sum, [, { shape }]) => sum + elements(shape), 0),
    () => null,
  )

async function trainLossOf(folder: string): Promise<AnalysedRun['trainLoss']> {
  const steps: number[] = []
  const values: (number | null)[] = []
  for await (const line of readMetrics(folder)) {
    const loss = line.values[tags.loss]
    if (loss === undefined) continue
    steps.push(line.step)
    values.push(typeof loss === 'number' ? loss : null)
  }
  return { steps, values }
}

/** Where the run comes from whose snapshot or checkpoint the soft prompt started from. */
async function parentOf({ prompt }: RunSpec): Promise<Provenance | null> {
  if (!('init' in prompt) || prompt.init.kind !== 'snapshot') return null
  return readProvenance(folderAround(prompt.init.path))
}

/**
 * The first of its results that can show something: what should come neither stands in the prompt nor comes anyway. Where
 * none is such, the first. The choice looks at nothing that the soft prompt made.
 */
export function exampleOf(rows: readonly ResultRow[]): Example | undefined {
  const tells = ({ prompt, baseline, expected = '' }: ResultRow): boolean => {
    const wanted = expected.trim()
    return wanted !== '' && !prompt.includes(wanted) && !baseline.trim().startsWith(wanted)
  }
  const at = Math.max(0, rows.findIndex(tells))
  const row = rows[at]
  if (row === undefined) return undefined
  const { prompt, baseline, prompted, expected = '' } = row
  return { prompt, bare: baseline, prompted, expected, number: at + 1, of: rows.length }
}

async function exampleIn(folder: string): Promise<Example | undefined> {
  const text = await readFile(runFiles(folder).results, 'utf8').catch(() => '')
  const lines = text.split('\n').filter(Boolean)
  return exampleOf(lines.flatMap(line => fitting(resultRowSchema, line) ?? []))
}

async function bitsIn(folder: string, step: number): Promise<AnalysedRun['bits']> {
  const code = await readCodeLength(folder, step)
  if (code === null || code.labels.length === 0) return undefined
  const { own } = bitsAnswer({ id: '', steps: step, code }, undefined)
  return { paid: own.paid.value, answer: await readBits(folder, step) }
}

function baselineOf(
  { prompt, training, data }: RunSpec,
  provenance: Provenance | null,
): AnalysedRun['baseline'] {
  if (prompt.type === 'none' || prompt.type === 'start-token') return prompt.type
  if (training.steps > 0) return isControlData(data.path) ? 'control' : undefined
  const init = 'init' in prompt ? prompt.init.kind : ''
  const { promptSource = 'workbench' } = provenance ?? {}
  if (init === 'snapshot') return promptSource === 'workbench' ? 'evaluation' : 'imported-prompt'
  return init === 'text' ? 'text-prompt' : 'untrained'
}

const states: Readonly<Record<string, AnalysedRun['state']>> = {
  done: 'done',
  failed: 'failed',
  stopped: 'stopped',
  paused: 'stopped',
  interrupted: 'stopped',
  queued: 'queued',
}

const failureOf = ({ message, code }: FaultData) => ({
  failure: message,
  hasDiverged: code === 'diverged',
})

/** What was asked of the model, and ends of intervals: no measure of what it does. */
const isAside = (tag: string): boolean => / asked$|\/(low|high|stderr)$/.test(tag)

/** Tags of training itself: they say nothing of the behaviour. */
const ofTraining = new Set<string>([
  tags.loss,
  tags.gradientNorm,
  tags.learningRate,
  tags.tokensPerSecond,
  tags.dataWait,
  tags.padding,
  tags.memory,
  tags.tokenCount,
])

/**
 * A run folder for the analysis. A run in progress is read as far as it is.
 * Faults: bad-file and not-found, of its files.
 * @param known owners that live in this process
 */
export async function analysedRun(
  folder: string,
  known: ReadonlySet<string> = new Set(),
): Promise<AnalysedRun> {
  const summary = await readSummary(folder, known)
  const { spec } = summary
  const provenance = await readProvenance(folder)
  const evaluations = readEvaluations(runFiles(folder).evaluations)
  const heldOut = {
    ...(await finalTestOf(folder, provenance)),
    ...(await behaviourOf(folder)),
    ...Object.assign({}, ...evaluations.map(each => each.heldOut)),
  }
  const baseline = baselineOf(spec, provenance)
  const parent = await parentOf(spec)
  const example = await exampleIn(folder)
  const bits = await bitsIn(folder, summary.step)
  // a run that was carried on past its end has a final test no more, until it ends again
  const isPast = (tag: string, { lastStep }: MetricSummary): boolean =>
    !summary.readOnly && tag !== tags.testLoss && lastStep < summary.step
  const finals = Object.entries(summary.metrics).filter(
    ([tag, metric]) => !ofTraining.has(tag) && !isAside(tag) && !isPast(tag, metric),
  )
  return {
    id: summary.id,
    name: summary.name,
    source: summary.readOnly ? 'tensorboard' : 'workbench',
    experiment: spec.experiment.kind,
    behaviour: behaviourName(spec),
    model: spec.model.replaceAll('\\', '/'),
    dataset: dataName(spec.data.path),
    tokens: tokensOf(spec.prompt),
    seed: spec.seed,
    ...(baseline === undefined ? {} : { baseline }),
    steps: summary.step,
    state: states[summary.state.kind] ?? 'running',
    ...(summary.state.kind === 'failed' ? failureOf(summary.state.fault) : {}),
    metrics: Object.fromEntries(finals.map(([tag, { last }]) => [tag, last])),
    ...(summary.unmeasured === undefined ? {} : { unmeasured: summary.unmeasured }),
    heldOut,
    trainLoss: await trainLossOf(folder),
    restarts: summary.restarts,
    parameters: tokensOf(spec.prompt) === 0 ? 0 : await parametersIn(runFiles(folder).snapshot),
    settings: settingsOf(spec),
    startedAt: summary.createdAt,
    spec,
    provenance,
    ...(example === undefined ? {} : { example }),
    ...(bits === undefined ? {} : { bits }),
    ...(parent === null ? {} : { parent }),
  }
}
