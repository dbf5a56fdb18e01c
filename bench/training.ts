// Optimizer steps through the trainer, as a run takes them.

import { join } from 'node:path'
import type { MicroBatch } from '../src-worker/contract/batch'
import { elements } from '../src-worker/contract/dims'
import type { ModelFolder } from '../src-worker/contract/model'
import type { PromptShape } from '../src-worker/contract/snapshot'
import { initialParameters } from '../src-worker/prompt/init'
import { parameterShapes } from '../src-worker/prompt/state-dict'
import type { Runtime } from '../src-worker/session/runtime'
import { rng } from '../src-worker/stream/rng'
import { planMemory } from '../src-worker/train/memory-plan'
import { initialState } from '../src-worker/train/state'
import { openTrainer } from '../src-worker/train/trainer'
import { embeddingsOf } from '../src-worker/weights/embeddings'
import { openModelFolder } from '../src-worker/weights/model-folder'
import { quantisedFolder } from '../src-worker/weights/quantised'
import type { Opened } from './opened'
import type { Saving, TrainWork } from './works'

/**
 * Random text; labels are the text tokens, each predicted from the slot before it. Labels of weight 0 keep a saving from
 * being made: then there is something to compute at slots where there need not be.
 */
export function batchOf(work: TrainWork, vocabulary: number): MicroBatch {
  const { lanes, slots: s, prompt, anywhere, ragged, generated } = work
  const without = leftOut(work)
  const random = rng(1, 'bench')
  const slots = new Int32Array(lanes * s)
  const rows: number[] = []
  const weights: number[] = []
  for (let b = 0; b < lanes; b++) {
    const end = ragged ? s / 2 + random.below(s / 2 + 1) : s
    const start = anywhere ? random.below(end - prompt - 4) : 0
    const isEmpty = (row: number): boolean =>
      without === 'labelled' ||
      (without === 'prefix' && row === 0) ||
      (without === 'lengths' && row === s - 2)
    for (let i = 0; i < s; i++) {
      const inside = i >= start && i < start + prompt
      slots[b * s + i] = inside ? start - i - 1 : random.below(vocabulary)
      const labelled = i >= start + prompt && i < end
      if (i === 0 || !(labelled || isEmpty(i - 1))) continue
      rows.push(b * s + i - 1)
      weights.push(labelled ? 1 : 0)
    }
  }
  return {
    lanes,
    slotsPerLane: s,
    slots,
    rows: Int32Array.from(rows),
    labels: Int32Array.from(rows, row => Math.max(0, slots[row + 1]!)),
    weights: Float32Array.from(weights),
    divisor: weights.reduce((sum, weight) => sum + weight, 0),
    conditions: new Float32Array(generated ? 2 * lanes : 0).fill(0.5),
    tokenCount: lanes * (s - prompt),
  }
}

const leftOut = ({ saving }: TrainWork): Saving | undefined =>
  saving?.out === true ? saving.of : undefined

const shapeOf = ({ prompt, generated }: TrainWork, width: number): PromptShape =>
  generated
    ? { type: 'mlp', tokens: prompt, width, conditions: 2, hiddenLayers: 0, hiddenWidth: 128 }
    : { type: 'direct', tokens: prompt, width }

const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-4, clipNorm: 0 }
const learningRate = 1e-3

/** Counts the time that sessions take to open. */
function timed(runtime: Runtime): { readonly runtime: Runtime; readonly seconds: () => number } {
  let seconds = 0
  const open: Runtime['open'] = async (...args) => {
    const began = performance.now()
    const session = await runtime.open(...args)
    seconds += (performance.now() - began) / 1000
    return session
  }
  return { runtime: { ...runtime, open }, seconds: () => seconds }
}

/** As the work has it. Where windows save nothing, layers see all before them: the same shapes, all of the work. */
async function modelOf(work: TrainWork, path: string): Promise<ModelFolder> {
  const { weights = 'full' } = work
  const model = await openModelFolder(path)
  if (weights !== 'full') {
    const [folder, hashes] = [join(path, 'quantised'), join(path, 'hashes.json')]
    return quantisedFolder(model, weights, { folder, hashes })
  }
  if (leftOut(work) !== 'windows') return model
  const attentions = model.config.attentions.map(({ window: _, ...form }) => form)
  return { ...model, config: { ...model.config, attentions } }
}

export async function openTraining(
  work: TrainWork,
  path: string,
  runtime: Runtime,
): Promise<Opened> {
  const began = performance.now()
  const model = await modelOf(work, path)
  const { hiddenSize, vocabularySize } = model.config
  const shape = shapeOf(work, hiddenSize)
  const batch = batchOf(work, vocabularySize)
  const clock = timed(runtime)
  const { lanes, slots } = work
  const parameters = [...parameterShapes(shape).values()].reduce((n, dims) => n + elements(dims), 0)
  const without = leftOut(work)
  const plan = planMemory({
    ...{ model, parameters, lanes, slots, promptTokens: shape.tokens },
    ...{ training: true, weights: work.weights ?? 'full' },
    recompute: without === 'kept',
    ...(work.saving?.of === 'prepack' && { prepack: without !== 'prepack' }),
  })
  const trainer = await openTrainer({
    runtime: clock.runtime,
    model,
    shape,
    optimizer,
    mode: 'weighted',
    recompute: plan.recompute,
    prepack: plan.prepack,
    firstBlockWhole: without === 'first',
    ...(without === 'blocks' && { queryBlocks: () => 1 }),
  })
  const prepared = performance.now() - began
  let state = initialState(
    await initialParameters({
      shape,
      init: { kind: 'vocabulary' },
      rng: rng(1, 'prompt'),
      embeddings: () => embeddingsOf(model),
      encode: () => [],
    }),
  )
  let padding = 0
  const step = async (): Promise<number> => {
    const before = performance.now()
    const done = await trainer.advance(state, [[batch]], [learningRate])
    state = done.state
    padding = done.padding[0]!
    return performance.now() - before
  }
  const first = await step()
  return {
    opened: {
      openingMs: prepared + 1000 * clock.seconds(),
      firstMs: prepared + first,
      plannedBytes: plan.totalBytes,
      host: plan.host === 'process' ? 1 : 0,
    },
    measure: async () => ({ ms: await step(), paddingPercent: 100 * padding }),
    release: () => trainer.release(),
  }
}
