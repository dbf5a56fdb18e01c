// What a step costs on a GPU and what lies there, counted: not more than is written in costs.json, and as the memory plan
// has it. A saving lowers the numbers there: UPDATE_COSTS=1 npx vitest run tests/cuda/costs.test.ts
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { estimate } from '../../bench/cuda-estimate'
import { type SparseName, writeSparseModel } from '../../bench/sparse-models'
import { type CountingCuda, countingCuda, reasonAgainst } from './counting-cuda'
import type { TrainJob } from './jobs'
import { type Counted, runJobs } from './run-jobs'

interface Cost {
  readonly launches: number
  readonly products: number
  readonly casts: number
  readonly toDeviceBytes: number
  /** by kernels, between products */
  readonly movedBytes: number
}

const file = resolve('tests/cuda/costs.json')
const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Cost>

type Row = Partial<TrainJob> & { readonly of: SparseName }
const rows: Readonly<Record<string, Row>> = {
  '410m 8×272 float32': { of: 'pythia-410m' },
  '410m 8×272 bfloat16': { of: 'pythia-410m', precision: 'bfloat16' },
  '160m 12×144 bfloat16': { of: 'pythia-160m', precision: 'bfloat16', lanes: 12, slots: 144 },
  '70m 8×272 float16': { of: 'pythia-70m', precision: 'float16' },
  '160m 8×272 float32 recomputed': { of: 'pythia-160m', recompute: true },
  '160m 1×1280 MLP of 101 M numbers': {
    ...{ of: 'pythia-160m', type: 'mlp', lanes: 1, slots: 1280, prompt: 1024 },
  },
  '70m 4×2×272 merged, anywhere': {
    ...{ of: 'pythia-70m', lanes: 2, accumulation: 4, merged: 4, anywhere: true, steps: 60 },
  },
}

const jobOf = (name: string, { of, ...row }: Row, root: string): TrainJob => ({
  ...{ kind: 'train', name, model: writeSparseModel(root, of, 'F32') },
  ...{ precision: 'float32', type: 'direct', accumulation: 1, merged: 1, lanes: 8, slots: 272 },
  ...{ prompt: 16, anywhere: false, steps: 0, recompute: false, evaluate: false, details: true },
  ...row,
})

function costOf({ step, details }: Counted): Cost {
  const { launches, products, casts, toDeviceBytes } = step
  const movedBytes = Math.round(estimate(details, false).bytes)
  return { launches, products, casts, toDeviceBytes, movedBytes }
}

const reason = reasonAgainst()
if (reason !== undefined) console.log(`The counts of CUDA are skipped: ${reason}`)

describe.skipIf(reason !== undefined)('a step on a CUDA that counts', () => {
  const root = mkdtempSync(join(tmpdir(), 'spw-costs-'))
  const found = new Map<string, Counted>()
  let absent: string | undefined

  beforeAll(async () => {
    let cuda: CountingCuda
    try {
      cuda = await countingCuda(join(root, 'home'))
    } catch (error) {
      absent = `onnxruntime's CUDA provider is not to be had: ${(error as Error).message}`
      console.log(`The counts of CUDA are skipped: ${absent}`)
      return
    }
    // a process each: what it held at most is its own
    for (const [name, row] of Object.entries(rows))
      for (const each of await runJobs(cuda, [jobOf(name, row, root)])) found.set(name, each)
    if (process.env.UPDATE_COSTS !== '1') return
    const costs = [...found].map(([name, counted]) => [name, costOf(counted)])
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(costs), undefined, 2)}\n`)
  }, 600_000)

  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.for(Object.keys(rows))('%s', (name, { skip }) => {
    if (absent !== undefined) skip(absent)
    const { failed, step, peakBytes, plannedBytes, runCalls } = found.get(name)!
    expect(failed).toBeUndefined()
    const counted = costOf(found.get(name)!)
    const cost = process.env.UPDATE_COSTS === '1' ? counted : known[name]!
    for (const key of Object.keys(counted) as (keyof Cost)[])
      expect(counted[key], key).toBeLessThanOrEqual(cost[key])
    expect(step.launches).toBeGreaterThan(100)
    expect(peakBytes / plannedBytes).toBeLessThan(1.1)
    expect(peakBytes / plannedBytes).toBeGreaterThan(0.75)
    if (rows[name]!.steps === 60) expect(runCalls).toBeLessThanOrEqual(8)
  })
})
