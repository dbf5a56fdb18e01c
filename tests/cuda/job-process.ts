// Does jobs on a CUDA device below its check, and reports what they cost: node job-process.cjs JOBS.json
// A line of JSON for each job on the standard output; onnxruntime's log on the standard error, after a line `## name`.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { MicroBatch } from '../../src-worker/contract/batch'
import { elements } from '../../src-worker/contract/dims'
import type { PromptShape, PromptType } from '../../src-worker/contract/snapshot'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { initialParameters } from '../../src-worker/prompt/init'
import { parameterShapes } from '../../src-worker/prompt/state-dict'
import { generate } from '../../src-worker/sample/generate'
import { openSampler } from '../../src-worker/sample/prompted'
import { ortRuntime } from '../../src-worker/session/ort'
import type { Runtime } from '../../src-worker/session/runtime'
import { type Rng, rng } from '../../src-worker/stream/rng'
import { planMemory } from '../../src-worker/train/memory-plan'
import { initialState } from '../../src-worker/train/state'
import { openTrainer } from '../../src-worker/train/trainer'
import { embeddingsOf } from '../../src-worker/weights/embeddings'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { type Counts, keysOf, minus, over, readCounts, summary, sumOf } from './counts'
import type { CountJob, Detail, Found, SampleJob, TrainJob } from './jobs'

const conditions = 2

function shapeOf(type: PromptType, tokens: number, width: number): PromptShape {
  if (type === 'direct') return { type, tokens, width }
  if (type === 'subspace') return { type, tokens, width, dimensions: 16, seed: 1 }
  if (type === 'linear') return { type, tokens, width, conditions }
  const hidden = { hiddenLayers: type === 'mlp' ? 0 : 1, hiddenWidth: 128 }
  if (type === 'mlp') return { type, tokens, width, conditions, ...hidden }
  return { type, tokens, width, conditions, ...hidden, residualWidth: 16 }
}

/** Kinds without conditions: one prompt for all lanes. */
const isShared = (type: PromptType): boolean => type === 'direct' || type === 'subspace'

/** Random text; every text token but the first is a label, as in the autoregressive experiment. */
function batchOf(job: TrainJob, vocabulary: number, random: Rng): MicroBatch {
  const { lanes, slots: s, prompt, anywhere, type } = job
  const slots = new Int32Array(lanes * s)
  const rows: number[] = []
  for (let b = 0; b < lanes; b++) {
    const end = anywhere ? s / 2 + random.below(s / 2 + 1) : s
    const start = anywhere ? random.below(end - prompt + 1) : 0
    const inside = (i: number): boolean => i >= start && i < start + prompt
    for (let i = 0; i < s; i++) {
      slots[b * s + i] = inside(i) ? start - i - 1 : random.below(vocabulary)
      if (i > 0 && i < end && !inside(i)) rows.push(b * s + i - 1)
    }
  }
  return {
    lanes,
    slotsPerLane: s,
    slots,
    rows: Int32Array.from(rows),
    labels: Int32Array.from(rows, row => Math.max(0, slots[row + 1]!)),
    weights: new Float32Array(rows.length).fill(1),
    divisor: rows.length,
    conditions: new Float32Array(isShared(type) ? 0 : conditions * lanes).fill(0.5),
    tokenCount: lanes * (s - prompt),
  }
}

/** The runtime, and how many run calls its sessions had. */
function counting(runtime: Runtime): { readonly runtime: Runtime; readonly calls: () => number } {
  let calls = 0
  const open: Runtime['open'] = async (...args) => {
    const session = await runtime.open(...args)
    const run: typeof session.run = (...feeds) => {
      calls++
      return session.run(...feeds)
    }
    return { ...session, run }
  }
  return { runtime: { ...runtime, open }, calls: () => calls }
}

const cuda = (): Runtime => ortRuntime({ device: { kind: 'cuda', index: 0 }, log: true })

const detailsOf = (counts: Counts): readonly Detail[] =>
  [...counts]
    .filter(([key]) => /^(kernel|product|copy|memset|transpose)\|?/.test(key))
    .map(([key, count]) => ({ key, ...count }))
    .sort((a, b) => b.times - a.times)

/** Bytes × how many such blocks were taken. */
const blocksOf = (counts: Counts): readonly string[] =>
  [...counts]
    .filter(([key]) => key.startsWith('malloc|device|'))
    .map(([key, { times }]) => `${key.slice('malloc|device|'.length)}×${times}`)

/** What lies on the device at most, after `before` was reached: a process does many jobs. */
const peakSince = (): number => sumOf(readCounts(), 'peak|device').amount

