// spw: the engine from the command line. Thin: its commands are in cli/.
import { spwProgram } from './cli/program'
import { exitCodes } from './cli/terminal'
import { enterCudaEnvironment } from './contract/cuda-environment'
import { catchUnhandled } from './ports/unhandled'

enterCudaEnvironment('float32', process.env)
catchUnhandled()

// a closed pipe (`spw runs | head`) ends the command quietly
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(exitCodes.done)
})

// by place: in an Electron that is run as Node, commander would take the script for a command
void spwProgram().parseAsync(process.argv, { from: 'node' })
