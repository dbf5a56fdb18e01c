// The state of all lanes after what they begin with.
import { type Cache, rearranged } from './cache'
import type { Decoder } from './decoder'
import { prefill, type Sequence } from './prefill'

interface Distinct {
  readonly lanes: readonly Sequence[]
  /** for each lane as given, its place among the distinct ones */
  readonly placeOf: readonly number[]
}

/** Several samples of one prompt begin alike: their beginning is computed once. */
function distinct(lanes: readonly Sequence[]): Distinct {
  const places = new Map<string, number>()
  const kept: Sequence[] = []
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

export interface DecodeState {
  readonly cache: Cache
  /** [lanes, V] */
  readonly logits: Float32Array
  /** [lanes] */
  readonly logZ: Float32Array
}

/** The state of all lanes after their beginnings, in the order given. */
export async function prefillDistinct(
  decoder: Decoder,
  lanes: readonly Sequence[],
  signal: AbortSignal | undefined,
): Promise<DecodeState> {
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
