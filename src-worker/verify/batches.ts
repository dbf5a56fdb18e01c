// reference/batches: slots, labels and losses of the text tasks as the original prepared them, and its lanes.
import type { Example, Lane } from '../stream/example'
import { type LabelMatrix, lengthToFirstPad, masked } from '../stream/labels'
import { fillLanes, type HeldExample, type LaneKind, type StreamExample } from '../stream/lanes'
import { toMicroBatch } from '../stream/micro-batch'
import { autoregressive, favorFuture, type Labeller, repetition, skipTokens } from '../stream/pack'
import { compared, exact, part, type VerifyCase, type VerifyContext } from './case'
import { largestDifference, openGolden, present, readJson, tokenizerNamed } from './golden'

interface PreparedCase {
  /** skip_tokens, trivial_repetition, favor_future; what else there is labels every token */
  readonly task: string
  readonly parameters: {
    readonly skip_count?: number
    readonly string?: string
    readonly token_lookahead_count?: number
  }
  readonly tokenizer: string
  readonly batch: string
  readonly P: number
  readonly samples: readonly number[][]
  readonly start_indices: readonly number[]
  readonly repeated_token_ids?: readonly number[]
  readonly slots: readonly number[][]
  readonly labels: readonly number[][]
  readonly weights?: readonly number[][]
  readonly trained_token_count: number
  readonly loss_label_shift: number
  readonly contributing_label_count: number
  readonly loss?: number | null
}

interface PreparedFile {
  readonly favor_future_tensor_file?: string
  readonly cases: readonly PreparedCase[]
}

interface LoaderCase {
  readonly batch_size: number
  readonly sample_length_in_tokens: number
  readonly discard_truncated_samples: boolean
  readonly sequences: readonly number[][]
  readonly batches: readonly number[][][]
  readonly sequences_consumed_after_each_batch?: readonly number[]
}

const check = 'batches'
const none = new Float32Array(0)

function labellerOf({ task, parameters, repeated_token_ids }: PreparedCase): Labeller {
  if (task === 'skip_tokens') return skipTokens(parameters.skip_count ?? 0)
  if (task === 'trivial_repetition') return repetition(repeated_token_ids ?? [])
  if (task === 'favor_future') return favorFuture(parameters.token_lookahead_count ?? 0)
  return autoregressive
}

const lanesOf = (golden: PreparedCase): Lane[] =>
  golden.samples.map((ids, b) => ({
    ids: Int32Array.from(ids),
    conditions: none,
    start: golden.start_indices[b] ?? 0,
    document: b,
  }))

const nameOf = ({ task, parameters, tokenizer, batch, P }: PreparedCase): string =>
  [task, ...Object.values(parameters), tokenizer, batch, `P ${P}`].join(' ')

function countingLabels(matrix: LabelMatrix): number {
  let count = 0
  for (let i = 0; i < matrix.labels.length; i++)
    if (i % matrix.slotsPerLane >= matrix.shift && matrix.labels[i] !== masked) count += 1
  return count
}

function* verifyPrepared(golden: PreparedCase): Generator<VerifyCase, void> {
  const name = nameOf(golden)
  const lanes = lanesOf(golden)
  const matrix = labellerOf(golden)(lanes, golden.P, true)
  yield exact(check, `${name} slots`, [...matrix.slots], golden.slots.flat())
  yield exact(check, `${name} labels`, [...matrix.labels], golden.labels.flat())
  yield exact(
    check,
    `${name} counts`,
    [matrix.shift, matrix.tokenCount, countingLabels(matrix)],
    [golden.loss_label_shift, golden.trained_token_count, golden.contributing_label_count],
  )
  const tokens = lanes.reduce((total, lane) => total + lengthToFirstPad(lane), 0)
  yield exact(check, `${name} tokens`, [tokens], [golden.trained_token_count])
  if (golden.weights === undefined) return
  yield exact(check, `${name} weights`, [...(matrix.weights ?? [])], golden.weights.flat())
  const { divisor } = toMicroBatch(matrix, lanes).batch
  const undefinedLoss = 'loss' in golden && golden.loss === null
  if (undefinedLoss) yield exact(check, `${name} divides by zero`, [divisor], [0])
}

/** loss = Σ weight·nll / divisor and its gradient by the logits, in float64.   logits: [B·S, V] */
function lossOf(
  logits: Float32Array,
  width: number,
  { rows, labels, weights, divisor }: ReturnType<typeof toMicroBatch>['batch'],
): { readonly loss: number; readonly gradient: Float64Array } {
  const gradient = new Float64Array(logits.length)
  let loss = 0
  rows.forEach((row, r) => {
    const at = row * width
    const share = (weights[r] ?? 0) / divisor
    const line = logits.subarray(at, at + width)
    const most = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    const total = line.reduce((a, b) => a + Math.exp(b - most), 0)
    const label = labels[r] ?? 0
    loss += share * (Math.log(total) + most - (line[label] ?? 0))
    for (let v = 0; v < width; v++)
      gradient[at + v] = share * (Math.exp((line[v] ?? 0) - most) / total - (v === label ? 1 : 0))
  })
  return { loss, gradient }
}

