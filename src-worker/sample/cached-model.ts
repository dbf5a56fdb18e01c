// A model with one soft prompt or none, for players that ask it again and again about a growing text: what it has
// read stays in its key-value cache, so a move costs a few tokens and not the whole game.

import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { Fault } from '../contract/fault'
import { type Snapshot, trainedPlace } from '../contract/snapshot'
import { conditionCount } from '../prompt/rows'
import { fixedStart } from '../stream/lanes'
import type { Chunk, Extended } from './decoder'
import { type EndedScore, groupsOf, scoreGroup } from './ended-scores'
import { placedLane } from './place-slots'
import { prefill, type Sequence } from './prefill'
import { prefixMemory } from './prefix'
import type { Sampler } from './prompted'

export interface CachedModelOptions {
  /** absent: the bare model */
  readonly snapshot?: Snapshot
  /** put the tokenizer's start token before the text, as the baseline of that name */
  readonly startToken?: boolean
}

export interface CachedModel {
  readonly sampler: Sampler
  readonly snapshot: Snapshot | undefined
  /** how many conditions the prompt is made from */
  readonly conditions: number
  /** text and soft prompt as slots, for generating */
  lane(ids: readonly number[], conditions: readonly number[]): Promise<Sequence>
  /** log p of every token of the vocabulary after the text: [V] */
  next(
    ids: readonly number[],
    conditions: readonly number[],
    signal?: AbortSignal,
  ): Promise<Float32Array>
  /** how probable each continuation (one token at least) is, and that it ends there */
  continuations(query: {
    readonly ids: readonly number[]
    readonly conditions: readonly number[]
    readonly texts: readonly (readonly number[])[]
    /** tokens with which a continuation ends */
    readonly ends: Int32Array
    readonly signal?: AbortSignal
  }): Promise<EndedScore[]>
}

/** Texts that are remembered, each with other conditions. */
const remembered = 2
/** Rows of prompts that are remembered. */
const rowsKept = 32
/** Tokens put behind a remembered text at most; a longer rest is read from the start. */
const widestRest = 256

function startIds(sampler: Sampler): readonly number[] {
  const { tokenizer, folder } = sampler
  const id = tokenizer.bosTokenId ?? folder.config.bosTokenId ?? tokenizer.eosTokenId
  if (id !== undefined) return [id]
  throw new Fault(
    'bad-tokenizer',
    `${folder.id} names no start token, and without one there is nothing before the first token`,
    'Choose a snapshot, or give some text.',
  )
}

/** What the head is asked at the last slot of a text. */
type AtEnd = { readonly wanted: boolean; readonly picks: readonly number[] }

const restChunk = (rest: readonly number[], from: number, { wanted, picks }: AtEnd): Chunk => ({
  lanes: 1,
  width: rest.length,
  slots: Int32Array.from(rest),
  prompt: new Float32Array(0),
  positions: Int32Array.from(rest, (_, i) => from + i),
  counts: Int32Array.of(rest.length),
  head: {
    rows: [rest.length - 1],
    wanted: wanted ? [0] : [],
    picks: picks.map(token => [0, token] as const),
  },
})

/** Reads texts, remembering what it read. */
function reader(sampler: Sampler) {
  const memory = prefixMemory(remembered)
  const { decoder } = sampler
  return async (lane: Sequence, atEnd: AtEnd, signal?: AbortSignal): Promise<Extended> => {
    if (signal?.aborted) throw new Fault('cancelled', 'it was stopped', 'Ask again when you like.')
    // what fails half-way is not remembered: it has left the memory
    const known = memory.take(lane)
    const common = known?.lengths[0] ?? 0
    const rest = lane.slots.slice(common)
    const again = known === undefined || rest.length > widestRest || rest.some(slot => slot < 0)
    const result = again
      ? await prefill(decoder, [lane], () => atEnd, signal)
      : await decoder.extend(known, restChunk(rest, common, atEnd))
    memory.keep(lane, result.cache)
    return result
  }
}

type LaneOf = CachedModel['lane']

/** Places the soft prompt where it stood in training; its rows are made once for each line of conditions. */
function laneMaker(sampler: Sampler, { snapshot, startToken = false }: CachedModelOptions): LaneOf {
  const rowsOf = new LRUCache<string, Float32Array>({ max: rowsKept })
  const tokens = snapshot?.metadata.shape.tokens ?? 0
  return async (ids, conditions) => {
    const before = startToken || ids.length + tokens === 0 ? startIds(sampler) : []
    const text = before[0] !== undefined && ids[0] !== before[0] ? [...before, ...ids] : ids
    if (snapshot === undefined || tokens === 0) return { slots: text }
    const key = conditions.join(' ')
    const rows = rowsOf.get(key) ?? (await sampler.rows(snapshot, [conditions]))
    rowsOf.set(key, rows)
    const place = trainedPlace(snapshot.metadata)
    const start = place === 'end' ? text.length : fixedStart(place)(text.length)
    return placedLane({ ids: text, start, tokens }, rows, 0)
  }
}

/** Faults of its calls: shape (a prompt of another model, a wrong number of conditions), cancelled, engine. */
export function openCachedModel(sampler: Sampler, options: CachedModelOptions = {}): CachedModel {
  const { snapshot } = options
  const lane = laneMaker(sampler, options)
  const read = reader(sampler)
  // caches are changed in place
  const queue = pLimit(1)
  const shape = snapshot?.metadata.shape

  return {
    sampler,
    snapshot,
    conditions: shape === undefined ? 0 : conditionCount(shape),
    lane,
    next: (ids, conditions, signal) =>
      queue(async () => {
        const asked = await lane(ids, conditions)
        const { logits, logZ } = await read(asked, { wanted: true, picks: [] }, signal)
        return logits.map(logit => logit - logZ[0]!)
      }),
    continuations: ({ ids, conditions, texts, ends, signal }) =>
      queue(async () => {
        const asked = await lane(ids, conditions)
        const firsts = texts.map(text => text[0]!)
        const { cache, scores } = await read(asked, { wanted: false, picks: firsts }, signal)
        const results: EndedScore[] = []
        for (const group of groupsOf(texts)) {
          if (signal?.aborted) throw new Fault('cancelled', 'stopped', 'Ask again when you like.')
          results.push(...(await scoreGroup(sampler, cache, group, ends)))
        }
        return results.map((r, i) => ({ ...r, logProb: r.logProb + scores[i]! }))
      }),
  }
}
