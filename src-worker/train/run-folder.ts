// A run on disk: runs/<date>-<slug>-<id>/. These files are the truth; everything in memory is read from them.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { behaviourName, unmeasuredOf } from '../behaviours/registry'
import { Fault, writeFault } from '../contract/fault'
import { issuesText } from '../contract/issues'
import {
  type CheckpointEntry,
  metricSummarySchema,
  type Provenance,
  provenanceSchema,
  type RunSummary,
  runStateSchema,
} from '../contract/run'
import { type RunSpec, runSpecSchema } from '../contract/run-spec'
import { shownLine, shownText } from '../contract/shown-text'
import { withoutUnknown } from '../contract/spec-fields'
import { isoDate } from '../dataset/strftime'
import { fitting } from '../shared/json'
import { writeAtomically } from '../weights/atomic'
import { evaluationMetrics, readEvaluations } from './evaluations'
import { homePaths } from './home'
import { type Lease, leaseSchema, reconciled } from './lease'
import { runTitle, slugOf } from './spec-name'

export const runFiles = (folder: string) =>
  ({
    spec: join(folder, 'spec.json'),
    label: join(folder, 'label.json'),
    state: join(folder, 'state.json'),
    provenance: join(folder, 'provenance.json'),
    metrics: join(folder, 'metrics.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
    snapshot: join(folder, 'snapshot.safetensors'),
    results: join(folder, 'results.jsonl'),
    finalTest: join(folder, 'final-test.json'),
    checkpointTests: join(folder, 'checkpoint-tests.json'),
    behaviour: join(folder, 'behaviour.json'),
    dataReport: join(folder, 'data-report.json'),
    control: join(folder, 'control.json'),
    codeLength: join(folder, 'code-length.json'),
    bits: join(folder, 'bits.json'),
    evaluations: join(folder, 'evaluations.json'),
    log: join(folder, 'run.log'),
  }) as const

/** The folder of the run that a snapshot or checkpoint lies in, should it lie in one. */
export function folderAround(snapshot: string): string {
  const up = dirname(resolve(snapshot))
  return up === runFiles(dirname(up)).checkpoints ? dirname(up) : up
}

/** What a file of our own holds, if it fits; undefined: it is missing, damaged, or of another version. */
export async function readFitting<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  return fitting(schema, await readFile(path, 'utf8').catch(() => ''))
}

/** What people call a run; never read by training. */
export const labelSchema = z.object({
  name: z.string().default(''),
  note: z.string().default(''),
  colour: z.int().min(0).max(7).default(0),
  sweep: z.string().default(''),
  /** what a person calls that sweep: its runs all say the same */
  sweepName: z.string().default(''),
  readOnly: z.boolean().default(false),
  createdAt: z.string(),
})
export type Label = z.infer<typeof labelSchema>

export const stateFileSchema = z.object({
  state: runStateSchema,
  step: z.int().nonnegative(),
  trainingSeconds: z.number(),
  secondsLeft: z.number().nullable(),
  metrics: z.record(z.string(), metricSummarySchema),
  restarts: z.array(z.int()),
  lease: leaseSchema.nullable(),
  updatedAt: z.string(),
})
export type StateFile = z.infer<typeof stateFileSchema>

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** A template that asks for today's date gets this one for as long as the run lives. */
const dated = (spec: RunSpec): RunSpec =>
  spec.data.date === '' ? { ...spec, data: { ...spec.data, date: isoDate(new Date()) } } : spec

/**
 * A new folder with its spec, queued; whole or not at all. Answers its path. Faults: disk.
 * @param lease of the one engine that may start it
 */
export async function createRun(
  home: string,
  spec: RunSpec,
  label: Partial<Label> = {},
  lease: Lease | null = null,
): Promise<string> {
  const createdAt = new Date().toISOString()
  const slug = slugOf(spec.name === '' ? runTitle(spec) : spec.name)
  const id = `${createdAt.slice(0, 10)}-${slug}-${randomBytes(3).toString('hex')}`
  const folder = join(homePaths(home).runs, id)
  // no listing shows a folder whose name begins with a dot
  const growing = join(homePaths(home).runs, `.${id}`)
  const files = runFiles(growing)
  try {
    await mkdir(files.checkpoints, { recursive: true })
    await writeAtomically(files.spec, json(dated(spec)))
    await writeAtomically(files.label, json({ ...labelSchema.parse({ createdAt }), ...label }))
    await writeState(growing, { ...emptyState(), lease })
    await rename(growing, folder)
  } catch (error) {
    await rm(growing, { recursive: true, force: true }).catch(() => undefined)
    throw writeFault(error, folder)
  }
  return folder
}

