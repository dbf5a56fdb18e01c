// spw engine: the engine of this home as a process that goes on by itself, and the way to it for `ssh HOST spw engine --stdio`.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import packageJson from '../../package.json'
import { copyBundle } from '../machines/copy-bundle'
import { serveEngine } from '../machines/daemon'
import { connectLocal, joinStreams } from '../machines/local-engine'
import { bundleName, machineOf } from '../machines/ssh'
import { createWorkbench } from '../workbench'
import { places } from './engine'
import { numberFrom } from './parsed-options'
import { action, exitCodes, type Terminal } from './terminal'

interface Options {
  readonly stdio?: boolean
  readonly foreground?: boolean
  readonly idle: string
  readonly copyTo?: string
  readonly bundle?: string
}

const { version } = packageJson

/** What starts the engine of this home, as this very command was started. */
const ownCommand = (idle: string): readonly [string, ...string[]] => [
  ...([process.execPath, ...process.execArgv, process.argv[1] ?? ''] as [string, ...string[]]),
  ...['engine', '--foreground', '--idle', idle],
]

async function serve(terminal: Terminal, idle: string): Promise<number> {
  const ending = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort())
  process.on('SIGHUP', () => undefined) // the connection that started it has ended; it goes on
  const isOurs = await serveEngine({
    home: places().home,
    version,
    open: emit => createWorkbench({ ...places(), host: 'process' }, { emit }),
    idleSeconds: numberFrom('idle', idle),
    signal: ending.signal,
  })
  if (!isOurs) terminal.complain('an engine of this home runs already on this machine')
  return exitCodes.done
}

async function copy(terminal: Terminal, host: string, bundle: string | undefined): Promise<number> {
  const file = resolve(bundle ?? `${places().resources}/../out/${bundleName(version)}.tar.zst`)
  const path = await copyBundle(machineOf(host), file, version, fraction =>
    terminal.progress(`copying to ${host}`, fraction),
  )
  terminal.answer({ host, path }, `${host} has it: ${path}\ntry: spw --on ${host} runs`)
  return exitCodes.done
}

async function engineCommand(terminal: Terminal, options: Options): Promise<number> {
  if (options.copyTo !== undefined) return copy(terminal, options.copyTo, options.bundle)
  if (options.foreground === true) return serve(terminal, options.idle)
  const { home } = places()
  const socket = await connectLocal({ home, version, command: ownCommand(options.idle) })
  if (options.stdio === true) {
    await joinStreams(socket, process.stdin, process.stdout)
    process.stdin.destroy()
    return exitCodes.done
  }
  socket.destroy()
  terminal.answer({ home }, `the engine of ${home} runs; spw --on HOST from elsewhere uses it`)
  return exitCodes.done
}

export function addEngineCommand(program: Command): void {
  program
    .command('engine')
    .description('the engine as a process that goes on by itself, for other machines through ssh')
    .option('--stdio', 'speak with it over the standard input and output')
    .option('--foreground', 'be the engine, until it is idle for long')
    .option('--idle <seconds>', 'ends after so long without connections and work', '1800')
    .option('--copy-to <host>', 'copy the bundle to a host instead, through ssh')
    .option('--bundle <file>', 'with --copy-to: the bundle (default: that of npm run bundle)')
    .action(action(engineCommand))
}
