// One work on a GPU, in a process of its own: time of a step, share of the card's peak, memory against the plan.
import { execFileSync, spawn } from 'node:child_process'
import { cudaEnvironment, productsOf } from '../src-worker/contract/cuda-environment'
import type { Precision } from '../src-worker/contract/run-spec'
import { neededOperations } from '../src-worker/program/operations'
import type { Gpu } from '../src-worker/session/nvidia'
import { contextBytes } from '../src-worker/session/nvidia'
import { ortRuntime } from '../src-worker/session/ort'
import { planMemory } from '../src-worker/train/memory-plan'
import { initialState } from '../src-worker/train/state'
import { openTrainer } from '../src-worker/train/trainer'
import { openModelFolder } from '../src-worker/weights/model-folder'
import { batchOf } from './training'
import type { TrainWork } from './works'

export interface AcceptWork {
  readonly model: string
  readonly precision: Precision
  readonly lanes: number
  readonly slots: number
}

interface Measured {
  readonly seconds: number
  readonly operations: number
  readonly plannedBytes: number
}

const prompt = 16
const steps = 20

/** Dense operations a second by the makers' sheets: float32, tf32, bfloat16 and float16. */
const peaks: readonly (readonly [RegExp, number, number, number])[] = [
  [/H100|H200|GH200/, 67e12, 495e12, 989e12],
  [/A100/, 19.5e12, 156e12, 312e12],
  [/L40/, 91e12, 183e12, 362e12],
  [/4090/, 83e12, 83e12, 165e12],
  [/3090/, 36e12, 36e12, 71e12],
]

function peakOf(name: string, precision: Precision): number | undefined {
  const row = peaks.find(([pattern]) => pattern.test(name))
  if (row === undefined) return undefined
  return precision === 'float32' ? row[1] : precision === 'tf32' ? row[2] : row[3]
}

/** In the process of the work: prints one line of JSON, then waits to be measured from outside. */
export async function runAcceptWork({
  model: path,
  precision,
  lanes,
  slots,
}: AcceptWork): Promise<void> {
  const model = await openModelFolder(path)
  const { hiddenSize, vocabularySize } = model.config
  const shape = { type: 'direct', tokens: prompt, width: hiddenSize } as const
  const work = { lanes, slots, prompt, anywhere: false, ragged: false, generated: false }
  const batch = batchOf(work as TrainWork, vocabularySize)
  const runtime = ortRuntime({ device: { kind: 'cuda', index: 0 } })
  const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-4, clipNorm: 1 }
  const trainer = await openTrainer({
    runtime,
    model,
    shape,
    mode: 'weighted',
    precision,
    optimizer,
  })
  const data = new Float32Array(prompt * hiddenSize).fill(0.01)
  const state = initialState(new Map([['embedding', { shape: [prompt, hiddenSize], data }]]))
  const many = Array.from({ length: steps }, () => [batch])
  const rates = many.map(() => 1e-3)
  await trainer.advance(state, many.slice(0, 2), rates.slice(0, 2))
  await trainer.advance(state, many, rates)
  const began = performance.now()
  await trainer.advance(state, many, rates)
  const seconds = (performance.now() - began) / 1000 / steps
  const operations = neededOperations(model.config, {
    ...{ lanes, slots, prompt },
    labelled: batch.rows.length,
  })
  const ask = {
    model,
    parameters: prompt * hiddenSize,
    promptTokens: prompt,
    lanes,
    slots,
    precision,
  }
  const plan = planMemory({ ...ask, training: true, device: 'cuda' })
  const measured: Measured = { seconds, operations, plannedBytes: plan.totalBytes }
  process.stdout.write(`${JSON.stringify(measured)}\n`)
  for await (const _ of process.stdin);
  await trainer.release()
}

/** Bytes that a process holds on the GPU, the driver's context with them. */
function heldBytes(pid: number): number {
  const query = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits']
  const lines = execFileSync('nvidia-smi', query).toString().split('\n')
  const own = lines.map(line => line.split(',').map(Number)).find(([id]) => id === pid)
  return (own?.[1] ?? Number.NaN) * 2 ** 20
}

export async function measuredWork(work: AcceptWork, gpu: Gpu, program: string) {
  const env = {
    ...process.env,
    ...cudaEnvironment(productsOf(work.precision)),
    CUDA_VISIBLE_DEVICES: gpu.uuid,
  }
  const child = spawn(process.execPath, [program, '--work', JSON.stringify(work)], { env })
  let [stdout, stderr] = ['', '']
  const said = new Promise<void>((done, failed) => {
    child.stdout.on('data', data => {
      stdout += data
      if (stdout.includes('\n')) done()
    })
    child.stderr.on('data', data => {
      stderr += data
    })
    child.on('close', () =>
      failed(new Error(`${work.model} ${work.precision}: ${stderr.slice(-500)}`)),
    )
  })
  try {
    await said
    const { seconds, operations, plannedBytes } = JSON.parse(stdout) as Measured
    const held = heldBytes(child.pid!)
    const peak = peakOf(gpu.name, work.precision)
    const share = peak === undefined ? '?' : `${Math.round((100 * operations) / seconds / peak)} %`
    const gigabytes = (bytes: number): string =>
      Number.isNaN(bytes) ? '?' : (bytes / 1e9).toFixed(1)
    const planned = plannedBytes + contextBytes
    const name = `${work.model.split('/').at(-1)} ${work.lanes}×${work.slots} ${work.precision}`
    const memory = `${gigabytes(planned)} / ${gigabytes(held)} GB`
    return {
      line: `| ${name} | ${(1000 * seconds).toFixed(1)} | ${share} | ${memory} |`,
      // unknown where the process cannot be seen, as inside a container
      withinPlan: Number.isNaN(held) || held <= 1.1 * planned,
    }
  } finally {
    child.stdin.end()
    child.kill()
  }
}
