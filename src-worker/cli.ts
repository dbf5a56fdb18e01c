// spw: the engine from the command line. Thin: each group of commands has a file in cli/.
import { Command } from 'commander'
import packageJson from '../package.json'
import { addAnalysisCommands } from './cli/analysis'
import { addAnswerCommand } from './cli/answer'
import { addBitsCommand } from './cli/bits'
import { addDemoCommand } from './cli/demo'
import { addDeviceCommands } from './cli/devices'
import { addEngineCommand } from './cli/engine-daemon'
import { addGpuCommands } from './cli/gpu'
import { addJobCommands } from './cli/jobs'
import { addPlaygroundCommands } from './cli/playground'
import { addRunCommands } from './cli/runs'
import { addServeCommand } from './cli/serve'
import { exitCodes } from './cli/terminal'
import { addTrainCommands } from './cli/train'
import { addVerifyCommand } from './cli/verify'
import { enterCudaEnvironment } from './contract/cuda-environment'
import { catchUnhandled } from './ports/unhandled'
import { homeFolder } from './train/home'

enterCudaEnvironment('float32', process.env)
catchUnhandled()

const program = new Command('spw')
  .description('train, sample and measure soft prompts on frozen language models')
  .version(packageJson.version)
  .option('--json', 'answer with JSON on the standard output; progress goes to the standard error')
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
addGpuCommands(program)
addVerifyCommand(program)
addEngineCommand(program)

// `--json` may stand before or after the command
for (const command of program.commands)
  for (const each of [command, ...command.commands])
    if (!each.options.some(o => o.long === '--json')) each.option('--json', 'answer with JSON')

// a closed pipe (`spw runs | head`) ends the command quietly
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(exitCodes.done)
})

// by place: in an Electron that is run as Node, commander would take the script for a command
void program.parseAsync(process.argv, { from: 'node' })
