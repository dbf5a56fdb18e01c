// Where a run's numbers come from: versions, file hashes, dataset fingerprint, machine, revision, command line.
import { execFile } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import packageJson from '../../package.json'
import { productsIn } from '../contract/cuda-environment'
import type { Precision, Provenance } from '../contract/run'
import { writeAtomically } from '../weights/atomic'
import { hashModelFiles } from '../weights/hash'
import type { Prepared } from './prepare'
import { runFiles } from './run-folder'
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

/** What products are computed in on a device of this process: not what was asked for, but what CUDA was told. */
export function productsOn(device: string, precision: Precision): Provenance['products'] {
  const float32 = device === 'cpu' ? 'float32' : productsIn(process.env)
  const half = precision === 'bfloat16' || precision === 'float16'
  return { model: half ? precision : float32, float32 }
}

export async function writeProvenance(
  folder: string,
  { spec, model, data }: Prepared,
  device: string,
): Promise<void> {
  const report = data.report()
  const provenance: Provenance = {
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
    model: { id: model.id, path: model.path, files: await hashModelFiles(model) },
    dataset: { path: report.path, fingerprint: report.fingerprint, heldOut: report.split },
    specHash: specHash(spec),
  }
  await writeAtomically(runFiles(folder).provenance, `${JSON.stringify(provenance, null, 2)}\n`)
}
