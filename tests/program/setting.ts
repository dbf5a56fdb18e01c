// Tiny models, random batches and random prompts for the tests of whole programs.

import type { MicroBatch } from '../../src-worker/contract/batch'
import type { ModelFolder } from '../../src-worker/contract/model'
import type { Parameters, PromptShape } from '../../src-worker/contract/snapshot'
import { parameterShapes } from '../../src-worker/prompt/state-dict'
import { ortRuntime } from '../../src-worker/session/ort'
import { type Rng, rng } from '../../src-worker/stream/rng'
import type { TrainerOptions } from '../../src-worker/train/engine'
import { openTrainer, type Trainer } from '../../src-worker/train/trainer'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'

export const tinyModel = (name: string) => openModelFolder(referencePath('models', name))

export interface BatchOptions {
  readonly lanes: number
  readonly tokens: number
  readonly promptTokens: number
  readonly conditions?: number
  /** label only the last so many tokens of each lane; all when not given */
  readonly labelled?: number
  /** insertion index of each lane; random when not given */
  readonly start?: number
}

/** Random lanes with the prompt inserted somewhere and labels behind it. */
export function randomBatch(random: Rng, o: BatchOptions): MicroBatch {
  const s = o.tokens + o.promptTokens
  const slots = new Int32Array(o.lanes * s)
  const rows: number[] = []
  for (let b = 0; b < o.lanes; b++) {
    const start = o.start ?? random.below(o.tokens - 2)
    for (let i = 0; i < s; i++) {
      const inside = i >= start && i < start + o.promptTokens
      slots[b * s + i] = inside ? start - i - 1 : 2 + random.below(400)
      const first = Math.max(start + o.promptTokens, s - (o.labelled ?? s), 1)
      if (i >= first) rows.push(b * s + i - 1)
    }
  }
  const conditions = Float32Array.from({ length: o.lanes * (o.conditions ?? 0) }, random.normal)
  return {
    lanes: o.lanes,
    slotsPerLane: s,
    slots,
    rows: Int32Array.from(rows),
    labels: Int32Array.from(rows, row => slots[row + 1]!),
    weights: new Float32Array(rows.length).fill(1),
    divisor: rows.length,
    conditions,
    tokenCount: o.lanes * o.tokens,
  }
}

export function randomParameters(random: Rng, shape: PromptShape): Parameters {
  return new Map(
    [...parameterShapes(shape)].map(([name, dims]) => {
      const size = dims.reduce((a, b) => a * b, 1)
      return [
        name,
        { shape: dims, data: Float32Array.from({ length: size }, () => 0.2 * random.normal()) },
      ]
    }),
  )
}

export const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 1e-4, clipNorm: 0 }

export async function tinyTrainer(
  model: string,
  shape: PromptShape,
  options: Partial<TrainerOptions> = {},
): Promise<Trainer> {
  const runtime = ortRuntime({ threads: 1 })
  const folder = await tinyModel(model)
  return openTrainer({ runtime, model: folder, shape, optimizer, mode: 'weighted', ...options })
}

/** A random batch whose tokens are all in the model's vocabulary. */
export function batchFor({ config }: ModelFolder, options: BatchOptions): MicroBatch {
  const drawn = randomBatch(random('b'), options)
  const known = (id: number): number => (id < 0 ? id : id % config.vocabularySize)
  return { ...drawn, slots: drawn.slots.map(known), labels: drawn.labels.map(known) }
}

/** Loss and gradient of a random direct prompt of three tokens. */
export async function directGradient(
  model: ModelFolder,
  batch: MicroBatch,
  options: Partial<TrainerOptions>,
) {
  const shape = { type: 'direct' as const, tokens: 3, width: model.config.hiddenSize }
  const runtime = ortRuntime({ threads: 1 })
  const common = { runtime, model, shape, optimizer, mode: 'weighted' as const }
  const trainer = await openTrainer({ ...common, ...options })
  const { loss, gradients } = await trainer.gradient(randomParameters(random('p'), shape), batch)
  await trainer.release()
  return { loss, gradient: gradients.get('embedding')!.data }
}

export const random = (label: string): Rng => rng(11, label)
