// All commands of spw, as one tree: what cli.ts runs, and what the documents are compared with. Each group has a file here.
import { Command } from 'commander'
import packageJson from '../../package.json'
import { homeFolder } from '../train/home'
import { addAnalysisCommands } from './analysis'
import { addAnswerCommand } from './answer'
import { addBitsCommand } from './bits'
import { addDemoCommand } from './demo'
import { addDeviceCommands } from './devices'
import { addEngineCommand } from './engine-daemon'
import { addGpuCommands } from './gpu'
import { addJobCommands } from './jobs'
import { addLibraryCommands } from './library'
import { addPlaygroundCommands } from './playground'
import { addRunCommands } from './runs'
import { addServeCommand } from './serve'
import { exitCodes } from './terminal'
import { addTrainCommands } from './train'
import { addVerifyCommand } from './verify'

export function spwProgram(): Command {
  const program = new Command('spw')
    .description('train, sample and measure soft prompts on frozen language models')
    .version(packageJson.version)
    .option(
      '--json',
      'answer with JSON on the standard output; progress goes to the standard error',
    )
    .option('--on <host>', 'work on another machine, through ssh; files are those of that machine')
    .option('--there <path>', 'with --on: path of spw on that machine')
    .hook('preAction', () => {
      const { on, there } = program.opts<{ on?: string; there?: string }>()
      // as if they had been in the environment from the start (SPW_ON, SPW_THERE)
      if (on !== undefined) Object.assign(process.env, { SPW_ON: on, SPW_THERE: there ?? '' })
    })
    // a command's flags are its own: spw chess must not take those that spw chess play shares with it
    .enablePositionalOptions()
    .showHelpAfterError('(see spw --help)')
    .addHelpText(
      'after',
      `
Everything is kept in ${homeFolder()} (SPW_HOME).
Exit codes: 0 done, 1 a fault, 2 wrong usage, 130 interrupted.`,
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? exitCodes.done : exitCodes.usage))

  addDemoCommand(program)
  addTrainCommands(program)
  addAnswerCommand(program)
  addBitsCommand(program)
  addRunCommands(program)
  addJobCommands(program)
  addPlaygroundCommands(program)
  addServeCommand(program)
  addAnalysisCommands(program)
  addDeviceCommands(program)
  addLibraryCommands(program)
  addGpuCommands(program)
  addVerifyCommand(program)
  addEngineCommand(program)

  // `--json` may stand before or after the command
  for (const command of program.commands)
    for (const each of [command, ...command.commands])
      if (!each.options.some(o => o.long === '--json')) each.option('--json', 'answer with JSON')
  return program
}
