// spw path: the prompted model walks a board.
import type { Command } from 'commander'
import { boardOfMaze, parseBoard } from '../behaviours/paths/boards'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import {
  type Board,
  type PathAnswer,
  type PathRequest,
  pathRequestSchema,
} from '../contract/playground'
import { readSmallText } from '../weights/plain-file'
import { withWorkbench } from './engine'
import { numberFrom, parsedFlags, promptedModelOf } from './parsed-options'
import { boardText, pathText } from './path-text'
import { action, type Terminal, table } from './terminal'

interface Options {
  readonly snapshot?: string
  readonly model?: string
  readonly startToken?: boolean
  readonly board?: string
  readonly random?: boolean
  readonly seed: string
  readonly size: string
  readonly extra: string
  readonly hits: string
  readonly steps: string
  readonly temperature: string
  readonly constrained?: boolean
  readonly spaces: boolean
  readonly movesLine: boolean
}

/** bytes */
const largestBoard = 1e5

/** The board of the file, or the random one that is asked of the engine. */
async function boardOf(api: WorkbenchApi, { board, size, seed }: Options): Promise<Board> {
  if (board !== undefined) return boardOfMaze(parseBoard(await readSmallText(board, largestBoard)))
  const found = /^(\d+)x(\d+)$/.exec(size)
  const [width, height] = [Number(found?.[1]), Number(found?.[2])]
  const fits = (n: number): boolean => n >= 2 && n <= 32
  if (!fits(width) || !fits(height))
    throw new Fault(
      'usage',
      `--size ${size} is not WIDTHxHEIGHT with sides of 2 to 32`,
      'Give for instance 8x8.',
    )
  return api.randomBoard({ seed: numberFrom('seed', seed), width, height })
}

function stepsTable({ steps }: PathAnswer): string {
  const letters = ['N', 'E', 'S', 'W', 'D', 'U', 'other']
  const percent = (p: number | undefined): string => (100 * (p ?? 0)).toFixed(0)
  const rows = steps.map(s => [
    s.hit ? `${s.move} (wall)` : s.move,
    ...letters.map(l => percent(s.probabilities[l])),
  ])
  return table(rows, ['step', ...letters.map(l => `${l} %`)])
}

function requestOf(options: Options, board: Board): PathRequest {
  const asked = {
    request: 'path',
    promptedModel: promptedModelOf(options),
    board,
    spaces: options.spaces,
    movesLine: options.movesLine,
    extraMoves: numberFrom('extra', options.extra),
    wallHits: numberFrom('hits', options.hits),
    constrained: options.constrained === true,
    steps: numberFrom('steps', options.steps),
    temperature: numberFrom('temperature', options.temperature),
    seed: numberFrom('seed', options.seed),
  }
  return parsedFlags(pathRequestSchema, asked, { extraMoves: 'extra', wallHits: 'hits' })
}

async function pathCommand(terminal: Terminal, options: Options): Promise<number> {
  const [board, answer] = await withWorkbench(async ({ api }) => {
    const board = await boardOf(api, options)
    return [board, await api.path(requestOf(options, board))] as const
  })
  const text = [
    boardText(board, answer),
    '',
    stepsTable(answer),
    '',
    pathText(answer),
    answer.optimum === null
      ? 'there is no way'
      : `shortest: ${answer.optimalPath.join('')} (${answer.optimum})`,
  ].join('\n')
  terminal.answer({ board, ...answer }, text)
  return 0
}

export function addPathCommands(program: Command): void {
  program
    .command('path')
    .description('walk a board step by step, with the probability of each move')
    .option('--snapshot <path>', 'snapshot, checkpoint or .pt; default: the bare model')
    .option('--model <folder>', "model; default: the snapshot's")
    .option('--start-token', "put the tokenizer's start token first")
    .option('--board <file>', 'a board as text')
    .option('--random', 'a board from the seed (the default)')
    .option('--seed <n>', 'seed of the board and of the walk', '0')
    .option('--size <WxH>', 'of a random board', '8x8')
    .option('--extra <n>', 'wanted moves beyond the shortest way', '0')
    .option('--hits <n>', 'wanted wall hits', '0')
    .option('--steps <n>', 'steps at most', '128')
    .option('--temperature <t>', '0: always the most probable', '0')
    .option('--constrained', 'only possible moves')
    .option('--no-spaces', 'no spaces between the cells')
    .option('--no-moves-line', 'no line `Moves:`')
    .action(action(pathCommand))
}
