// A model kept open for sampling and scoring, bare or with any number of soft prompts: prompts are inputs, not baked in.
import { Fault } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import type { PromptShape, Snapshot } from '../contract/snapshot'
import type { Tokenizer } from '../dataset/tokenizer'
import { toOnnx } from '../graph/onnx'
import { promptRowsProgram } from '../program/prompt-rows'
import { conditionCount } from '../prompt/rows'
import type { Runtime, Session } from '../session/runtime'
import { checkConditions, rowsFeeds } from './bake'
import { type Decoder, type DecoderOptions, openDecoder } from './decoder'
import { type PrefixMemory, prefixMemory } from './prefix'

export interface SamplerOptions extends DecoderOptions {
  readonly runtime: Runtime
  readonly folder: ModelFolder
  readonly tokenizer: Tokenizer
}

export interface Sampler {
  readonly folder: ModelFolder
  readonly tokenizer: Tokenizer
  readonly decoder: Decoder
  /** beginnings that scoring has read already */
  readonly memory: PrefixMemory
  /**
   * Rows of a soft prompt for each line of conditions: [B, P, H]; one line, which may be empty, for an unconditional
   * one. Faults: shape (another width than the model's, another number of conditions).
   */
  rows(snapshot: Snapshot, conditions: readonly (readonly number[])[]): Promise<Float32Array>
  release(): Promise<void>
}

function checkFits(snapshot: Snapshot, folder: ModelFolder): void {
  const { shape, model } = snapshot.metadata
  const { hiddenSize } = folder.config
  if (shape.width === hiddenSize) return
  throw new Fault(
    'shape',
    `the soft prompt is ${shape.width} wide (trained for ${model}), ${folder.id} is ${hiddenSize}`,
    'Choose the model that the soft prompt was trained for.',
  )
}

/** The rows of a prompt without conditions, once a line. */
function repeated(rows: Float32Array, count: number): Float32Array {
  const result = new Float32Array(rows.length * count)
  for (let i = 0; i < count; i++) result.set(rows, i * rows.length)
  return result
}

/** Sessions that make prompt rows, one for each shape of prompt. */
function generators(runtime: Runtime) {
  const sessions = new Map<string, Promise<Session>>()
  const sessionFor = (shape: PromptShape): Promise<Session> => {
    const key = JSON.stringify(shape)
    const known = sessions.get(key)
    if (known !== undefined) return known
    const opened = runtime.open(toOnnx(promptRowsProgram(shape)).bytes, undefined)
    sessions.set(key, opened)
    return opened
  }
  return {
    run: async (snapshot: Snapshot, conditions: readonly (readonly number[])[]) => {
      const session = await sessionFor(snapshot.metadata.shape)
      const { rows } = await session.run(rowsFeeds(snapshot, conditions))
      return rows!.data as Float32Array
    },
    release: async () => {
      for (const session of sessions.values()) await (await session).release()
      sessions.clear()
    },
  }
}

/** Two prompted models at a board, or prompted and bare model side by side. */
const rememberedPrefixes = 2

/** Opens a model for sampling; it stays warm until released. Faults: bad-weights, memory, device, engine. */
export async function openSampler({
  runtime,
  folder,
  tokenizer,
  ...options
}: SamplerOptions): Promise<Sampler> {
  const decoder = await openDecoder(runtime, folder, options)
  const generated = generators(runtime)
  const memory = prefixMemory(rememberedPrefixes)
  return {
    folder,
    tokenizer,
    decoder,
    memory,
    rows: async (snapshot, conditions) => {
      const { shape } = snapshot.metadata
      checkFits(snapshot, folder)
      for (const line of conditions) checkConditions(snapshot, line)
      if (shape.tokens === 0 || conditions.length === 0) return new Float32Array(0)
      if (conditionCount(shape) > 0) return generated.run(snapshot, conditions)
      const own = snapshot.parameters.get('embedding')?.data
      return repeated(own ?? (await generated.run(snapshot, conditions)), conditions.length)
    },
    release: async () => {
      memory.clear()
      await generated.release()
      await decoder.release()
    },
  }
}
