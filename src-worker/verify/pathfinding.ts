// reference/pathfinding and batches/pathfinding: distances, replays, tokens, slots and both label sets. Exact.
// The generator's distribution has a test of its own (4 standard errors), here as a case a statistic.
import {
  boardText,
  distancesOf,
  lettersOf,
  optimalMove,
  parseBoard,
  promptText,
  replay,
} from '../behaviours/paths/boards'
import { boardLabels, openPathfinding, trimmed, type WalkText } from '../behaviours/paths/data'
import { type WalkedMaze, walkedMaze } from '../behaviours/paths/generator'
import { paths as behaviour } from '../behaviours/paths/index'
import { runSpecSchema } from '../contract/run-spec'
import { openTokenizer } from '../dataset/tokenizer'
import { type Lane, padId } from '../stream/example'
import { masked } from '../stream/labels'
import { rng } from '../stream/rng'
import { compared, exact, part, type VerifyCase, type VerifyContext } from './case'
import { filesOf, modelNamed, readJson } from './golden'

const check = behaviour.kind

interface GoldenBoard {
  readonly index: number
  readonly board: string
  readonly moves: string
  readonly wall_hit_count: number
  readonly extra_move_count: number
  readonly solvable: boolean
  readonly move_count: number
  readonly optimal_length: number | null
}

async function* boardCases(context: VerifyContext, file: string): AsyncGenerator<VerifyCase, void> {
  const { insert_spaces: spaces, cases } = await readJson<{
    insert_spaces: boolean
    cases: GoldenBoard[]
  }>(context.reference, check, file)
  const name = file.slice(0, -'.json'.length)
  for (const golden of cases) {
    const maze = parseBoard(golden.board)
    const walk = replay(maze, lettersOf(golden.moves))
    const optimum = distancesOf(maze)[maze.start]!
    yield exact(
      check,
      `${name} ${golden.index}`,
      [
        boardText(maze, spaces),
        walk.end,
        walk.reached,
        walk.wallHits,
        walk.extraMoves,
        walk.moves,
        optimum < 0 ? null : optimum,
      ],
      [
        golden.board,
        golden.solvable ? 'done' : 'unsolvable',
        golden.solvable,
        golden.wall_hit_count,
        golden.extra_move_count,
        golden.move_count,
        golden.optimal_length,
      ],
    )
  }
}

async function* optimalCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  interface Golden {
    readonly board: string
    readonly distances: readonly (readonly number[])[]
    readonly optimal_moves: readonly string[]
  }
  const { cases } = await readJson<{ cases: Golden[] }>(
    context.reference,
    check,
    'optimal_moves.json',
  )
  for (const [i, golden] of cases.entries()) {
    const maze = parseBoard(golden.board)
    const distances = distancesOf(maze)
    yield exact(check, `distances ${i}`, [...distances], golden.distances.flat())
    const letters = [...distances].map((distance, cell) =>
      distance < 0 ? '.' : (optimalMove(maze, distances, cell) ?? '.'),
    )
    yield exact(check, `optimal moves ${i}`, letters, [...golden.optimal_moves.join('')])
  }
}

interface Statistic {
  readonly n: number
  readonly mean: number
  readonly std: number
}
type Statistics = { readonly [name: string]: Statistic } & {
  readonly width: number
  readonly height: number
  readonly boards: number
}

const solvable = (walk: WalkedMaze): boolean => walk.moves.at(-1) === 'D'
const measured: readonly (readonly [string, (walk: WalkedMaze) => number | undefined])[] = [
  ['extra_move_count', walk => walk.extraMoves],
  ['extra_move_count_solvable', walk => (solvable(walk) ? walk.extraMoves : undefined)],
  ['extra_move_count_unsolvable', walk => (solvable(walk) ? undefined : walk.extraMoves)],
  ['wall_hit_count', walk => walk.wallHits],
  ['move_count', walk => walk.moves.length - 1],
  ['moves_string_length', walk => walk.moves.join(' ').length],
  ['blocker_count', walk => walk.maze.walls.reduce((n, wall) => n + wall, 0)],
]

async function* statisticCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const { statistics } = await readJson<{ statistics: Statistics[] }>(
    context.reference,
    check,
    'statistics.json',
  )
  for (const [i, golden] of statistics.entries()) {
    const { width, height } = golden
    const random = rng(i, 'verify')
    const walks = Array.from({ length: 10_000 }, () => walkedMaze(random, width, height))
    for (const [name, of] of measured) {
      const values = walks.map(of).filter(value => value !== undefined)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const { n, mean: expected, std } = golden[name]!
      const standardError = std * Math.sqrt(1 / values.length + 1 / n)
      const error = Math.abs(mean - expected) / standardError
      yield compared(check, `${width}×${height} boards ${i}: ${name} in standard errors`, error, 4)
    }
  }
}