async function training(job: TrainJob): Promise<Found> {
  const model = await openModelFolder(job.model)
  const { hiddenSize, vocabularySize } = model.config
  const { lanes, slots, recompute, precision } = job
  const shape = shapeOf(job.type, job.prompt, hiddenSize)
  const watched = counting(cuda())
  const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-4, clipNorm: 1 }
  const trainer = await openTrainer({
    ...{ runtime: watched.runtime, model, shape, optimizer, precision, recompute },
    merged: job.merged,
    mode: 'weighted',
    laneLength: slots - job.prompt,
  })
  const random = rng(1, 'counting')
  const parameters = await initialParameters({
    shape,
    init: { kind: 'vocabulary' },
    rng: rng(1, 'prompt'),
    embeddings: () => embeddingsOf(model),
    encode: async () => [],
  })
  const batch = (): MicroBatch => batchOf(job, vocabularySize, random)
  const step = (): MicroBatch[] => Array.from({ length: job.accumulation }, batch)
  const advance = async (steps: readonly (readonly MicroBatch[])[]): Promise<Counts> => {
    const before = readCounts()
    await trainer.advance(
      initialState(parameters),
      steps,
      steps.map(() => 1e-3),
    )
    return minus(readCounts(), before)
  }
  try {
    const same = step()
    await advance([same])
    const [one, three] = [await advance([same]), await advance([same, same, same])]
    const further = over(minus(three, one), 2)
    const before = watched.calls()
    if (job.steps > 0) await advance(Array.from({ length: job.steps }, step))
    const runCalls = watched.calls() - before
    if (job.evaluate) await trainer.evaluate(parameters, same[0]!)
    const now = readCounts()
    const numbers = [...parameterShapes(shape).values()].reduce((n, dims) => n + elements(dims), 0)
    const plan = planMemory({
      ...{
        model,
        shape,
        promptTokens: job.prompt,
        parameters: numbers,
        slots,
        recompute,
        precision,
      },
      lanes: lanes * job.merged,
      training: true,
      device: 'cuda',
    })
    return {
      name: job.name,
      unexpected: keysOf(now, 'unexpected|'),
      step: summary(further),
      call: summary(minus(one, further)),
      runCalls,
      details: job.details ? detailsOf(further) : [],
      peakBytes: peakSince(),
      plannedBytes: plan.totalBytes,
      blocks: blocksOf(now),
    }
  } finally {
    await trainer.release()
  }
}

async function sampling(job: SampleJob): Promise<Found> {
  const tokenizer = await openTokenizer(resolve('resources/models/workbench-demo-base'))
  const folder = await openModelFolder(job.model)
  const { hiddenSize, vocabularySize } = folder.config
  const watched = counting(cuda())
  const sampler = await openSampler({ runtime: watched.runtime, folder, tokenizer })
  const random = rng(1, 'counting')
  const write = async (maxTokens: number): Promise<Counts> => {
    const lanes = Array.from({ length: job.lanes }, () => ({
      rows: new Float32Array(job.prompt * hiddenSize).fill(0.1),
      slots: Array.from({ length: job.slots }, (_, i) =>
        i < job.prompt ? -i - 1 : random.below(vocabularySize),
      ),
    }))
    const spec = { temperature: 1, topP: 0.7, topK: 0, minP: 0, repetitionPenalty: 1 }
    const options = { ...spec, maxTokens, seed: 1, stopIds: [] }
    const before = readCounts()
    for await (const _ of generate(sampler, lanes, options));
    return minus(readCounts(), before)
  }
  try {
    await write(job.tokens)
    const [some, more] = [await write(job.tokens), await write(2 * job.tokens)]
    const before = watched.calls()
    await write(job.tokens)
    const further = over(minus(more, some), job.tokens)
    const now = readCounts()
    return {
      name: job.name,
      unexpected: keysOf(now, 'unexpected|'),
      step: summary(further),
      call: summary(some),
      runCalls: watched.calls() - before,
      details: detailsOf(further),
      peakBytes: peakSince(),
      plannedBytes: 0,
      blocks: blocksOf(now),
    }
  } finally {
    await sampler.release()
  }
}

async function main(): Promise<void> {
  for (const job of JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as CountJob[]) {
    process.stderr.write(`## ${job.name}\n`)
    const found = await (job.kind === 'train' ? training(job) : sampling(job)).catch(
      (error: Error & { fix?: string }) => ({
        name: job.name,
        failed: `${error.message} ${error.fix ?? ''} ${error.cause ?? ''}`,
      }),
    )
    process.stdout.write(`${JSON.stringify(found)}\n`)
  }
}

void main()
