// Bytes that the programs of a run hold at once on the CPU beside weights and state: counted on the graph that will run.
// On CUDA they are laid into a copy of onnxruntime's arena.
// On the CPU calibrated against the measured peak (VmHWM) of works of seven families, lanes of 64 to 2048 slots.
import { LRUCache } from 'lru-cache'
import { deviceLogitBytes, logitBytes } from '../contract/at-once'
import type { ModelFolder } from '../contract/model'
import type { PromptShape } from '../contract/snapshot'
import { arena, blocksFor } from '../graph/arena'
import { frozenBytes, layOnDevice, liveBytes } from '../graph/live-bytes'
import type { Program } from '../graph/onnx'
import { languageModel } from '../model/family'
import type { GemmType } from '../model/source'
import { evaluateProgram } from './evaluate'
import type { BlockCounts } from './feeds'
import { gradientProgram } from './gradient'
import { lossChunks } from './sizes'
import { trainProgram } from './train'

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
/** Measured: what kernels take beside the values of a graph, and what lies otherwise than the arena's copy has it. */
const unseenRoom = 1.08
/** Feeds, and what a session holds that is no value of its graph. */
const beside = 25e6

/** Of no matter for the memory. */
const adam = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 }

const known = new LRUCache<string, number>({ max: 500 })

const keptAs = ({ config, tensors, quantised, lean }: ModelFolder): readonly unknown[] => [
  ...[config, [...tensors.values()].map(t => t.dtype), quantised?.weights, lean],
]

/** Bytes. Every text slot counts as labelled. */
export function heldBytes(ask: HeldAsk): number {
  const { model, ...rest } = ask
  const key = JSON.stringify([...keptAs(model), rest])
  const found = known.get(key) ?? beside + arenaRoom * counted(ask)
  known.set(key, found)
  return found
}

function counted(ask: HeldAsk): number {
  const { model, promptTokens, lanes, slots } = ask
  const text = Math.max(1, slots - promptTokens)
  const chunks = chunkSizes(lanes * text, model, logitBytes)
  const sizes = { B: lanes, S: slots, T: text, Q: text, L: slots, ...chunks }
  return liveBytes(programOf(ask), sizes)
}

function chunkSizes(rows: number, { config }: ModelFolder, bytes: number) {
  const { lossChunks: C, rowsPerLossChunk: r } = lossChunks(rows, config.vocabularySize, bytes)
  return { C, r }
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

export interface DeviceAsk extends Omit<HeldAsk, 'promptTokens'> {
  readonly shape: PromptShape
  readonly precision: GemmType
}

export interface DeviceBytes {
  readonly weights: number
  /** what the arena takes for all else */
  readonly arena: number
}

const knownOnDevice = new LRUCache<string, DeviceBytes>({ max: 200 })

/** Bytes of one session on a CUDA device: weights are allocated one by one, all else lies in the arena. */
export function deviceBytes(ask: DeviceAsk): DeviceBytes {
  const { model, ...rest } = ask
  const key = JSON.stringify([...keptAs(model), rest])
  const found = knownOnDevice.get(key) ?? laidOnDevice(ask)
  knownOnDevice.set(key, found)
  return found
}

/** The same, together. */
export function deviceTotal(ask: DeviceAsk): number {
  const { weights, arena } = deviceBytes(ask)
  return weights + arena
}

function laidOnDevice(ask: DeviceAsk): DeviceBytes {
  const { model, shape, lanes, slots, blocks, training, recompute, precision } = ask
  const cut = { queryBlocks: blocks.whole, windowBlocks: blocks.window ?? 1, recompute }
  const opened = languageModel(model, precision, training)
  const program = training
    ? trainProgram(opened, shape, { ...cut, adam, clipNorm: 1 })
    : evaluateProgram(opened, shape, cut)
  const text = Math.max(1, slots - shape.tokens)
  const perChunk = training ? deviceLogitBytes : logitBytes
  const sizes = {
    ...{ K: 1, A: 1, B: lanes, S: slots, T: text, Q: text, L: slots },
    ...chunkSizes(lanes * text, model, perChunk),
  }
  const held = arena()
  const take = (bytes: number) => held.take(unseenRoom * bytes)
  layOnDevice(program, sizes, { take, give: held.give })
  const needed = blocksFor((arenaRoom / unseenRoom) * held.most())
  return { weights: frozenBytes(program, sizes), arena: Math.max(held.total(), needed) }
}