interface GoldenBatch {
  readonly tokenizer: string
  readonly board_size: number
  readonly insert_spaces: boolean
  readonly insert_move_section_separator: boolean
  readonly maximum_sample_length_in_tokens: number
  readonly boards: readonly string[]
  readonly moves: readonly string[]
  readonly conditions: readonly (readonly [number, number])[]
  readonly P: number
  readonly move_start_indices: readonly number[]
  readonly slots: readonly (readonly number[])[]
  readonly labels_seed_quirk: readonly (readonly number[])[]
  readonly labels_corrected: readonly (readonly number[])[]
  readonly trained_token_count: number
}

/** The batch's boards and walks as the pipeline takes them. */
function walksOf(golden: GoldenBatch): WalkText[] {
  const format = {
    spaces: golden.insert_spaces,
    movesLine: golden.insert_move_section_separator,
  }
  return golden.boards.map((board, i) => {
    const [extraMoves, wallHits] = golden.conditions[i]!
    const prompt = promptText(parseBoard(board), format)
    return { prompt, moves: golden.moves[i]!, extraMoves, wallHits }
  })
}

async function lanesOf(context: VerifyContext, golden: GoldenBatch): Promise<Lane[]> {
  const model = await modelNamed(context, golden.tokenizer)
  const length = golden.maximum_sample_length_in_tokens
  const pipeline = await openPathfinding({
    spec: runSpecSchema.parse({
      experiment: {
        kind: check,
        boardWidth: golden.board_size,
        boardHeight: golden.board_size,
        spaces: golden.insert_spaces,
        movesLine: golden.insert_move_section_separator,
      },
      model: model.path,
      data: { path: 'procedural' },
      prompt: { type: 'mlp', tokens: 1 },
      training: { steps: 1, length: Math.max(length, 64) },
    }),
    model,
    tokenizer: await openTokenizer(model.path),
  })
  const prepared = await pipeline.prepare(walksOf(golden))
  const lanes = prepared.flatMap(p => ('ids' in p ? [{ ...p, start: 0, document: 0 }] : []))
  return trimmed(lanes, length)
}

/** Rows of S slots made as wide as the original's, which pads by the widest board plus the longest moves. */
function padded(values: Int32Array, S: number, width: number, filler: number): number[] {
  const rows = Array.from({ length: values.length / S }, (_, b) => [
    ...values.subarray(b * S, (b + 1) * S),
    ...new Array<number>(Math.max(0, width - S)).fill(filler),
  ])
  return rows.flat()
}

async function* batchCases(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const { cases } = await readJson<{ cases: GoldenBatch[] }>(
    context.reference,
    'batches',
    'pathfinding.json',
  )
  for (const [i, golden] of cases.entries()) {
    const name = `batch ${i} (${golden.tokenizer}, P ${golden.P})`
    yield* part(check, name, batchCase(context, golden, name))
  }
}

async function* batchCase(
  context: VerifyContext,
  golden: GoldenBatch,
  name: string,
): AsyncGenerator<VerifyCase, void> {
  const lanes = await lanesOf(context, golden)
  const original = boardLabels(lanes, golden.P, true)
  const corrected = boardLabels(lanes, golden.P, false)
  const width = golden.slots[0]!.length
  const wide = (values: Int32Array, filler: number): number[] =>
    padded(values, original.slotsPerLane, width, filler)
  yield exact(check, `${name} slots`, wide(original.slots, padId), golden.slots.flat())
  const quirk = wide(original.labels, masked)
  yield exact(check, `${name} leaking labels`, quirk, golden.labels_seed_quirk.flat())
  const labels = wide(corrected.labels, masked)
  yield exact(check, `${name} labels`, labels, golden.labels_corrected.flat())
  const others = [
    ...lanes.map(lane => lane.labelled?.indexOf(1)),
    ...lanes.flatMap(lane => [...lane.conditions]),
    original.tokenCount,
  ]
  const expected = [
    ...golden.move_start_indices,
    ...golden.conditions.flat(),
    golden.trained_token_count,
  ]
  yield exact(check, `${name} starts, conditions and token count`, others, expected)
}

export async function* verifyPathfinding(context: VerifyContext): AsyncGenerator<VerifyCase, void> {
  const files = await filesOf(context.reference, check)
  const boards = files.filter(file => /^boards_.*\.json$/.test(file))
  for (const file of boards) yield* part(check, file, boardCases(context, file))
  yield* part(check, 'optimal moves', optimalCases(context))
  yield* part(check, 'statistics', statisticCases(context))
  yield* part(check, 'batches', batchCases(context))
}
