// The decoding program, opened: fresh slots in, logits and a longer cache out. No randomness, no text.
import { Fault } from '../contract/fault'
import type { ModelFolder } from '../contract/model'
import { float32, int64, type Tensors } from '../graph/tensor'
import { built } from '../program/built'
import { decodeProgram } from '../program/decode'
import type { Runtime, Session } from '../session/runtime'
import { appended, type Cache, type CacheShape } from './cache'
import { cacheFeeds, cacheSlotFeeds, growingTable, hidden } from './cache-feeds'
import { notFinite } from './not-finite'
import { openStepWriter, type StepWriter } from './step-writer'

/** Fresh slots of B lanes, Q a lane. */
export interface Chunk {
  readonly lanes: number
  readonly width: number
  /** [B, Q]: token id, or −(j+1) for row j of `prompt` */
  readonly slots: Int32Array
  /** [P, H] */
  readonly prompt: Float32Array
  /** [B, Q] */
  readonly positions: Int32Array
  /** [B]: how many of the Q slots are real; they come first */
  readonly counts: Int32Array
  /** [Q, Q], added to scores; undefined: causal */
  readonly mask?: Float32Array
  readonly head: HeadRows
}

/** What is wanted of the head. */
export interface HeadRows {
  /** flat slots b·Q + q whose next token is predicted */
  readonly rows: readonly number[]
  /** indices into rows of the logits that are wanted whole */
  readonly wanted: readonly number[]
  /** log-probabilities of single tokens: [row, token] */
  readonly picks: readonly (readonly [row: number, token: number])[]
}

export interface Extended {
  readonly cache: Cache
  /** [wanted, V] */
  readonly logits: Float32Array
  /** [rows]: log Σ exp(logits) */
  readonly logZ: Float32Array
  /** [picks] */
  readonly scores: Float32Array
}

export interface Decoder {
  readonly folder: ModelFolder
  readonly shape: CacheShape
  readonly hiddenSize: number
  readonly vocabularySize: number
  /** Faults of both: shape, diverged (logits that are no finite numbers) */
  extend(cache: Cache, chunk: Chunk): Promise<Extended>
  /** the same without keeping the fresh slots */
  look(cache: Cache, chunk: Chunk): Promise<Omit<Extended, 'cache'>>
  /** on devices where many steps in one run pay; opened when first asked for */
  readonly writer: (() => Promise<StepWriter>) | undefined
  release(): Promise<void>
}

export interface DecoderOptions {
  /** steps in one run, drawn inside the program; 0: one step a run. Default: 16 on CUDA, 0 on the CPU */
  readonly stepsPerRun?: number
}

/** [Q, Q]: 0 where a key is at or before the query, −1e30 elsewhere. */
function causalMask(width: number): Float32Array {
  const mask = new Float32Array(width * width).fill(hidden)
  for (let q = 0; q < width; q++) mask.fill(0, q * width, q * width + q + 1)
  return mask
}

function slotFeeds(chunk: Chunk, hiddenSize: number): Tensors {
  const { lanes, width, slots, prompt, positions } = chunk
  const dims = [lanes, width]
  const rows = prompt.length / hiddenSize
  const isPrompt = Uint8Array.from(slots, slot => (slot < 0 ? 1 : 0))
  for (const slot of slots)
    if (-slot > rows)
      throw new Fault(
        'shape',
        `a slot asks for soft prompt token ${-slot}, but there are ${rows}`,
        'Give every lane the rows of its own soft prompt.',
      )
  return {
    ids: int64(
      dims,
      slots.map(slot => Math.max(slot, 0)),
    ),
    isPrompt: { dtype: 'bool', dims, data: isPrompt },
    promptRow: int64(
      dims,
      slots.map(slot => Math.max(-slot - 1, 0)),
    ),
    // onnxruntime gathers from at least one row, even where none is used
    prompt: float32(
      [Math.max(rows, 1), hiddenSize],
      rows > 0 ? prompt : new Float32Array(hiddenSize),
    ),
    positions: int64(dims, positions),
  }
}

function headFeeds({ rows, wanted, picks }: HeadRows, vocabularySize: number): Tensors {
  return {
    rows: int64([rows.length], rows),
    wanted: int64([wanted.length], wanted),
    picks: int64(
      [picks.length],
      picks.map(([row, token]) => row * vocabularySize + token),
    ),
    pickRows: int64(
      [picks.length],
      picks.map(([row]) => row),
    ),
  }
}

async function run(
  session: Session,
  folder: ModelFolder,
  table: Tensors,
  cache: Cache,
  chunk: Chunk,
): Promise<Tensors> {
  const { width } = chunk
  const { hiddenSize, vocabularySize } = folder.config
  return session.run({
    ...slotFeeds(chunk, hiddenSize),
    ...headFeeds(chunk.head, vocabularySize),
    ...cacheFeeds(cache),
    mask: float32([width, width], chunk.mask ?? causalMask(width)),
    ...cacheSlotFeeds(cache, folder.config),
    ...table,
  })
}

/** log Σ exp(logits) is finite only where every logit is a number. Faults: diverged. */
function headOf(outputs: Tensors): Omit<Extended, 'cache'> {
  const logZ = outputs.logZ!.data as Float32Array
  const scores = outputs.scores!.data as Float32Array
  if (!logZ.every(Number.isFinite) || scores.some(Number.isNaN)) throw notFinite()
  return { logits: outputs.logits!.data as Float32Array, logZ, scores }
}

/** Opens the model for decoding. Faults: bad-weights, memory, device, engine. */
export async function openDecoder(
  runtime: Runtime,
  folder: ModelFolder,
  { stepsPerRun = runtime.device.kind === 'cuda' ? 16 : 0 }: DecoderOptions = {},
): Promise<Decoder> {
  const { bytes, weightsFolder } = built(folder, 'float32', decodeProgram)
  const session = await runtime.open(bytes, weightsFolder)
  const { config } = folder
  const tableFor = growingTable(folder)
  let writer: Promise<StepWriter> | undefined
  const openWriter = (): Promise<StepWriter> => {
    writer ??= openStepWriter(runtime, folder, stepsPerRun)
    return writer
  }
  const runChunk = (cache: Cache, chunk: Chunk): Promise<Tensors> =>
    run(session, folder, tableFor(chunk.positions), cache, chunk)
  return {
    folder,
    shape: {
      keyHeads: config.kvHeads,
      headDim: config.headDim,
      windows: config.attentions.map(({ window }) => window),
    },
    hiddenSize: config.hiddenSize,
    vocabularySize: config.vocabularySize,
    extend: async (cache, chunk) => {
      const outputs = await runChunk(cache, chunk)
      return { ...headOf(outputs), cache: appended(cache, outputs, chunk.width, chunk.counts) }
    },
    look: async (cache, chunk) => headOf(await runChunk(cache, chunk)),
    writer: stepsPerRun > 0 ? openWriter : undefined,
    release: async () => {
      await (await writer)?.release()
      await session.release()
    },
  }
}
