// A folder with models/ and golden/ of many families (tests/reference/families): loss, gradient, logits, greedy tokens
// and scores against transformers in float64, in every spelling of config.json that lies in a model's folder.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { quantile } from '../analysis/numbers'
import type { ModelFolder } from '../contract/model'
import { openTokenizer } from '../dataset/tokenizer'
import { emptyCache } from '../sample/cache'
import { generate, type Sequence } from '../sample/generate'
import { openSampler, type Sampler } from '../sample/prompted'
import { scoreContinuations } from '../sample/score'
import { openTrainer, type Trainer } from '../train/trainer'
import { openModelFolder } from '../weights/model-folder'
import { Absent, compared, exact, part, type VerifyCase, type VerifyContext } from './case'
import { deviceOf, type VerifyDevice } from './device'
import { type Golden, largestDifference, openGolden, readJson, relativeError } from './golden'
import { type PromptedLanes, promptedBatch } from './prompted-batch'

const check = 'families'

/** What the README of the goldens suggests for float32. */
const limits = { loss: 2e-6, token: 2e-4, logits: 2e-4, gradient: 3e-5 }

interface Described {
  readonly model: string
  readonly float32_deviation: { readonly grad_rel: number }
  readonly tokenizer_check: {
    readonly text: string
    readonly ids: number[]
    readonly decoded: string
  }
  readonly cases: readonly DescribedCase[]
}

interface DescribedCase {
  readonly case: string
  /** rows of the prompt */
  readonly P: number
  /** how far transformers' float32 lies from the gradient; not given: of all cases together, in `float32_deviation` */
  readonly float32_gradient?: number
}

interface Opened {
  readonly folder: ModelFolder
  readonly described: Described
  readonly golden: Golden
  readonly device: VerifyDevice
  /** of the config, for the cases' names */
  readonly spelling: string
}

export async function* verifyFamilies(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const device = await deviceOf(context)
  // the set itself, or the folder of all references
  const places = [context.reference, join(context.reference, 'families')]
  const reference = places.find(place => existsSync(join(place, 'golden')))
  if (reference === undefined) throw new Absent(`no golden/ in ${places.join(' or ')}`)
  const found = await readdir(join(reference, 'golden'))
  for (const name of found.filter(each => each.endsWith('.json')).sort()) {
    const model = name.slice(0, -'.json'.length)
    yield* part(check, model, modelCases(reference, model, device))
  }
}

async function* modelCases(
  reference: string,
  model: string,
  device: VerifyDevice,
): AsyncGenerator<VerifyCase, void> {
  const path = join(reference, 'models', model)
  const described = await readJson<Described>(reference, 'golden', `${model}.json`)
  const golden = await openGolden(reference, 'golden', `${model}.safetensors`)
  const spellings = (await readdir(path)).filter(name => /^config\..*json$/.test(name)).sort()
  const folder = await openModelFolder(path)
  yield* oneSpelling({ folder, described, golden, device, spelling: 'config.json' })
  for (const spelling of spellings.filter(each => each !== 'config.json')) {
    const other = await openModelFolder(path, spelling)
    // the same settings make the same programs, byte for byte
    const same = JSON.stringify(other.config) === JSON.stringify(folder.config)
    if (same) yield compared(check, `${model} ${spelling} means the same`, 0, 0)
    else yield* oneSpelling({ folder: other, described, golden, device, spelling })
  }
}

async function* oneSpelling(opened: Opened): AsyncGenerator<VerifyCase, void> {
  const { folder, device } = opened
  const tokenizer = await openTokenizer(folder.path)
  const sampler = await openSampler({ runtime: device.runtime, folder, tokenizer })
  try {
    yield* tokenizerCases(opened, sampler)
    yield* greedyCase(opened, sampler)
    const { cases } = opened.described
    const tokens = cases[0]?.P ?? 0
    const shape = { type: 'direct', tokens, width: folder.config.hiddenSize } as const
    const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, clipNorm: 0 }
    const { runtime } = device
    const trainer = await openTrainer({
      runtime,
      model: folder,
      shape,
      optimizer,
      mode: 'weighted',
    })
    try {
      yield* allCases(opened, trainer, sampler)
    } finally {
      await trainer.release()
    }
  } finally {
    await sampler.release()
  }
}

/** Single gradients are off by luck, several times more or less than float32 elsewhere: their median is not. */
async function* allCases(opened: Opened, trainer: Trainer, sampler: Sampler) {
  const ratios: number[] = []
  for (const each of opened.described.cases) {
    const error = yield* numberCases(opened, trainer, sampler, each)
    if (each.float32_gradient) ratios.push(error / each.float32_gradient)
  }
  ratios.sort((a, b) => a - b)
  const title = titled(opened, 'gradients beside float32')
  if (ratios.length > 0)
    yield compared(check, title, quantile(ratios, 0.5), 2 * opened.device.slack)
}

const titled = ({ described, spelling }: Opened, what: string): string =>
  `${described.model}${spelling === 'config.json' ? '' : ` (${spelling})`} ${what}`

async function* tokenizerCases(opened: Opened, { tokenizer }: Sampler) {
  const { text, ids, decoded } = opened.described.tokenizer_check
  yield exact(check, titled(opened, 'token ids'), await tokenizer.encode(text), ids)
  yield exact(check, titled(opened, 'decoded text'), [await tokenizer.decode(ids)], [decoded])
}

