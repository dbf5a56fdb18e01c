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

function start(lanes: readonly Lane[], laneOf: readonly number[], seed: number): Running[] {
  return laneOf.map(lane => {
    const { slots, label = lane } = lanes[lane]!
    const history = slots.filter(slot => slot >= 0)
    return { lane, random: rng(seed, `lane ${label}`), history, written: 0 }
  })
}

async function* steps(
  decoder: Decoder,
  lanes: readonly Lane[],
  options: GenerateOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratedToken[], void> {
  const first = await prefill(decoder, lanes, () => ({ wanted: true, picks: [] }), signal)
  let running = start(lanes, first.laneOf, options.seed)
  // lanes that end in an earlier piece of the prefill come first in its outputs; the cache has them in their own order
  let cache = rearranged(first.cache, first.laneOf)
  let { logits, logZ } = { logits: first.logits, logZ: first.logZ }
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
