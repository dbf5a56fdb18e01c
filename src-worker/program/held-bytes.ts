// Bytes that the programs of a run hold at once on the CPU beside weights and state: counted on the graph that will run.
// Calibrated against the measured peak (VmHWM) of works of seven families, lanes of 64 to 2048 slots.
import { LRUCache } from 'lru-cache'
import { logitBytes } from '../contract/at-once'
import type { ModelFolder } from '../contract/model'
import { liveBytes } from '../graph/live-bytes'
import type { Program } from '../graph/onnx'
import { languageModel } from '../model/family'
import { evaluateProgram } from './evaluate'
import type { BlockCounts } from './feeds'
import { gradientProgram } from './gradient'
import { lossChunks } from './sizes'

export interface HeldAsk {
  readonly model: ModelFolder
  readonly promptTokens: number
  /** computed at once */
  readonly lanes: number
  /** tokens and soft prompt of a lane */
  readonly slots: number
  readonly blocks: BlockCounts
  /** with a backward pass; else a test */
  readonly training: boolean
  /** the inside of blocks computed again in the backward pass */
  readonly recompute: boolean
}

/** The arena gives blocks back in other sizes than they are asked for. */
const arenaRoom = 1.2
/** Feeds, and what a session holds that is no value of its graph. */
const beside = 25e6

const known = new LRUCache<string, number>({ max: 500 })

/** Bytes. Every text slot counts as labelled. */
export function heldBytes(ask: HeldAsk): number {
  const { model, ...rest } = ask
  const stored = [...model.tensors.values()][0]?.dtype
  const kept = [stored, model.quantised?.weights, model.lean]
  const key = JSON.stringify([model.config, kept, rest])
  const found = known.get(key) ?? beside + arenaRoom * counted(ask)
  known.set(key, found)
  return found
}

function counted(ask: HeldAsk): number {
  const { model, promptTokens, lanes, slots } = ask
  const text = Math.max(1, slots - promptTokens)
  const { lossChunks: c, rowsPerLossChunk: r } = lossChunks(
    lanes * text,
    model.config.vocabularySize,
    logitBytes,
  )
  const sizes = { B: lanes, S: slots, T: text, Q: text, C: c, r, L: slots }
  return liveBytes(programOf(ask), sizes)
}

function programOf({ model, promptTokens, blocks, training, recompute }: HeldAsk): Program {
  const { hiddenSize } = model.config
  const cut = { queryBlocks: blocks.whole, windowBlocks: blocks.window ?? 1, recompute }
  const shape = { type: 'direct' as const, tokens: promptTokens, width: hiddenSize }
  const opened = languageModel(model, 'float32')
  return training
    ? gradientProgram(opened, shape, { ...cut, accumulate: true, prefixed: false })
    : evaluateProgram(opened, shape, cut)
}
