// Requests that wait become lanes of one batch: what asks with the same settings is generated together. A lane's tokens
// do not depend on the lanes beside it (see sample/generate.ts), so neither do answers on how busy the server is.
import { setImmediate } from 'node:timers/promises'
import pLimit from 'p-limit'
import { Fault } from '../contract/fault'
import {
  type GeneratedToken,
  type GenerateOptions,
  generate,
  type Sequence,
} from '../sample/generate'
import type { Sampler } from '../sample/prompted'

/** Settings that all lanes of one batch share. */
export type LaneOptions = Omit<GenerateOptions, 'seed' | 'dropped'>

export interface LaneRequest {
  /** with its seed: the lane's random numbers follow from it alone */
  readonly lane: Sequence & { readonly seed: number }
  readonly options: LaneOptions
  /** @returns whether the lane goes on */
  onToken(token: GeneratedToken): Promise<boolean>
  readonly signal: AbortSignal
}

export interface LaneQueue {
  /** resolves when the lane has ended; rejects with the fault of its batch */
  run(request: LaneRequest): Promise<void>
  /** work on the same sampler that is no generation (scores); it takes its turn between batches */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** Lanes of one batch at most. */
const mostLanes = 16

interface Waiting extends LaneRequest {
  readonly key: string
  resolve(): void
  reject(error: unknown): void
}

/** Generates all lanes of a batch; each is resolved as soon as it ends. */
async function runBatch(sampler: Sampler, batch: readonly Waiting[]): Promise<void> {
  const dropped = new Set<number>()
  const all = new AbortController()
  const drop = (lane: number): void => {
    dropped.add(lane)
    batch[lane]!.resolve()
    if (dropped.size === batch.length) all.abort()
  }
  const options = { ...batch[0]!.options, seed: 0, dropped }
  const lanes = batch.map(({ lane }) => lane)
  for await (const step of generate(sampler, lanes, options, all.signal)) {
    for (const token of step) {
      if (dropped.has(token.lane)) continue
      const request = batch[token.lane]!
      const goesOn = !request.signal.aborted && (await request.onToken(token))
      if (!goesOn || token.done !== undefined) drop(token.lane)
    }
    // lets new requests and disconnections in
    await setImmediate()
  }
  for (const request of batch) request.resolve()
}

/** One queue for each open model. Faults of `run`: cancelled (before its first token), and those of generate. */
export function openLaneQueue(sampler: Sampler): LaneQueue {
  const waiting: Waiting[] = []
  const inTurn = pLimit(1)
  const takeBatch = (): Waiting[] => {
    const key = waiting[0]?.key
    const batch = waiting.filter(request => request.key === key).slice(0, mostLanes)
    for (const request of batch) waiting.splice(waiting.indexOf(request), 1)
    return batch
  }
  const next = async (): Promise<void> => {
    const batch = takeBatch()
    const gone = batch.filter(({ signal }) => signal.aborted)
    for (const request of gone)
      request.reject(new Fault('cancelled', 'the client went away', 'Send the request again.'))
    const wanted = batch.filter(request => !gone.includes(request))
    if (wanted.length === 0) return
    await runBatch(sampler, wanted).catch(error => {
      for (const request of wanted) request.reject(error)
    })
  }
  return {
    run: request =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ ...request, key: JSON.stringify(request.options), resolve, reject })
        inTurn(next)
      }),
    alone: inTurn,
  }
}
