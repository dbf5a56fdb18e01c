// Lanes of a batch. Persistent: a lane continues its example until it is used up, then takes the next, as the
// original's text loader; fresh: every batch takes new examples, and what is longer than a lane is cut off.
import type { Example, Lane } from './example'
import type { Rng } from './rng'

export type LaneKind = 'persistent' | 'fresh'

/** An example on its way into lanes: which one it is, in the order of the stream. */
export interface StreamExample {
  readonly epoch: number
  readonly position: number
  readonly document: number
  readonly example: Example
}

/** What a lane still holds: from `offset` on, it is not used up. */
export interface HeldExample {
  readonly from: StreamExample
  readonly offset: number
}

export interface LaneCut {
  readonly lanes: readonly Omit<Lane, 'start'>[]
  /** where the example itself puts the soft prompt, by lane */
  readonly starts: readonly (number | undefined)[]
  readonly held: readonly (HeldExample | undefined)[]
}

const cut = ({ from, offset }: HeldExample, length: number): Omit<Lane, 'start'> => {
  const { ids, conditions, labelled } = from.example
  const part = { ids: ids.subarray(offset, offset + length), conditions, document: from.document }
  return labelled ? { ...part, labelled: labelled.subarray(offset, offset + length) } : part
}

/**
 * Fill each lane once. Lanes take new examples in order, lane 0 first.
 * @param next the next example, or undefined when there is none left
 * @returns undefined when a lane needs an example and none is left: that batch is never delivered
 */
export async function fillLanes(
  held: readonly (HeldExample | undefined)[],
  length: number,
  kind: LaneKind,
  next: () => Promise<StreamExample | undefined>,
): Promise<LaneCut | undefined> {
  const lanes: Omit<Lane, 'start'>[] = []
  const starts: (number | undefined)[] = []
  const after: (HeldExample | undefined)[] = []
  for (const kept of held) {
    const fresh = kept === undefined ? await next() : undefined
    const current = kept ?? (fresh && { from: fresh, offset: 0 })
    if (current === undefined) return undefined
    const { example } = current.from
    lanes.push(cut(current, length))
    starts.push(current.offset === 0 ? example.start : undefined)
    const offset = current.offset + length
    const goesOn = kind === 'persistent' && offset < example.ids.length
    after.push(goesOn ? { from: current.from, offset } : undefined)
  }
  return { lanes, starts, held: after }
}

const tokensLeft = (held: HeldExample | undefined): number =>
  held ? held.from.example.ids.length - held.offset : 0

/** The lane that holds most. */
const richest = (held: readonly (HeldExample | undefined)[]): number =>
  held.reduce((best, lane, i) => (tokensLeft(lane) > tokensLeft(held[best]) ? i : best), 0)

/**
 * Fill lanes for a test, which sees every token once: when no example is left, lanes go on with what other lanes
 * still hold, and at the very end there are fewer of them.
 * @returns no lanes when the pass is over
 */
export async function fillTestLanes(
  held: readonly (HeldExample | undefined)[],
  length: number,
  kind: LaneKind,
  next: () => Promise<StreamExample | undefined>,
): Promise<LaneCut> {
  const lanes: Omit<Lane, 'start'>[] = []
  const starts: (number | undefined)[] = []
  const state: (HeldExample | undefined)[] = []
  for (const kept of held) {
    const fresh = kept === undefined ? await next() : undefined
    state.push(kept ?? (fresh && { from: fresh, offset: 0 }))
  }
  const take = (from: number): void => {
    const current = state[from]
    if (current === undefined) return
    lanes.push(cut(current, length))
    starts.push(current.offset === 0 ? current.from.example.start : undefined)
    const rest = { from: current.from, offset: current.offset + length }
    state[from] = kind === 'persistent' && tokensLeft(rest) > 0 ? rest : undefined
  }
  for (let i = 0; i < held.length; i++) take(i)
  while (lanes.length < held.length && state.some(Boolean)) take(richest(state))
  return { lanes, starts, held: state }
}

/** Where a run's soft prompt starts in a lane of so many tokens. */
export type StartRule = (tokens: number) => number

/** At least this many tokens of a lane stay behind the soft prompt, where it has them (as in the original). */
const tokensBehind = 4

/** Uniform in [0, max(0, tokens − 4)], ends included. */
export const randomStart =
  (random: Rng): StartRule =>
  tokens =>
    random.below(Math.max(0, tokens - tokensBehind) + 1)

/** The same index in every lane that is long enough for it. */
export const fixedStart =
  (index: number): StartRule =>
  tokens =>
    Math.min(index, Math.max(0, tokens - tokensBehind))

/** Lanes with their starts drawn, lane 0 first. */
export function placeStarts(filled: LaneCut, rule: StartRule): Lane[] {
  return filled.lanes.map((lane, i) => {
    const own = filled.starts[i]
    const start = own === undefined ? rule(lane.ids.length) : Math.min(own, lane.ids.length)
    return { ...lane, start }
  })
}
