// The program of many sampled steps, opened: the last token of each lane in, the next K tokens out.
// It is a second session with its own copy of the weights on the device: onnxruntime-node cannot share them.
import type { ModelFolder } from '../contract/model'
import { float32, int64, type Tensor, type Tensors } from '../graph/tensor'
import { built } from '../program/built'
import { alternatives } from '../program/draw'
import { sampledStepsProgram } from '../program/sampled-steps'
import type { Runtime } from '../session/runtime'
import { appended, type Cache } from './cache'
import { cacheFeeds, cacheSlotFeeds, growingTable } from './cache-feeds'
import { notFinite } from './not-finite'
import type { PickOptions, TokenLogProb } from './pick'

/** A lane that goes on. */
export interface StepLane {
  /** ids so far; the last one is not in the cache yet */
  readonly history: readonly number[]
  /** one for each step, in [0, 1) */
  readonly uniforms: readonly number[]
}

/** One token of one lane. */
export interface WrittenToken {
  readonly token: number
  readonly logProb: number
  readonly top: readonly TokenLogProb[]
}

export interface StepWriter {
  readonly stepsPerRun: number
  /** [steps][lanes]; the cache then holds all tokens but the last written */
  write(
    cache: Cache,
    lanes: readonly StepLane[],
    options: PickOptions,
  ): Promise<{ readonly cache: Cache; readonly written: readonly (readonly WrittenToken[])[] }>
  release(): Promise<void>
}

const scalar = (value: number): Tensor => float32([], Float32Array.of(value))

/** Greedy is a choice among one. */
function pickFeeds(options: PickOptions, vocabularySize: number): Tensors {
  const { temperature, topK, topP, minP, repetitionPenalty } = options
  const greedy = temperature === 0
  const k = greedy ? 1 : topK > 0 ? Math.min(topK, vocabularySize) : vocabularySize
  return {
    penalty: scalar(repetitionPenalty),
    inverseTemperature: scalar(greedy ? 1 : 1 / temperature),
    topK: int64([1], [k]),
    // the most probable token is always kept: nothing lies before it
    topP: scalar(greedy ? 1e-6 : Math.max(topP, 1e-6)),
    logMinP: scalar(minP > 0 && !greedy ? Math.log(minP) : -1e30),
  }
}

/** [B, V]: 1 for ids that occurred. */
function seenFeed(lanes: readonly StepLane[], vocabularySize: number): Tensor {
  const seen = new Float32Array(lanes.length * vocabularySize)
  for (const [b, { history }] of lanes.entries())
    for (const id of history) seen[b * vocabularySize + id] = 1
  return float32([lanes.length, vocabularySize], seen)
}

function laneFeeds(cache: Cache, lanes: readonly StepLane[], vocabularySize: number): Tensors {
  const count = lanes.length
  const steps = lanes[0]!.uniforms.length
  const uniforms = new Float32Array(steps * count)
  for (const [b, lane] of lanes.entries())
    for (let k = 0; k < steps; k++) uniforms[k * count + b] = lane.uniforms[k]!
  return {
    token: int64(
      [count],
      lanes.map(({ history }) => history.at(-1)!),
    ),
    positions: int64([count, 1], cache.lengths),
    steps: int64(
      [steps],
      Array.from({ length: steps }, (_, k) => k),
    ),
    uniforms: float32([steps, count], uniforms),
    seen: seenFeed(lanes, vocabularySize),
  }
}

function finite(logProb: number): number {
  if (Number.isFinite(logProb)) return logProb
  throw notFinite()
}

/** [K][B] */
function readTokens(
  outputs: Tensors,
  steps: number,
  lanes: number,
  listed: number,
): WrittenToken[][] {
  const tokens = outputs.tokens!.data as BigInt64Array
  const logProbs = outputs.logProbs!.data as Float32Array
  const topTokens = outputs.topTokens!.data as BigInt64Array
  const topLogProbs = outputs.topLogProbs!.data as Float32Array
  const one = (at: number): WrittenToken => ({
    token: Number(tokens[at]),
    logProb: finite(logProbs[at]!),
    top: Array.from({ length: listed }, (_, i) => ({
      token: Number(topTokens[at * listed + i]),
      logProb: topLogProbs[at * listed + i]!,
    })),
  })
  return Array.from({ length: steps }, (_, k) =>
    Array.from({ length: lanes }, (_, b) => one(k * lanes + b)),
  )
}

/** Faults: memory (a second copy of the weights), device, engine. */
export async function openStepWriter(
  runtime: Runtime,
  folder: ModelFolder,
  stepsPerRun: number,
): Promise<StepWriter> {
  const { bytes, weightsFolder } = built(folder, 'float32', sampledStepsProgram)
  const session = await runtime.open(bytes, weightsFolder)
  const tableFor = growingTable(folder)
  const { vocabularySize } = folder.config
  return {
    stepsPerRun,
    write: async (cache, lanes, options) => {
      const steps = lanes[0]!.uniforms.length
      const outputs = await session.run({
        ...laneFeeds(cache, lanes, vocabularySize),
        ...pickFeeds(options, vocabularySize),
        ...cacheFeeds(cache),
        ...cacheSlotFeeds(cache, folder.config),
        ...tableFor(cache.lengths.map(length => length + steps - 1)),
      })
      const counts = new Int32Array(lanes.length).fill(steps)
      return {
        cache: appended(cache, outputs, steps, counts),
        written: readTokens(outputs, steps, lanes.length, Math.min(alternatives, vocabularySize)),
      }
    },
    release: () => session.release(),
  }
}
