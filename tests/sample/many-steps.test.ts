import { expect, test } from 'vitest'
import { openTokenizer } from '../../src-worker/dataset/tokenizer'
import {
  type GeneratedToken,
  type GenerateOptions,
  generate,
} from '../../src-worker/sample/generate'
import { openSampler, type Sampler } from '../../src-worker/sample/prompted'
import { ortRuntime } from '../../src-worker/session/ort'
import type { Runtime } from '../../src-worker/session/runtime'
import { rng } from '../../src-worker/stream/rng'
import { openModelFolder } from '../../src-worker/weights/model-folder'
import { referencePath } from '../reference-path'

// On a GPU several steps are drawn inside one run. The law: it writes what single steps write. Checked on the CPU.

const random = rng(9, 'many-steps')
const ids = (count: number): number[] => Array.from({ length: count }, () => random.below(500))
const rows = Float32Array.from({ length: 3 * 64 }, () => random.normal())
const lanes = [
  { slots: [-1, -2, -3, ...ids(4)], rows },
  { slots: ids(30) },
  { slots: [...ids(9), -1, -2, -3], rows },
]

const base: GenerateOptions = {
  maxTokens: 13,
  temperature: 1,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  seed: 11,
  stopIds: [],
  top: 3,
}

const choices: Record<string, Partial<GenerateOptions>> = {
  plain: {},
  greedy: { temperature: 0 },
  'top-p': { topP: 0.7 },
  'top-k': { topK: 7, temperature: 1.3 },
  'min-p': { minP: 0.1, temperature: 0.8 },
  all: { topP: 0.9, topK: 40, minP: 0.02, repetitionPenalty: 1.3, temperature: 0.7 },
  'greedy with penalty': { temperature: 0, repetitionPenalty: 1.5 },
  'nothing but the best': { topP: 0 },
}

async function open(model: string, stepsPerRun: number): Promise<Sampler> {
  const folder = await openModelFolder(referencePath('models', model))
  const tokenizer = await openTokenizer(folder.path)
  return openSampler({ runtime: ortRuntime(), folder, tokenizer, stepsPerRun })
}

async function written(sampler: Sampler, options: GenerateOptions): Promise<GeneratedToken[]> {
  const all: GeneratedToken[] = []
  for await (const step of generate(sampler, lanes, options)) all.push(...step)
  return all
}

test.each(['tiny-neox', 'tiny-llama', 'tiny-llama-tied'])(
  '%s: many steps in a run write what single steps write',
  async model => {
    const [single, many] = [await open(model, 0), await open(model, 5)]
    for (const [name, choice] of Object.entries(choices)) {
      const options = { ...base, ...choice }
      const [a, b] = [await written(single, options), await written(many, options)]
      const plain = (tokens: GeneratedToken[]) =>
        tokens.map(({ lane, token, done, top }) => [
          lane,
          token,
          done,
          ...top.map(each => each.token),
        ])
      expect(plain(b), name).toEqual(plain(a))
      for (const [i, each] of b.entries()) {
        expect(Math.abs(each.logProb - a[i]!.logProb), name).toBeLessThan(1e-3)
        for (const [j, top] of each.top.entries())
          expect(Math.abs(top.logProb - a[i]!.top[j]!.logProb), name).toBeLessThan(1e-3)
      }
      const stopIds = [a[7]!.token, a[20]!.token]
      const ends = [
        await written(single, { ...options, stopIds }),
        await written(many, { ...options, stopIds }),
      ]
      expect(plain(ends[1]!), name).toEqual(plain(ends[0]!))
    }
    await single.release()
    await many.release()
  },
)

/** A GPU by its name, the CPU by its numbers; counts run calls. */
function pretendedGpu() {
  const inner = ortRuntime()
  let calls = 0
  const open: Runtime['open'] = async (...args) => {
    const session = await inner.open(...args)
    const run: typeof session.run = (feeds, outputs) => {
      calls++
      return session.run(feeds, outputs)
    }
    return { ...session, run }
  }
  const runtime: Runtime = { device: { kind: 'cuda', index: 0 }, open }
  return { runtime, calls: () => calls }
}

test('a sampler on a GPU draws many steps in a run by itself, and writes the same', async () => {
  const folder = await openModelFolder(referencePath('models', 'tiny-llama'))
  const tokenizer = await openTokenizer(folder.path)
  const gpu = pretendedGpu()
  const [many, single] = [
    await openSampler({ runtime: gpu.runtime, folder, tokenizer }),
    await open('tiny-llama', 0),
  ]
  const options = { ...base, maxTokens: 40, topP: 0.8 }
  const [a, b] = [await written(many, options), await written(single, options)]
  expect(a.map(({ lane, token }) => [lane, token])).toEqual(
    b.map(({ lane, token }) => [lane, token]),
  )
  // each of three lanes is read once; 39 tokens that follow the first are 3 runs of 16 at most
  expect(gpu.calls()).toBeLessThanOrEqual(3 + 3)
  await many.release()
  await single.release()
})
