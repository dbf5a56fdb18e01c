// Text from a model, token by token, several lanes at once. A lane's tokens depend on its own slots, its label and the
// seed alone: never on the lanes beside it.

import type { SamplingSpec } from '../contract/run-spec'
import { steadyLengthOf } from '../model/rope'
import { type Rng, rng } from '../stream/rng'
import { type Cache, rearranged } from './cache'
import type { Chunk, Decoder } from './decoder'
import { distribution, draw, type TokenLogProb, topTokens } from './pick'
import type { Sequence } from './prefill'
import { type DecodeState, prefillDistinct } from './prefill-distinct'
import type { Sampler } from './prompted'
import type { StepWriter, WrittenToken } from './step-writer'

export type { Sequence } from './prefill'

export interface GenerateOptions extends SamplingSpec {
  readonly seed: number
  /** tokens that end a lane; they are reported, with done 'end' */
  readonly stopIds: readonly number[]
  /** how many alternatives are reported with each token; default none */
  readonly top?: number
  /** lanes that are no longer wanted: the caller adds to it between steps */
  readonly dropped?: ReadonlySet<number>
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
  written: number
}

/** Writes a token down; its random number is drawn already. */
function accept(
  running: Running,
  { token, logProb, top }: WrittenToken,
  options: GenerateOptions,
): GeneratedToken {
  running.history.push(token)
  running.written++
  const ends = options.stopIds.includes(token)
  const done = ends ? 'end' : running.written >= options.maxTokens ? 'length' : undefined
  return { lane: running.lane, token, logProb, top: top.slice(0, options.top ?? 0), done }
}

function nextToken(
  { random, history }: Running,
  logits: Float32Array,
  logZ: number,
  options: GenerateOptions,
): WrittenToken {
  const token = draw(distribution(logits, history, options, logZ), random)
  return { token, logProb: logits[token]! - logZ, top: topTokens(logits, options.top ?? 0, logZ) }
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

interface Going {
  readonly cache: Cache
  readonly running: readonly Running[]
}

/** Lanes that are done leave the batch. */
function without({ cache, running }: Going, done: ReadonlySet<number>): Going {
  const kept = [...running.keys()].filter(i => !done.has(running[i]!.lane))
  const left = kept.map(i => running[i]!)
  const same = kept.length === running.length || kept.length === 0
  return { cache: same ? cache : rearranged(cache, kept), running: left }
}

function start(lanes: readonly Sequence[], seed: number): Running[] {
  return lanes.map(({ slots, label, seed: own = seed }, lane) => {
    const history = slots.filter(slot => slot >= 0)
    return { lane, random: rng(own, `lane ${label ?? lane}`), history, written: 0 }
  })
}

/** One token of every lane from its logits. */
function chosen({ running }: Going, ahead: Omit<DecodeState, 'cache'>, options: GenerateOptions) {
  const width = ahead.logits.length / running.length
  return running.map((each, i) => {
    const logits = ahead.logits.subarray(i * width, (i + 1) * width)
    return accept(each, nextToken(each, logits, ahead.logZ[i]!, options), options)
  })
}

/** Lanes that end with this step, and those that are no longer wanted. */
const endedOf = (reported: readonly GeneratedToken[], { dropped }: GenerateOptions): Set<number> =>
  new Set([
    ...reported.filter(each => each.done !== undefined).map(each => each.lane),
    ...(dropped ?? []),
  ])

/** One step a run. */
async function* singly(
  decoder: Decoder,
  from: Going,
  options: GenerateOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratedToken[], void> {
  let going = from
  while (going.running.length > 0 && !signal?.aborted) {
    const { running } = going
    const { cache, ...ahead } = await decoder.extend(going.cache, stepChunk(going.cache, running))
    going = { cache, running }
    const reported = chosen(going, ahead, options)
    yield reported
    going = without(going, endedOf(reported, options))
  }
}

/** Many steps a run; what a lane writes behind its end is dropped. */
async function* inRuns(
  writer: StepWriter,
  from: Going,
  options: GenerateOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratedToken[], void> {
  let going = from
  while (going.running.length > 0 && !signal?.aborted) {
    const { running } = going
    const longest = Math.max(...running.map(each => options.maxTokens - each.written))
    const steps = Math.min(writer.stepsPerRun, longest)
    const lanes = running.map(({ history, random }) => ({
      history: [...history],
      uniforms: Array.from({ length: steps }, () => random.uniform()),
    }))
    const { cache, written } = await writer.write(going.cache, lanes, options)
    const done = new Set<number>()
    for (const tokens of written) {
      if (signal?.aborted) return
      const reported = running.flatMap((each, i) =>
        done.has(each.lane) ? [] : [accept(each, tokens[i]!, options)],
      )
      if (reported.length > 0) yield reported
      for (const lane of endedOf(reported, options)) done.add(lane)
    }
    going = without({ cache, running }, done)
  }
}

/** Lanes whose rope looks at their length: all of each lane is read again for each token. */
async function* rereading(
  decoder: Decoder,
  lanes: readonly Sequence[],
  from: readonly Running[],
  options: GenerateOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<GeneratedToken[], void> {
  let running = from
  while (running.length > 0 && !signal?.aborted) {
    const now = running.map(({ lane, history, written }) => {
      const { slots, ...rest } = lanes[lane]!
      return { ...rest, slots: [...slots, ...history.slice(history.length - written)] }
    })
    const ahead = await prefillDistinct(decoder, now, signal)
    const reported = chosen({ cache: ahead.cache, running }, ahead, options)
    yield reported
    const ended = endedOf(reported, options)
    running = running.filter(({ lane }) => !ended.has(lane))
  }
}

/**
 * Continues every lane; each step yields one token of every lane that still runs, by lane.
 * After an abort it ends without a word (before the first token with a fault `cancelled`).
 * Faults: usage (an empty lane), shape, diverged (logits that are no numbers), cancelled.
 */
export async function* generate(
  sampler: Sampler,
  lanes: readonly Sequence[],
  options: GenerateOptions,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken[], void> {
  if (lanes.length === 0 || options.maxTokens === 0) return
  const { decoder } = sampler
  const running = start(lanes, options.seed)
  const longest = lanes.reduce((most, { slots }) => Math.max(most, slots.length), 0)
  if (longest + options.maxTokens > steadyLengthOf(decoder.folder.config.ropes)) {
    yield* rereading(decoder, lanes, running, options, signal)
    return
  }
  const ahead = await prefillDistinct(decoder, lanes, signal)
  const first: Going = { cache: ahead.cache, running }
  const reported = chosen(first, ahead, options)
  yield reported
  const going = without(first, endedOf(reported, options))
  if (going.running.length === 0) return
  if (decoder.writer === undefined) yield* singly(decoder, going, options, signal)
  else yield* inRuns(await decoder.writer(), going, options, signal)
}
