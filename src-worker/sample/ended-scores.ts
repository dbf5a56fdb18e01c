// How probable continuations of a text that was read are, each with its end: "e2e4" and then no further letter.
import { continuationTree } from '../program/score'
import type { Cache } from './cache'
import type { HeadRows } from './decoder'
import { logSumExp } from './pick'
import type { Sampler } from './prompted'

export interface EndedScore {
  /** natural log of the probability of the continuation's tokens */
  readonly logProb: number
  /** natural log of the probability that one of the ends follows it */
  readonly endLogProb: number
}

/** Continuations and tokens that one pass scores at most. */
const widestGroup = 64
const widestTree = 512

/** Neighbours in groups that one pass scores. */
export function groupsOf(texts: readonly (readonly number[])[]): (readonly number[])[][] {
  const groups: (readonly number[])[][] = [[]]
  let width = 0
  for (const text of texts) {
    const full = groups.at(-1)!.length >= widestGroup || width + text.length > widestTree
    if (full && width > 0) {
      groups.push([])
      width = 0
    }
    width += text.length
    groups.at(-1)!.push(text)
  }
  return groups
}

/** log p of each text's tokens but the first, summed, and log p of an end behind it. */
export async function scoreGroup(
  sampler: Sampler,
  cache: Cache,
  group: readonly (readonly number[])[],
  ends: Int32Array,
): Promise<EndedScore[]> {
  const { decoder } = sampler
  // a token more, never scored, makes the last one a node, behind which the end is predicted
  const tree = continuationTree(group.map(text => [...text, 0]))
  const width = tree.tokens.length
  const picks = group.flatMap((text, i) =>
    text.slice(1).map((token, t) => [tree.after[i]![t + 1]!, token] as const),
  )
  const wanted = group.map((text, i) => tree.after[i]![text.length]!)
  const head: HeadRows = { rows: Array.from({ length: width }, (_, i) => i), wanted, picks }
  const { scores, logits, logZ } = await decoder.look(cache, {
    lanes: 1,
    width,
    slots: tree.tokens,
    prompt: new Float32Array(0),
    positions: tree.depths.map(depth => cache.lengths[0]! + depth),
    counts: Int32Array.of(width),
    mask: tree.mask,
    head,
  })
  let at = 0
  return group.map((text, i) => {
    const row = logits.subarray(i * decoder.vocabularySize, (i + 1) * decoder.vocabularySize)
    const endLogProb = logSumExp(Float32Array.from(ends, id => row[id]!)) - logZ[wanted[i]!]!
    let logProb = 0
    for (let t = 1; t < text.length; t++) logProb += scores[at++]!
    return { logProb, endLogProb }
  })
}
