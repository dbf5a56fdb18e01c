// spw uci: the prompted model as an engine for any chess program. Only the protocol goes to the standard output.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { openChessPlayer } from '../behaviours/chess/player'
import { runUci } from '../behaviours/chess/uci'
import { openContext } from '../workbench/context'
import { openPromptedModels } from '../workbench/prompted-models'
import { promptedModelOf } from './prompted-model'
import { action, type Terminal } from './terminal'
import { places } from './train'

interface Options {
  readonly snapshot?: string
  readonly model?: string
  readonly startToken?: boolean
}

async function uciCommand(_terminal: Terminal, options: Options): Promise<number> {
  const promptedModels = openPromptedModels(openContext(places(), 'uci', () => undefined))
  const { sampler, snapshot, prefixToken } = await promptedModels.open(promptedModelOf(options))
  const player = await openChessPlayer(sampler, {
    ...(snapshot === undefined ? {} : { snapshot }),
    startToken: prefixToken !== undefined,
  })
  const tokens = snapshot?.metadata.shape.tokens ?? 0
  const name = `${basename(sampler.folder.path)}, ${tokens} soft prompt tokens`
  try {
    await runUci({ input: process.stdin, output: process.stdout, player, name })
  } finally {
    await promptedModels.unload()
  }
  return 0
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
