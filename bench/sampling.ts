// Generating and scoring, through the sampler that the playground uses.
import { resolve } from 'node:path'
import { openTokenizer } from '../src-worker/dataset/tokenizer'
import { generate } from '../src-worker/sample/generate'
import type { Sequence } from '../src-worker/sample/prefill'
import { openSampler, type Sampler } from '../src-worker/sample/prompted'
import { scoreContinuations } from '../src-worker/sample/score'
import type { Runtime } from '../src-worker/session/runtime'
import { rng } from '../src-worker/stream/rng'
import { openModelFolder } from '../src-worker/weights/model-folder'
import type { Opened } from './opened'
import type { GenerateWork, ScoreWork } from './works'

export const demoModel = resolve('resources/models/workbench-demo-base')

async function open(
  path: string,
  runtime: Runtime,
): Promise<{ readonly sampler: Sampler; readonly ms: number }> {
  const tokenizer = await openTokenizer(demoModel)
  const began = performance.now()
  const folder = await openModelFolder(path)
  const sampler = await openSampler({ runtime, folder, tokenizer })
  return { sampler, ms: performance.now() - began }
}

/** A soft prompt, then random text; every call gives other text, so nothing is remembered. */
function lanesMaker(width: number, vocabulary: number) {
  const random = rng(1, 'bench')
  return (count: number, slots: number, prompt: number): Sequence[] => {
    const rows = Float32Array.from({ length: prompt * width }, () => 0.1 * random.normal())
    return Array.from({ length: count }, () => ({
      rows,
      slots: Array.from({ length: slots }, (_, i) =>
        i < prompt ? -i - 1 : random.below(vocabulary),
      ),
    }))
  }
}

export async function openGenerate(
  work: GenerateWork,
  path: string,
  runtime: Runtime,
): Promise<Opened> {
  const { sampler, ms } = await open(path, runtime)
  const { hiddenSize, vocabularySize } = sampler.folder.config
  const make = lanesMaker(hiddenSize, vocabularySize)
  const { lanes, slots, prompt, tokens } = work
  const measure = async () => {
    const options = {
      maxTokens: tokens,
      temperature: 1,
      topP: 0.7,
      topK: 0,
      minP: 0,
      repetitionPenalty: 1,
      seed: 1,
      stopIds: [],
    }
    const began = performance.now()
    let [first, written] = [0, 0]
    for await (const reported of generate(sampler, make(lanes, slots, prompt), options)) {
      if (written === 0) first = performance.now() - began
      written += reported.length
    }
    const ms = performance.now() - began
    return { ms, firstTokenMs: first, perSecond: (1000 * written) / ms }
  }
  await measure()
  return { opened: { openingMs: ms }, measure, release: () => sampler.release() }
}

export async function openScore(work: ScoreWork, path: string, runtime: Runtime): Promise<Opened> {
  const { sampler, ms } = await open(path, runtime)
  const { hiddenSize, vocabularySize } = sampler.folder.config
  const make = lanesMaker(hiddenSize, vocabularySize)
  const random = rng(2, 'bench')
  /** like moves: a few tokens each */
  const continuations = Array.from({ length: work.continuations }, (_, i) =>
    Array.from({ length: 2 + (i % 3) }, () => random.below(vocabularySize)),
  )
  const measure = async () => {
    const [lane] = make(1, work.slots, 16)
    const began = performance.now()
    await scoreContinuations(sampler, lane!, continuations)
    const first = performance.now() - began
    await scoreContinuations(sampler, lane!, continuations)
    return { ms: first, againMs: performance.now() - began - first }
  }
  await measure()
  return { opened: { openingMs: ms }, measure, release: () => sampler.release() }
}
