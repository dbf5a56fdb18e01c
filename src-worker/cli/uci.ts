// spw uci: the prompted model as an engine for any chess program. Only the protocol goes to the standard output.
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { ChessQuery, MoveDistribution } from '../behaviours/chess/moves'
import { runUci } from '../behaviours/chess/uci'
import { chessRequestSchema } from '../contract/playground'
import { withWorkbench } from './engine'
import { promptedModelOf } from './parsed-options'
import { action, exitCodes, type Terminal } from './terminal'

interface Options {
  readonly snapshot?: string
  readonly model?: string
  readonly startToken?: boolean
}

async function uciCommand(_terminal: Terminal, options: Options): Promise<number> {
  const promptedModel = promptedModelOf(options)
  return withWorkbench(async ({ api }) => {
    const { model, tokens } = await api.openModel(promptedModel)
    const ask = async (query: ChessQuery): Promise<MoveDistribution> => {
      const asked = { request: 'uci', promptedModel, choose: 'none', surprise: false, ...query }
      const { moves, ...rest } = await api.chess(chessRequestSchema.parse(asked))
      const scored = moves.map(m => ({ ...m, logProb: Math.log(m.probability) }))
      return { ...rest, moves: scored }
    }
    // a model that cannot play says so now, not in the middle of a game
    await ask({ moves: [], whiteElo: 1500, blackElo: 1500 })
    const name = `${basename(model)}, ${tokens} soft prompt tokens`
    const player = { distribution: ask }
    await runUci({ input: process.stdin, output: process.stdout, player, name })
    return exitCodes.done
  })
}

export function addUciCommand(program: Command): void {
  program
    .command('uci')
    .description('a UCI engine: for any chess program')
    .option('--snapshot <path>', 'snapshot, checkpoint or .pt; default: the bare model')
    .option('--model <folder>', "model; default: the snapshot's")
    .option('--start-token', "put the tokenizer's start token first")
    .action(action(uciCommand))
}
