// How probable given texts are after a prefix: one pass over the prefix, one short pass over all continuations.
import { Fault } from '../contract/fault'
import { steadyLengthOf } from '../model/rope'
import { type ContinuationTree, continuationTree } from '../program/score'
import type { Cache } from './cache'
import type { Chunk, Decoder } from './decoder'
import { lookWhole, prefill, type Sequence } from './prefill'
import type { Sampler } from './prompted'

export interface ContinuationScore {
  /** natural log of the probability of the whole continuation; 0 for an empty one */
  readonly logProb: number
  readonly perToken: readonly number[]
}

/** Tokens that one pass reads at most: the scores among them are their square. */
const widestTree = 512

/** Neighbours in groups whose trees stay narrow enough. */
function groupsOf(continuations: readonly (readonly number[])[]): (readonly number[])[][] {
  const groups: (readonly number[])[][] = [[]]
  let width = 0
  for (const continuation of continuations) {
    if (width + continuation.length > widestTree && width > 0) {
      groups.push([])
      width = 0
    }
    width += continuation.length
    groups.at(-1)!.push(continuation)
  }
  return groups
}

function chunkOf(
  tree: ContinuationTree,
  prefixLength: number,
  picks: Chunk['head']['picks'],
): Chunk {
  const width = tree.tokens.length
  return {
    lanes: 1,
    width,
    slots: tree.tokens,
    prompt: new Float32Array(0),
    positions: tree.depths.map(depth => prefixLength + depth),
    counts: Int32Array.of(width),
    mask: tree.mask,
    head: { rows: Array.from({ length: width }, (_, i) => i), wanted: [], picks },
  }
}

/** log p of every token but the first of each continuation. */
async function laterTokens(
  decoder: Decoder,
  cache: Cache,
  group: readonly (readonly number[])[],
): Promise<number[][]> {
  const tree = continuationTree(group)
  const picks = group.flatMap((continuation, i) =>
    continuation.slice(1).map((token, t): [number, number] => [tree.after[i]![t + 1]!, token]),
  )
  if (picks.length === 0) return group.map(() => [])
  const { scores } = await decoder.look(cache, chunkOf(tree, cache.lengths[0]!, picks))
  let at = 0
  return group.map(continuation => {
    const from = at
    at += Math.max(0, continuation.length - 1)
    return [...scores.subarray(from, at)]
  })
}

/** Whether a lane becomes so long that its rope looks at its length. */
function lookAtLengths(
  { folder }: Decoder,
  { slots }: Sequence,
  continuations: readonly (readonly number[])[],
): boolean {
  const longest = continuations.reduce((most, { length }) => Math.max(most, length), 0)
  return slots.length + longest > steadyLengthOf(folder.config.ropes)
}

/** Each continuation behind the prefix as one lane, read whole. */
async function scoreWhole(
  decoder: Decoder,
  prefix: Sequence,
  continuations: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
): Promise<ContinuationScore[]> {
  const scores: ContinuationScore[] = []
  for (const continuation of continuations) {
    if (signal?.aborted) throw new Fault('cancelled', 'scoring was stopped', 'Start it again.')
    const lane = { ...prefix, slots: [...prefix.slots, ...continuation] }
    const rows = continuation.map((_, i) => prefix.slots.length - 1 + i)
    const picks = continuation.map((token, i): [number, number] => [i, token])
    const found =
      continuation.length === 0
        ? []
        : await lookWhole(decoder, lane, { rows, wanted: [], picks }).then(l => [...l.scores])
    scores.push({ logProb: found.reduce((sum, x) => sum + x, 0), perToken: found })
  }
  return scores
}

/**
 * Scores continuations of one prefix, which may hold a soft prompt.
 * Faults: usage (the prefix is empty), shape, cancelled.
 */
export async function scoreContinuations(
  sampler: Sampler,
  prefix: Sequence,
  continuations: readonly (readonly number[])[],
  signal?: AbortSignal,
): Promise<ContinuationScore[]> {
  const { decoder, memory } = sampler
  if (lookAtLengths(decoder, prefix, continuations))
    return scoreWhole(decoder, prefix, continuations, signal)
  const firsts = continuations.flatMap(continuation => continuation.slice(0, 1))
  const atEnd = () => ({ wanted: false, picks: firsts })
  const { cache, scores } = await prefill(decoder, [prefix], atEnd, signal, memory.take(prefix))
  const later: number[][] = []
  for (const group of groupsOf(continuations))
    later.push(...(await laterTokens(decoder, cache, group)))
  memory.keep(prefix, cache)
  let first = 0
  return continuations.map((continuation, i) => {
    const perToken = continuation.length === 0 ? [] : [scores[first++]!, ...later[i]!]
    return { logProb: perToken.reduce((sum, x) => sum + x, 0), perToken }
  })
}

/** log p of every token of the vocabulary after the prefix: [V]. */
export async function nextTokenLogProbs(
  sampler: Sampler,
  prefix: Sequence,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const atEnd = () => ({ wanted: true, picks: [] })
  const { decoder, memory } = sampler
  const before = memory.take(prefix)
  const { cache, logits, logZ } = await prefill(decoder, [prefix], atEnd, signal, before)
  if (cache.lengths[0]! > 0) memory.keep(prefix, cache)
  return logits.map(logit => logit - logZ[0]!)
}
