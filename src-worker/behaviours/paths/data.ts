// Boards → examples: only the moves are labels; board, prompt and padding are context.

import { Fault, fail } from '../../contract/fault'
import { promptIdsOf } from '../../dataset/special-tokens'
import type { DataPipeline, PipelineContext, RawRecord } from '../../stream/data-pipeline'
import type { Example, Lane } from '../../stream/example'
import {
  type LabelRule,
  labelSlots,
  lengthToFirstPad,
  masked,
  promptedSlots,
} from '../../stream/labels'
import { autoregressive, type Labeller, pack } from '../../stream/pack'
import { rng } from '../../stream/rng'
import { type BoardFormat, boardText, movesText, promptText } from './boards'
import { formatOf, type PathfindingSpec, pathConditions } from './conditions'
import { type WalkedMaze, walkedMaze } from './generator'

/** A board with its walk, as text: survives structured clone. */
export interface WalkText {
  /** what the model reads before the first move */
  readonly prompt: string
  readonly moves: string
  readonly extraMoves: number
  readonly wallHits: number
}

/** The boards are one endless data set, the same for every run: seeds change their order, as with files. */
const boardsSeed = 0

export const walkText = (walk: WalkedMaze, format: BoardFormat): WalkText => ({
  prompt: promptText(walk.maze, format),
  moves: movesText(walk.moves, format.spaces),
  extraMoves: walk.extraMoves,
  wallHits: walk.wallHits,
})

/** Endless; the board alone is the key, so that a board is on one side of the split whatever its walk. */
export async function* boardRecords(spec: PathfindingSpec): AsyncGenerator<RawRecord<WalkText>> {
  const random = rng(boardsSeed, `boards ${spec.boardWidth} ${spec.boardHeight}`)
  for (;;) {
    const walk = walkedMaze(random, spec.boardWidth, spec.boardHeight)
    const raw = walkText(walk, formatOf(spec))
    yield { key: boardText(walk.maze, false), bytes: 2 * raw.prompt.length + 100, raw }
  }
}

/** The first token of the moves, or the number of tokens when all of them were cut off. */
export function moveStart({ ids, labelled }: Lane): number {
  const at = labelled?.indexOf(1) ?? -1
  return at < 0 ? ids.length : at
}

/** As the original, moves get what the widest board of the batch leaves of the length. */
export function trimmed(lanes: readonly Lane[], length: number): Lane[] {
  const room = length - Math.max(...lanes.map(moveStart))
  return lanes.map(lane => {
    const end = moveStart(lane) + room
    const { labelled = fail('a board without a mask') } = lane
    return { ...lane, ids: lane.ids.subarray(0, end), labelled: labelled.subarray(0, end) }
  })
}

/**
 * The original masks as many slots of the prompted sequence as the board has tokens, so that its last
 * min(P, tokens) tokens are trained on by mistake.
 */
const leaking: Labeller = (lanes, P) => {
  const matrix = promptedSlots(lanes, P)
  const rule: LabelRule = (lane, i) => (i + P < moveStart(lane) ? masked : (lane.ids[i] ?? masked))
  const labels = labelSlots(lanes, matrix, P, lengthToFirstPad, rule)
  const tokenCount = lanes.reduce((total, lane) => total + lengthToFirstPad(lane), 0)
  return { ...matrix, labels, shift: 1, tokenCount }
}

export const boardLabels: Labeller = (lanes, P, original) =>
  original ? leaking(lanes, P, true) : autoregressive(lanes, P, false)

const tooLong = (tokens: number, length: number): Fault =>
  new Fault(
    'shape',
    `a board takes ${tokens} tokens, but training.length is ${length}`,
    `Set training.length to at least ${tokens + 64}, or choose a smaller board.`,
  )

/** Throws when a board leaves no room for moves. Boards of one size differ little in tokens. */
async function checkLength(context: PipelineContext, experiment: PathfindingSpec): Promise<void> {
  const { length } = context.spec.training
  const texts: string[] = []
  for await (const { raw } of boardRecords(experiment)) {
    texts.push(raw.prompt)
    if (texts.length === 16) break
  }
  const tokens = (await context.tokenizer.encodeBatch(texts)).map(ids => ids.length)
  const most = Math.max(...tokens)
  if (most + 2 > length) throw tooLong(most, length)
}

export async function openPathfinding(context: PipelineContext): Promise<DataPipeline<WalkText>> {
  const { experiment, training, original, data } = context.spec
  if (experiment.kind !== 'pathfinding') return fail(`paths opened for ${experiment.kind}`)
  if (data.path !== 'procedural')
    throw new Fault(
      'usage',
      `pathfinding makes its own boards, but data.path is ${data.path}`,
      "Set data.path to 'procedural'.",
    )
  await checkLength(context, experiment)
  const example = (raw: WalkText, board: readonly number[], moves: readonly number[]): Example => ({
    ids: Int32Array.of(...board, ...moves),
    conditions: Float32Array.from(
      pathConditions(experiment.conditioned, raw.extraMoves, raw.wallHits),
    ),
    labelled: new Uint8Array(board.length + moves.length).fill(1, board.length),
  })
  return {
    lanes: 'fresh',
    heavy: false,
    records: () => boardRecords(experiment),
    prepare: async raws => {
      // apart, as the original: the first move never merges with the end of the board
      const prompts = raws.map(raw => raw.prompt)
      const boards = original
        ? await context.tokenizer.encodeBatch(prompts)
        : await promptIdsOf(context.tokenizer, prompts)
      const moves = await context.tokenizer.encodeBatch(raws.map(raw => raw.moves))
      return raws.map((raw, i) => example(raw, boards[i]!, moves[i]!))
    },
    pack: (lanes, options) =>
      pack(trimmed(lanes, training.length), boardLabels, { ...options, original }),
  }
}
