// reference/generation: greedy continuations with a soft prompt before or after the text, alone and in one batch.
import { join } from 'node:path'
import { openTokenizer } from '../dataset/tokenizer'
import { emptyCache } from '../sample/cache'
import type { Chunk } from '../sample/decoder'
import { type GenerateOptions, generate, type Sequence } from '../sample/generate'
import { openSampler, type Sampler } from '../sample/prompted'
import { openModelFolder } from '../weights/model-folder'
import { compared, exact, type VerifyCase, type VerifyContext } from './case'
import { deviceOf } from './device'
import { type Golden, largestDifference, openGolden, readJson } from './golden'

interface GoldenCase {
  readonly case: string
  readonly model: string
  readonly prompt_ids: number[]
  readonly soft_prompt_tokens: number
  readonly soft_prompt_start_index: number
  readonly generated_ids: number[]
  readonly generated_text: string
  readonly logits: string
}

const check = 'generation'
const logitTolerance = 1e-4

const greedy: GenerateOptions = {
  maxTokens: 24,
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  seed: 0,
  stopIds: [],
}

/** The prompt's tokens with the soft prompt's slots among them. */
function laneOf(golden: GoldenCase, rows: Float32Array): Sequence {
  const { prompt_ids: ids, soft_prompt_start_index: start, soft_prompt_tokens: count } = golden
  const prompt = Array.from({ length: count }, (_, j) => -(j + 1))
  return { slots: [...ids.slice(0, start), ...prompt, ...ids.slice(start)], rows }
}

/** Greedy ids of every lane. */
async function greedyIds(sampler: Sampler, lanes: readonly Sequence[]): Promise<number[][]> {
  const ids: number[][] = lanes.map(() => [])
  for await (const step of generate(sampler, lanes, greedy))
    for (const { lane, token } of step) ids[lane]!.push(token)
  return ids
}

/** Logits of the slots that chose the golden ids, all in one pass. */
async function logitsOf(
  { decoder }: Sampler,
  { slots, rows }: Sequence,
  generated: readonly number[],
): Promise<Float32Array> {
  const all = [...slots, ...generated.slice(0, -1)]
  const width = all.length
  const wanted = generated.map((_, i) => i)
  const chunk: Chunk = {
    lanes: 1,
    width,
    slots: Int32Array.from(all),
    prompt: rows ?? new Float32Array(0),
    positions: Int32Array.from(all.keys()),
    counts: Int32Array.of(width),
    head: { rows: wanted.map(i => slots.length - 1 + i), wanted, picks: [] },
  }
  return (await decoder.look(emptyCache(decoder.shape, 1), chunk)).logits
}

async function* modelCases(
  sampler: Sampler,
  cases: readonly GoldenCase[],
  golden: Golden,
  slack: number,
): AsyncGenerator<VerifyCase, void> {
  const rows = await golden.floats(`${cases[0]!.model}.soft_prompt`)
  const lanes = cases.map(one => laneOf(one, rows))
  const batched = await greedyIds(sampler, lanes)
  for (const [i, each] of cases.entries()) {
    const ids = each.generated_ids
    const [alone = []] = await greedyIds(sampler, [lanes[i]!])
    yield exact(check, `${each.case} alone`, alone, ids)
    yield exact(check, `${each.case} in a batch`, batched[i]!, ids)
    const text = await sampler.tokenizer.decode(alone)
    yield exact(check, `${each.case} text`, [text], [each.generated_text])
    const error = largestDifference(
      await logitsOf(sampler, lanes[i]!, ids),
      await golden.floats(each.logits),
    )
    yield compared(check, `${each.case} logits`, error, slack * logitTolerance)
  }
}

export async function* verifyGeneration(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const { runtime, slack } = await deviceOf(context)
  const folder = join(context.reference, 'generation')
  const { cases } = await readJson<{ cases: GoldenCase[] }>(folder, 'generation.json')
  const golden = await openGolden(folder, 'generation.safetensors')
  for (const model of new Set(cases.map(each => each.model))) {
    const opened = await openModelFolder(join(context.models, model))
    const tokenizer = await openTokenizer(opened.path)
    const sampler = await openSampler({ runtime, folder: opened, tokenizer })
    try {
      const own = cases.filter(each => each.model === model)
      yield* modelCases(sampler, own, golden, slack)
    } finally {
      await sampler.release()
    }
  }
}
