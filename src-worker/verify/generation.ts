// reference/generation: greedy continuations with a soft prompt before or after the text, alone and in one batch.
import { join } from 'node:path'
import { emptyCache } from '../sample/cache'
import type { Chunk } from '../sample/decoder'
import { type GenerateOptions, generate, type Sequence } from '../sample/generate'
import { openSampler, type Sampler } from '../sample/prompted'
import { exact, measured, part, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import {
  type Golden,
  largestDifference,
  modelNamed,
  openGolden,
  readJson,
  tokenizerNamed,
} from './golden'

interface GoldenCase {
  readonly case: string
  readonly model: string
  readonly prompt_ids: number[]
  readonly soft_prompt_tokens: number
  readonly soft_prompt_start_index: number
  readonly generated_ids: number[]
  readonly generated_text: string
  readonly logits?: string
}

interface GoldenFile {
  readonly tensor_file?: string
  readonly cases: readonly GoldenCase[]
}

const check = 'generation'
const logitTolerance = 1e-4

const greedy: Omit<GenerateOptions, 'maxTokens'> = {
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

/** Greedy ids of every lane, `maxTokens` of each. */
async function greedyIds(
  sampler: Sampler,
  lanes: readonly Sequence[],
  maxTokens: number,
): Promise<number[][]> {
  const ids: number[][] = lanes.map(() => [])
  for await (const step of generate(sampler, lanes, { ...greedy, maxTokens }))
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

/** The rows of a case: its own, or as many of its model's as it takes. */
async function rowsOf(golden: Golden, each: GoldenCase, width: number): Promise<Float32Array> {
  const own = `${each.case}.soft_prompt`
  const count = each.soft_prompt_tokens
  if (count === 0) return new Float32Array(0)
  const rows = await golden.floats(golden.has(own) ? own : `${each.model}.soft_prompt`)
  return rows.subarray(0, count * width)
}

/** All cases of a model: alone, and in one batch as long as the longest. */
async function* modelCases(
  sampler: Sampler,
  cases: readonly GoldenCase[],
  golden: Golden,
  slack: number,
): AsyncGenerator<VerifyCase, void> {
  const { hiddenSize } = sampler.folder.config
  const rows = await Promise.all(cases.map(each => rowsOf(golden, each, hiddenSize)))
  const lanes = cases.map((each, i) => laneOf(each, rows[i]!))
  const longest = Math.max(...cases.map(each => each.generated_ids.length))
  const batched = await greedyIds(sampler, lanes, longest)
  for (const [i, each] of cases.entries()) {
    const ids = each.generated_ids
    const [alone = []] = await greedyIds(sampler, [lanes[i]!], ids.length)
    yield exact(check, `${each.case} alone`, alone, ids)
    yield exact(check, `${each.case} in a batch`, batched[i]!.slice(0, ids.length), ids)
    const text = await sampler.tokenizer.decode(alone)
    yield exact(check, `${each.case} text`, [text], [each.generated_text])
    const limit = slack * logitTolerance
    yield await measured(check, `${each.case} logits`, limit, async () =>
      largestDifference(
        await logitsOf(sampler, lanes[i]!, ids),
        await golden.floats(each.logits ?? `${each.case}.logits`),
      ),
    )
  }
}

async function* samplerCases(
  context: VerifyContext,
  { runtime, slack }: VerifyDevice,
  cases: readonly GoldenCase[],
  golden: Golden,
): AsyncGenerator<VerifyCase, void> {
  const { model } = cases[0]!
  const folder = await modelNamed(context, model)
  const tokenizer = await tokenizerNamed(context, model)
  const sampler = await openSampler({ runtime, folder, tokenizer })
  try {
    yield* modelCases(sampler, cases, golden, slack)
  } finally {
    await sampler.release()
  }
}

export async function* verifyGeneration(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = join(context.reference, check)
  const file = await readJson<GoldenFile>(folder, 'generation.json')
  const golden = await openGolden(folder, file.tensor_file ?? 'generation.safetensors')
  const device = await deviceOf(context)
  for (const model of new Set(file.cases.map(each => each.model))) {
    const own = file.cases.filter(each => each.model === model)
    yield* part(check, model, samplerCases(context, device, own, golden))
  }
}
