// Every family in every program: what saves work changes no number, and each way to write gives the same text.
import { expect, test } from 'vitest'
import type { PromptShape } from '../../src-worker/contract/snapshot'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import { emptyCache } from '../../src-worker/sample/cache'
import { type GenerateOptions, generate, type Sequence } from '../../src-worker/sample/generate'
import { openSampler, type Sampler } from '../../src-worker/sample/prompted'
import { scoreContinuations } from '../../src-worker/sample/score'
import { ortRuntime } from '../../src-worker/session/ort'
import { rng } from '../../src-worker/stream/rng'
import type { TrainerOptions } from '../../src-worker/train/engine'
import { openTrainer } from '../../src-worker/train/trainer'
import { largestDifference, relativeError } from '../../src-worker/verify/golden'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'
import { optimizer, random, randomBatch, randomParameters } from './setting'

const folderOf = (name: string) => openModelFolder(referencePath('reference/families/models', name))

/** One of each kind of attention, position and residual. */
const kinds = [
  'mistral-window',
  'gemma2',
  'gemma3-text',
  'gpt_neo',
  'mpt',
  'bloom',
  'falcon-new',
  'gptj',
  'opt-350m',
  'granite',
  'exaone4',
  'phi3-longrope',
]

const variants: readonly (readonly [string, Partial<TrainerOptions>])[] = [
  ['four blocks of queries, which see all before', { queryBlocks: () => 4 }],
  ['two blocks, of windowed layers four that see the one before', { queryBlocks: () => 2 }],
  ['recomputation', { recompute: true }],
  ['the first block whole', { firstBlockWhole: true }],
  ['many steps in a run', { strategy: 'multi-step' }],
]

async function stepOf(name: string, options: Partial<TrainerOptions>, start?: number) {
  const model = await folderOf(name)
  const shape: PromptShape = { type: 'direct', tokens: 3, width: model.config.hiddenSize }
  const trainer = await openTrainer({
    ...{ runtime: ortRuntime(), model, shape, optimizer, mode: 'weighted' },
    ...options,
  })
  const size = { lanes: 2, tokens: 37, promptTokens: 3, ...(start !== undefined && { start }) }
  const drawn = randomBatch(random('b'), size)
  const below = (id: number): number => (id < 0 ? id : id % model.config.vocabularySize)
  const batch = { ...drawn, slots: drawn.slots.map(below), labels: drawn.labels.map(below) }
  const parameters = randomParameters(random('p'), shape)
  const zero = new Map([...parameters].map(([n, p]) => [n, { ...p, data: p.data.map(() => 0) }]))
  const state = { step: 0, parameters, m: zero, v: structuredClone(zero) }
  const result = await trainer.advance(state, [[batch]], [0.01])
  await trainer.release()
  return { loss: result.losses[0]!, m: result.state.m.get('embedding')!.data }
}

test.each(kinds)('%s: what saves work gives the same loss and gradient', async name => {
  for (const start of [undefined, 20]) {
    const plain = await stepOf(name, { queryBlocks: () => 1, strategy: 'chunks' }, start)
    for (const [what, options] of variants) {
      const other = await stepOf(name, options, start)
      expect(Math.abs(other.loss - plain.loss) / plain.loss, what).toBeLessThan(1e-6)
      expect(relativeError(other.m, plain.m), what).toBeLessThan(2e-5)
    }
  }
})

async function open(name: string, stepsPerRun = 0): Promise<Sampler> {
  const folder = await folderOf(name)
  const tokenizer = await openTokenizer(folder.path)
  return openSampler({ runtime: ortRuntime(), folder, tokenizer, stepsPerRun })
}

const options: GenerateOptions = {
  ...{ maxTokens: 12, temperature: 0, topP: 1, topK: 0, minP: 0 },
  ...{ repetitionPenalty: 1, seed: 1, stopIds: [] },
}

async function written(sampler: Sampler, lanes: readonly Sequence[]): Promise<number[][]> {
  const ids: number[][] = lanes.map(() => [])
  for await (const step of generate(sampler, lanes, options))
    for (const { lane, token } of step) ids[lane]!.push(token)
  return ids
}

const sequence = (label: string, length: number, width: number): Sequence => {
  const draw = rng(4, label)
  const ids = Array.from({ length }, () => draw.below(300))
  return { slots: [...ids, -1, -2], rows: Float32Array.from({ length: 2 * width }, draw.normal) }
}

test.each(kinds)('%s: many steps in a run write what single steps write', async name => {
  const [single, many] = [await open(name), await open(name, 5)]
  const { hiddenSize } = single.folder.config
  const lanes = [sequence('a', 7, hiddenSize), sequence('b', 20, hiddenSize)]
  expect(await written(many, lanes)).toEqual(await written(single, lanes))
  await single.release()
  await many.release()
})

/** log p of all tokens of a lane behind its first, in one pass without a cache. */
async function wholeScores({ decoder }: Sampler, { slots, rows }: Sequence, from: number) {
  const width = slots.length
  const at = slots.slice(from).map((_, i) => from + i)
  const { scores } = await decoder.look(emptyCache(decoder.shape, 1), {
    ...{ lanes: 1, width, slots: Int32Array.from(slots), prompt: rows! },
    positions: Int32Array.from(slots.keys()),
    counts: Int32Array.of(width),
    head: {
      ...{ rows: at.map(slot => slot - 1), wanted: [] },
      picks: at.map((slot, i): [number, number] => [i, slots[slot]!]),
    },
  })
  return scores
}

// longer than window and spare slots together, so that rings of the cache turn round
test.each(['mistral-window', 'gemma2', 'gemma3-text', 'exaone4', 'mpt', 'phi3-sliding'])(
  '%s: a cache that was grown, taken back and grown again shows what one pass shows',
  async name => {
    const sampler = await open(name)
    const long = sequence('long', 115, sampler.folder.config.hiddenSize)
    const slots = [long.slots[0]!, -1, -2, ...long.slots.slice(1, -2)]
    for (const length of [30, 90, 85, 60, 20, 100, 40]) {
      const prefix = { ...long, slots: slots.slice(0, length) }
      const continuation = slots.slice(length, length + 14)
      const [found] = await scoreContinuations(sampler, prefix, [continuation, [5, 6, 7]])
      const whole = { ...long, slots: slots.slice(0, length + 14) }
      const expected = await wholeScores(sampler, whole, length)
      expect(largestDifference(found!.perToken, expected), `${length}`).toBeLessThan(2e-4)
    }
    const windows = new Set(sampler.decoder.shape.windows)
    windows.delete(undefined)
    const big = emptyCache(sampler.decoder.shape, 1, 1000)
    for (const [i, window] of sampler.decoder.shape.windows.entries())
      expect(big.layers[i]!.room).toBe(window === undefined ? 1000 : window + 64)
    await sampler.release()
  },
)

test('lanes longer than the learned positions are refused with both numbers', async () => {
  const sampler = await open('gpt2')
  const lane = sequence('a', 80, 32)
  await expect(written(sampler, [lane])).rejects.toThrow(
    'but this gpt2 model has learned only 64 positions',
  )
  await sampler.release()
})
