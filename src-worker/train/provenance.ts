// Where a run's numbers come from: versions, file hashes, dataset fingerprint, machine, revision, command line.
import { execFile } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import packageJson from '../../package.json'
import { behaviourOf } from '../behaviours/registry'
import { productsIn } from '../contract/cuda-environment'
import { Fault, fail } from '../contract/fault'
import type { Provenance, WeightsDeviation } from '../contract/run'
import type { Precision, RunSpec } from '../contract/run-spec'
import { writeAtomically } from '../weights/atomic'
import { hashModelFiles } from '../weights/hash'
import { openSnapshot } from '../weights/snapshot-file'
import type { Places } from './home'
import { changedSince, ingredientsOf } from './ingredients'
import type { RunInputs } from './prepare'
import { readProvenance, runFiles } from './run-folder'
import { specHash } from './spec-name'

const run = promisify(execFile)

/** The git revision of the program's own folder, with a + when it has changes; empty outside a checkout. */
async function gitRevision(): Promise<string> {
  try {
    const options = { cwd: __dirname, timeout: 5000 }
    const { stdout } = await run('git', ['rev-parse', '--short=12', 'HEAD'], options)
    const { stdout: changes } = await run('git', ['status', '--porcelain', '-uno'], options)
    return stdout.trim() + (changes.trim() === '' ? '' : '+')
  } catch {
    return ''
  }
}

export const versionsOf = (): Record<string, string> => {
  const { dependencies } = packageJson
  return {
    workbench: packageJson.version,
    node: process.versions.node,
    ...(process.versions.electron === undefined ? {} : { electron: process.versions.electron }),
    'onnxruntime-node': dependencies['onnxruntime-node'],
    tokenizers: dependencies.tokenizers,
    'chess.js': dependencies['chess.js'],
  }
}

/** What was given on the command line; secrets are never options, so nothing needs hiding. */
const commandLine = (): string[] => process.argv.slice(1)

/** What products are computed in on a device of this process: not what was requested, but what CUDA was set to. */
export function productsOn(device: string, precision: Precision): Provenance['products'] {
  const float32 = device === 'cpu' ? 'float32' : productsIn(process.env)
  const half = precision === 'bfloat16' || precision === 'float16'
  return { model: half ? precision : float32, float32 }
}

/** undefined: it starts anew, or what it started from is gone. */
async function promptSourceOf({ prompt }: RunSpec): Promise<Provenance['promptSource']> {
  if (!('init' in prompt) || prompt.init.kind !== 'snapshot') return undefined
  return openSnapshot(prompt.init.path).then(
    ({ metadata }) => metadata.source,
    () => undefined,
  )
}

async function provenanceOf(
  { spec, model, data }: RunInputs,
  device: string,
  places: Places,
): Promise<Provenance> {
  const report = data.report()
  const promptSource = await promptSourceOf(spec)
  return {
    createdAt: new Date().toISOString(),
    versions: versionsOf(),
    host: {
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model ?? '',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    device,
    products: productsOn(device, spec.precision),
    commandLine: commandLine(),
    gitRevision: await gitRevision(),
    model: {
      ...{ id: model.id, path: model.path },
      files: { ...model.quantised?.madeFrom, ...(await hashModelFiles(model)) },
    },
    weightsDeviation: null,
    dataset: {
      ...{ path: report.path, fingerprint: report.fingerprint, heldOut: report.split },
      ...{ held: [...report.held], warnings: [...report.warnings] },
    },
    files: await ingredientsOf(spec, model, places),
    ...(promptSource === undefined ? {} : { promptSource }),
    specHash: specHash(spec),
  }
}

/** Without the times of files, which copying changes. */
const contentOf = (fingerprint: string): string =>
  fingerprint.replace(/, \d{4}-\d\d-\d\dT[\d:.]+Z$/, '')

/** What a run learned from so far must be there when it goes on. Faults: bad-data, bad-weights. */
export function checkUnchanged(before: Provenance, now: Provenance): void {
  const [then, today] = [before.dataset, now.dataset].map(d => contentOf(d.fingerprint))
  if (then !== today)
    throw new Fault(
      'bad-data',
      `${now.dataset.path} is not what this run was trained on: ${then} then, ${today} now`,
      'Put the original data back, or start a new run.',
    )
  const { files } = now.model
  const other = Object.keys(files).find(
    name => name in before.model.files && before.model.files[name] !== files[name],
  )
  if (other !== undefined)
    throw new Fault(
      'bad-weights',
      `${now.model.path}: ${other} is not the file that this run was trained on`,
      'Put the original model back, or start a new run.',
    )
  // its data were compared, and what its prompt began as was learned over
  const [changed] = changedSince(before, { files: now.files, weights: {} }).filter(
    name => name !== 'data' && name !== 'initial prompt',
  )
  if (changed !== undefined)
    throw new Fault(
      'bad-data',
      `${changed} is not what this run was begun with (model ${now.model.path})`,
      'Put the original back, or start a new run.',
    )
}

/** What it learned from must still be made as it was. Faults: bad-data. */
function checkSameExamples(folder: string, { experiment }: RunSpec): void {
  const older = behaviourOf(experiment.kind).olderExamples?.(experiment)
  if (older === undefined) return
  throw new Fault(
    'bad-data',
    `this run was begun by an older version, whose examples had other labels: ${older}`,
    `Start a new run with its settings: spw train --spec ${runFiles(folder).spec}.`,
  )
}

/** What is measured of a run's checkpoints is measured on its own data and model. Faults: bad-data, bad-weights. */
export async function checkSameAsTrained(
  folder: string,
  prepared: RunInputs,
  places: Places,
): Promise<void> {
  checkSameExamples(folder, prepared.spec)
  const before = await readProvenance(folder)
  if (before !== null) checkUnchanged(before, await provenanceOf(prepared, before.device, places))
}

/**
 * Notes what this run is computed from, now.
 * @param goesOn a run that has learned something goes on only with the same model, data and labels: bad-data, bad-weights
 */
export async function writeProvenance(
  folder: string,
  prepared: RunInputs,
  {
    device,
    goesOn,
    places,
  }: {
    readonly device: string
    readonly goesOn: boolean
    readonly places: Places
  },
): Promise<void> {
  // also before its first checkpoint: from the beginning it would be another run than the one that was begun
  checkSameExamples(folder, prepared.spec)
  const provenance = await provenanceOf(prepared, device, places)
  const before = goesOn ? await readProvenance(folder) : null
  if (before !== null) checkUnchanged(before, provenance)
  await write(folder, { ...provenance, weightsDeviation: before?.weightsDeviation ?? null })
}

const write = (folder: string, provenance: Provenance): Promise<void> =>
  writeAtomically(runFiles(folder).provenance, `${JSON.stringify(provenance, null, 2)}\n`)

/** Adds what was measured after the run had begun. */
export async function noteDeviation(
  folder: string,
  weightsDeviation: WeightsDeviation,
): Promise<void> {
  const provenance = (await readProvenance(folder)) ?? fail('a run without provenance')
  await write(folder, { ...provenance, weightsDeviation })
}
