// npm run bench -- --cuda-counts: what a step asks of CUDA, counted by the CUDA that counts (tests/cuda), not timed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countingCuda, reasonAgainst } from '../tests/cuda/counting-cuda'
import type { TrainJob } from '../tests/cuda/jobs'
import { type Counted, runJobs } from '../tests/cuda/run-jobs'
import { estimate } from './cuda-estimate'
import type { Stored } from './models'
import { type SparseName, writeSparseModel } from './sparse-models'

type Row = Partial<TrainJob> & {
  readonly of: SparseName
  readonly stored?: Stored
}

const rows: readonly Row[] = [
  { of: 'pythia-70m', lanes: 4, slots: 144 },
  { of: 'pythia-410m' },
  { of: 'pythia-410m', precision: 'tf32' },
  { of: 'pythia-410m', precision: 'bfloat16' },
  { of: 'pythia-410m', precision: 'bfloat16', anywhere: true, steps: 60 },
  { of: 'pythia-410m', precision: 'bfloat16', recompute: true },
  { of: 'pythia-410m', precision: 'bfloat16', lanes: 2, accumulation: 4, merged: 4 },
  { of: 'pythia-410m', precision: 'bfloat16', lanes: 4, slots: 1280, prompt: 1024 },
  { of: 'pythia-160m', type: 'mlp', lanes: 1, slots: 1280, prompt: 1024, precision: 'bfloat16' },
  { of: 'pythia-1.4b', stored: 'F16', precision: 'bfloat16' },
  { of: 'smollm2-135m', precision: 'bfloat16' },
  { of: 'llama-3.2-1b', stored: 'F16', precision: 'bfloat16', lanes: 4 },
]

const nameOf = (row: Row): string =>
  [
    row.of,
    `${row.accumulation && row.accumulation > 1 ? `${row.accumulation}×` : ''}${row.lanes ?? 8}×${row.slots ?? 272}`,
    ...(row.prompt === undefined ? [] : [`P ${row.prompt}`]),
    row.type ?? '',
    row.stored ?? '',
    row.precision ?? 'float32',
    row.recompute === true ? 'recomputed' : '',
    row.anywhere === true ? 'anywhere' : '',
  ]
    .filter(part => part !== '')
    .join(' ')

const jobOf = ({ of, stored = 'F32', ...row }: Row, root: string): TrainJob => ({
  ...{ kind: 'train', precision: 'float32', type: 'direct', accumulation: 1, merged: 1, lanes: 8 },
  ...{ slots: 272, prompt: 16, anywhere: false, steps: 0, recompute: false, evaluate: false },
  ...row,
  name: nameOf({ of, stored: stored === 'F32' ? undefined : stored, ...row } as Row),
  model: writeSparseModel(root, of, stored),
  details: true,
})

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

function line(job: TrainJob, found: Counted): string {
  if (found.failed !== undefined) return `| ${job.name} | ${found.failed.slice(0, 200)} |`
  const { launches, products, casts, gigaflops } = found.step
  const e = estimate(found.details, job.precision === 'tf32')
  const share = Math.round((100 * e.productMs) / e.totalMs)
  const cells = [
    job.name,
    `${launches} + ${products}`,
    casts,
    `${gigabytes(e.bytes)} GB`,
    `${(gigaflops / 1000).toFixed(2)} T`,
    job.steps > 0 ? `${found.runCalls} of ${job.steps}` : '',
    `${gigabytes(found.plannedBytes)} / ${gigabytes(found.peakBytes)} GB`,
    `${e.totalMs.toFixed(1)} ms`,
    `${share} %`,
  ]
  return `| ${cells.join(' | ')} |`
}

const heading = [
  'work, a step',
  'launches + products',
  'casts',
  'moved',
  'operations',
  'run calls',
  'planned / most held',
  'H100, estimated',
  'of it products',
]

/** @param only part of the names of the works */
export async function cudaCounts(only: string): Promise<void> {
  const reason = reasonAgainst()
  if (reason !== undefined) {
    console.error(`There is no counting CUDA here: ${reason}`)
    process.exit(2)
  }
  const root = mkdtempSync(join(tmpdir(), 'spw-cuda-'))
  try {
    const cuda = await countingCuda(join(root, 'home'))
    console.log(`| ${heading.join(' | ')} |\n|${heading.map(() => '---').join('|')}|`)
    for (const row of rows.filter(each => nameOf(each).includes(only))) {
      const job = jobOf(row, root)
      const [found] = await runJobs(cuda, [job])
      console.log(line(job, found!))
    }
    console.log(
      '\nCounted, not timed: the time is a floor by 3.5 µs a launch, 2.6 TB/s and 50, 350',
    )
    console.log(
      'and 600 TFLOP/s (float32, tf32, bfloat16), whichever of launching and working is longer.',
    )
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