async function* verifyFavorFutureLoss(
  folder: string,
  { cases, favor_future_tensor_file: file = 'favor_future.safetensors' }: PreparedFile,
): AsyncGenerator<VerifyCase, void> {
  const weighted = cases.filter(each => each.task === 'favor_future')
  if (weighted.length === 0) return
  const golden = await openGolden(folder, file)
  for (const each of weighted) {
    const key = `${each.tokenizer}.${each.batch}.p${each.P}`
    if (!golden.has(`${key}.logits`)) continue
    const lanes = lanesOf(each)
    const { batch } = toMicroBatch(labellerOf(each)(lanes, each.P, true), lanes)
    const width = golden.shape(`${key}.logits`).at(-1) ?? 1
    const { loss, gradient } = lossOf(await golden.floats(`${key}.logits`), width, batch)
    const wanted = each.loss ?? Number.NaN
    const lossError = Math.abs(loss - wanted) / Math.abs(wanted)
    yield compared(check, `${key} favor_future loss`, lossError, 1e-6)
    if (!golden.has(`${key}.logits_grad`)) continue
    const error = largestDifference(gradient, await golden.floats(`${key}.logits_grad`))
    yield compared(check, `${key} favor_future logit gradient`, error, 1e-6)
  }
}

/** Lanes of a batch as the original padded them. */
const padded = (lanes: readonly { readonly ids: Int32Array }[]): number[][] => {
  const longest = Math.max(...lanes.map(lane => lane.ids.length))
  return lanes.map(({ ids }) => Array.from({ length: longest }, (_, t) => ids[t] ?? 0))
}

async function* verifyLoader(golden: LoaderCase, name: string): AsyncGenerator<VerifyCase, void> {
  const kind: LaneKind = golden.discard_truncated_samples ? 'fresh' : 'persistent'
  let taken = 0
  const next = async (): Promise<StreamExample | undefined> => {
    const ids = golden.sequences[taken]
    if (ids === undefined) return undefined
    const example: Example = { ids: Int32Array.from(ids), conditions: none }
    return { epoch: 0, position: taken, document: taken++, example }
  }
  let held: readonly (HeldExample | undefined)[] = new Array(golden.batch_size).fill(undefined)
  for (const [i, wanted] of golden.batches.entries()) {
    const filled = await fillLanes(held, golden.sample_length_in_tokens, kind, next)
    yield exact(check, `${name} batch ${i}`, padded(filled?.lanes ?? []).flat(), wanted.flat())
    if (filled === undefined) return
    held = filled.held
    const consumed = golden.sequences_consumed_after_each_batch?.[i] ?? taken
    yield exact(check, `${name} batch ${i} sequences taken`, [taken], [consumed])
  }
  if (golden.sequences_consumed_after_each_batch !== undefined) return
  const after = await fillLanes(held, golden.sample_length_in_tokens, kind, next)
  yield exact(check, `${name} ends`, [after === undefined], [true])
}

async function* verifyAllPrepared(
  context: VerifyContext,
  folder: string,
): AsyncGenerator<VerifyCase, void> {
  const file = await readJson<PreparedFile>(folder, 'preparers.json')
  for (const golden of file.cases) yield* part(check, nameOf(golden), verifyPrepared(golden))
  yield* verifyRepeatedIds(context, file.cases)
  yield* part(check, 'favor_future losses', verifyFavorFutureLoss(folder, file))
}

async function* verifyLoaders(folder: string): AsyncGenerator<VerifyCase, void> {
  const loader = await readJson<{ cases: LoaderCase[] }>(folder, 'persistent_batches.json')
  for (const [i, golden] of loader.cases.entries())
    yield* part(check, `lanes ${i}`, verifyLoader(golden, `lanes ${i}`))
}

export async function* verifyBatches(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const folder = await present(context.reference, check)
  yield* part(check, 'tasks', verifyAllPrepared(context, folder))
  yield* part(check, 'loaders', verifyLoaders(folder))
}

/** The original repeated whatever its tokenizer gave, Llama's `<s>` included. */
async function* verifyRepeatedIds(
  context: VerifyContext,
  cases: readonly PreparedCase[],
): AsyncGenerator<VerifyCase, void> {
  const seen = new Set<string>()
  for (const each of cases) {
    const key = `${each.tokenizer} repeats ${each.parameters.string}`
    if (each.repeated_token_ids === undefined || seen.has(key)) continue
    seen.add(key)
    yield* part(check, key, repeatedIds(context, each, key))
  }
}

async function* repeatedIds(
  context: VerifyContext,
  { tokenizer: name, parameters, repeated_token_ids: wanted = [] }: PreparedCase,
  key: string,
): AsyncGenerator<VerifyCase, void> {
  const tokenizer = await tokenizerNamed(context, name)
  yield exact(check, key, await tokenizer.encode(parameters.string ?? ''), wanted)
}