export const emptyState = (): StateFile => ({
  state: { kind: 'queued' },
  step: 0,
  trainingSeconds: 0,
  secondsLeft: null,
  metrics: {},
  restarts: [],
  lease: null,
  updatedAt: new Date().toISOString(),
})

async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  // synchronous: a fifth of the cost for files this small, and thousands are read when the app starts
  const text = readFileSync(path, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Fault('bad-file', `${path} is not JSON`, 'Delete the run or restore this file.', {
      cause,
    })
  }
  // what another version wrote beside is no reason to lose a run
  const parsed = schema.safeParse(withoutUnknown(schema, value))
  if (parsed.success) return parsed.data
  throw new Fault(
    'bad-file',
    `${path}: ${issuesText(parsed.error, value)}`,
    'Delete the run or restore this file.',
  )
}

export const readSpec = (folder: string): Promise<RunSpec> =>
  readJson(runFiles(folder).spec, runSpecSchema)

export const readLabel = (folder: string): Promise<Label> =>
  readJson(runFiles(folder).label, labelSchema)

export async function writeLabel(folder: string, label: Label): Promise<void> {
  await writeAtomically(runFiles(folder).label, json(label))
}

export const readState = (folder: string): Promise<StateFile> =>
  readJson(runFiles(folder).state, stateFileSchema)

export async function writeState(folder: string, state: StateFile): Promise<void> {
  await writeAtomically(runFiles(folder).state, json(state))
}

export async function readProvenance(folder: string): Promise<Provenance | null> {
  return readJson(runFiles(folder).provenance, provenanceSchema).catch(() => null)
}

export async function readSummary(folder: string, known: ReadonlySet<string>): Promise<RunSummary> {
  const [spec, label, file] = await Promise.all([
    readSpec(folder),
    readLabel(folder),
    readState(folder),
  ])
  const evaluations = readEvaluations(runFiles(folder).evaluations)
  const unmeasured = unmeasuredOf(spec)
  const changes = [file.updatedAt, ...evaluations.map(each => each.importedAt)]
  return {
    id: basename(folder),
    folder,
    name: shownLine(label.name || spec.name || runTitle(spec)),
    note: shownText(label.note),
    colour: label.colour,
    sweep: label.sweep,
    sweepName: shownLine(label.sweepName),
    readOnly: label.readOnly,
    createdAt: label.createdAt,
    updatedAt: changes.sort().at(-1) ?? file.updatedAt,
    spec,
    behaviour: behaviourName(spec),
    state: reconciled(runFiles(folder).state, file, known),
    step: file.step,
    trainingSeconds: file.trainingSeconds,
    secondsLeft: file.secondsLeft,
    metrics: { ...file.metrics, ...evaluationMetrics(evaluations) },
    ...(Object.keys(unmeasured).length === 0 ? {} : { unmeasured }),
    restarts: file.restarts,
  }
}

export const checkpointName = (step: number): string =>
  `step-${String(step).padStart(6, '0')}.safetensors`

/** Checkpoints of a run, first step first; checkpoint-losses.ts says how good they are. */
export async function checkpointsOf(
  folder: string,
): Promise<readonly Pick<CheckpointEntry, 'step' | 'path' | 'bytes'>[]> {
  const path = runFiles(folder).checkpoints
  const names = namesIn(path).filter(name => /^step-\d+\.safetensors$/.test(name))
  const entries = names.sort().map(async name => {
    const { size } = await stat(join(path, name))
    return { step: Number(name.slice(5, -12)), path: join(path, name), bytes: size }
  })
  return Promise.all(entries)
}

/** Synchronous: a fifth of the cost, and thousands of these folders are looked into when the app starts. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

export type { Lease }
