// Text from a model, token by token, several lanes at once. A lane's tokens depend on its own slots, its label and the
// seed alone: never on the lanes beside it.
import { type Rng, rng } from '../batch/rng'
import type { SamplingSpec } from '../contract/run'
import { type Cache, rearranged } from './cache'
import type { Chunk, Decoder } from './decoder'
import { distribution, draw, type PickOptions, type TokenLogProb, topTokens } from './pick'
import { type Lane, prefill } from './prefill'
import type { Sampler } from './prompted'

export type { Lane } from './prefill'

export interface GenerateOptions extends SamplingSpec {
  readonly seed: number
  /** tokens that end a lane; they are told, with done 'end' */
  readonly stopIds: readonly number[]
  /** how many alternatives are told with each token; default none */
  readonly top?: number
}

export interface GeneratedToken {
  /** index of the lane as it was given */
  readonly lane: number
  readonly token: number
  /** natural log of the model's own probability: temperature 1, nothing left out */
  readonly logProb: number
  readonly top: readonly TokenLogProb[]
  /** why the lane ends with this token */
  readonly done: 'end' | 'length' | undefined
}

/** A lane that goes on. */
interface Running {
  readonly lane: number
  readonly random: Rng
  /** ids so far, for the repetition penalty */
  readonly history: number[]
  readonly written: number
}

interface Next {
  readonly running: Running
  readonly told: GeneratedToken
}

function nextToken(
  running: Running,
  logits: Float32Array,
  logZ: number,
  options: GenerateOptions,
): Next {
  const { lane, random, history } = running
  const pick: PickOptions = options
  const token = draw(distribution(logits, history, pick, logZ), random)
  const written = running.written + 1
  const ends = options.stopIds.includes(token)
  const done = ends ? 'end' : written >= options.maxTokens ? 'length' : undefined
  history.push(token)
  return {
    running: { ...running, written },
    told: {
      lane,
      token,
      logProb: logits[token]! - logZ,
      top: topTokens(logits, options.top ?? 0, logZ),
      done,
    },
  }
}

/** One slot a lane: the token that was written last. */
function stepChunk(cache: Cache, running: readonly Running[]): Chunk {
  const lanes = running.length
  const rows = running.map((_, b) => b)
  return {
    lanes,
    width: 1,
    slots: Int32Array.from(running, ({ history }) => history.at(-1)!),
    prompt: new Float32Array(0),
    positions: Int32Array.from(cache.lengths),
    counts: new Int32Array(lanes).fill(1),
    head: { rows, wanted: rows, picks: [] },
  }
}

/** Lanes that are done leave the batch. */
function withoutDone(cache: Cache, next: readonly Next[]): { cache: Cache; running: Running[] } {
  const kept = [...next.keys()].filter(i => next[i]!.told.done === undefined)
  const running = kept.map(i => next[i]!.running)
  const all = kept.length === next.length || kept.length === 0
  return { cache: all ? cache : rearranged(cache, kept), running }
}

function start(lanes: readonly Lane[], seed: number): Running[] {
  return lanes.map(({ slots, label }, lane) => {
    const history = slots.filter(slot => slot >= 0)
    return { lane, random: rng(seed, `lane ${label ?? lane}`), history, written: 0 }
  })
}

interface Distinct {
  readonly lanes: readonly Lane[]
  /** for each lane as given, its place among the distinct ones */
  readonly placeOf: readonly number[]
}

/** Several samples of one prompt begin alike: their beginning is computed once. */
function distinct(lanes: readonly Lane[]): Distinct {
  const places = new Map<string, number>()
  const kept: Lane[] = []
  const prompts = new Map<Float32Array | undefined, number>()
  const placeOf = lanes.map(lane => {
    if (!prompts.has(lane.rows)) prompts.set(lane.rows, prompts.size)
    const key = `${prompts.get(lane.rows)}|${lane.slots.join()}`
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, kept.length)
    return kept.push(lane) - 1
  })
  return { lanes: kept, placeOf }
}

interface Ahead {
  readonly cache: Cache
  /** [lanes, V] */
  readonly logits: Float32Array
  /** [lanes] */
  readonly logZ: Float32Array
}

/** The state of all lanes after their beginnings, in the order given. */
async function begin(
  decoder: Decoder,
  lanes: readonly Lane[],
  signal: AbortSignal | undefined,
): Promise<Ahead> {
  const { lanes: own, placeOf } = distinct(lanes)
  const first = await prefill(decoder, own, () => ({ wanted: true, picks: [] }), signal)
  const rowOf = placeOf.map(place => first.laneOf.indexOf(place))
  const width = decoder.vocabularySize
  const logits = new Float32Array(lanes.length * width)
  for (const [i, row] of rowOf.entries())
    logits.set(first.logits.subarray(row * width, (row + 1) * width), i * width)
  const same = own.length === lanes.length
  const cache = same ? first.cache : rearranged(first.cache, placeOf)
  return { cache, logits, logZ: Float32Array.from(rowOf, row => first.logZ[row]!) }
}

async function* steps(
  decoder: Decoder,
  lanes: readonly Lane[],
  options: GenerateOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratedToken[], void> {
  let { cache, logits, logZ } = await begin(decoder, lanes, signal)
  let running = start(lanes, options.seed)
  for (;;) {
    const width = decoder.vocabularySize
    const next = running.map((each, i) =>
      nextToken(each, logits.subarray(i * width, (i + 1) * width), logZ[i]!, options),
    )
    const told = next.map(each => each.told).sort((a, b) => a.lane - b.lane)
    const rest = withoutDone(cache, next)
    yield told
    running = rest.running
    if (running.length === 0 || signal?.aborted) return
    const result = await decoder.extend(rest.cache, stepChunk(rest.cache, running))
    cache = result.cache
    logits = result.logits
    logZ = result.logZ
  }
}

/**
 * Continues every lane; each step yields one token of every lane that still runs, by lane.
 * After an abort it ends without a word (before the first token with a fault `cancelled`).
 * Faults: usage (an empty lane), shape, diverged (logits that are no numbers), cancelled.
 */
export async function* generate(
  sampler: Sampler,
  lanes: readonly Lane[],
  options: GenerateOptions,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken[], void> {
  if (lanes.length === 0 || options.maxTokens === 0) return
  yield* steps(sampler.decoder, lanes, options, signal)
}