async function* greedyCase(opened: Opened, sampler: Sampler) {
  const { golden } = opened
  const rows = await golden.floats('greedy.soft_prompt')
  const context = [...(await golden.integers('greedy.context_ids'))]
  const expected = [...(await golden.integers('greedy.generated_ids'))]
  const prompt = Array.from({ length: golden.shape('greedy.soft_prompt')[0]! }, (_, j) => -(j + 1))
  const lane: Sequence = { slots: [...prompt, ...context], rows }
  const greedy = { temperature: 0, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1, seed: 0 }
  const options = { ...greedy, maxTokens: expected.length, stopIds: [] }
  const found: number[] = []
  // beside a lane that begins later, as in a batch
  const lanes = [lane, { slots: context.slice(2), rows }]
  for await (const step of generate(sampler, lanes, options))
    found.push(...step.filter(each => each.lane === 0).map(each => each.token))
  yield exact(check, titled(opened, 'greedy tokens'), found, expected)
}

async function* numberCases(
  opened: Opened,
  trainer: Trainer,
  sampler: Sampler,
  { case: name, float32_gradient: ofCase }: DescribedCase,
): AsyncGenerator<VerifyCase, number> {
  const { golden, described, device, folder } = opened
  const { slack } = device
  const of = (field: string): string => `${name}.${field}`
  const [lanes, tokens] = golden.shape(of('token_ids')) as [number, number]
  const all: PromptedLanes = {
    lanes,
    tokens,
    ids: await golden.integers(of('token_ids')),
    starts: await golden.integers(of('start_indices')),
    labels: await golden.integers(of('labels')),
    conditions: new Float32Array(0),
  }
  const data = await golden.floats(of('soft_prompt'))
  const count = golden.shape(of('soft_prompt'))[0]!
  const batch = promptedBatch(all, count)
  const parameters = new Map([['embedding', { shape: [count, folder.config.hiddenSize], data }]])
  const perToken = await golden.doubles(of('per_token_loss'))
  const loss = (await golden.doubles(of('loss')))[0]!
  const { nll, loss: evaluated } = await trainer.evaluate(parameters, batch)
  const expected = Array.from(batch.rows, row => perToken[row + 1]!)
  const title = (what: string): string => titled(opened, `${name} ${what}`)
  const close = (what: string, error: number, limit: number): VerifyCase =>
    compared(check, title(what), error, limit * slack)
  yield close('tokens', largestDifference(nll, expected), limits.token)
  yield close('evaluated loss', Math.abs(evaluated - loss) / loss, limits.loss)
  const found = await trainer.gradient(parameters, batch)
  yield close('loss', Math.abs(found.loss - loss) / loss, limits.loss)
  const gradient = found.gradients.get('embedding')!.data
  const error = relativeError(gradient, await golden.doubles(of('soft_prompt_grad')))
  const limit = Math.max(limits.gradient, 10 * (ofCase ?? described.float32_deviation.grad_rel))
  yield close('gradient', error, limit)
  yield close('logits', await logitsError(opened, sampler, batch.slots, name, data), limits.logits)
  if (name === 'start') {
    const scored = await scoreError(
      sampler,
      batch.slots.subarray(0, batch.slotsPerLane),
      data,
      perToken,
    )
    yield close('scores', scored, limits.token)
  }
  return error
}

/** Of the rows (lane, slot) that the golden gives, each lane in one pass. */
async function logitsError(
  { golden }: Opened,
  { decoder }: Sampler,
  slots: Int32Array,
  name: string,
  prompt: Float32Array,
): Promise<number> {
  const at = await golden.integers(`${name}.logit_rows`)
  const expected = await golden.floats(`${name}.logits`)
  const lanes = golden.shape(`${name}.token_ids`)[0]!
  const width = slots.length / lanes
  const vocabulary = decoder.vocabularySize
  let most = 0
  for (let r = 0; r < at.length / 2; r++) {
    const [lane, slot] = [at[2 * r]!, at[2 * r + 1]!]
    const { logits } = await decoder.look(emptyCache(decoder.shape, 1), {
      lanes: 1,
      width,
      slots: slots.slice(lane * width, (lane + 1) * width),
      prompt,
      positions: Int32Array.from({ length: width }, (_, i) => i),
      counts: Int32Array.of(width),
      head: { rows: [slot], wanted: [0], picks: [] },
    })
    const row = expected.subarray(r * vocabulary, (r + 1) * vocabulary)
    most = Math.max(most, largestDifference(logits, row))
  }
  return most
}

/** Log-probabilities of the second half of a lane after its first half, and of a second continuation beside it. */
async function scoreError(
  sampler: Sampler,
  slots: Int32Array,
  rows: Float32Array,
  perToken: Float64Array,
): Promise<number> {
  const half = Math.floor(slots.length / 2)
  const prefix: Sequence = { slots: [...slots.subarray(0, half)], rows }
  const continuation = [...slots.subarray(half)]
  const other = [...continuation.slice(0, 3), 0, 1]
  const [found] = await scoreContinuations(sampler, prefix, [continuation, other])
  const expected = continuation.map((_, i) => -perToken[half + i]!)
  return largestDifference(found!.perToken, expected)
}
