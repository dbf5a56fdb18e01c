// `spw engine --stdio`: joins its standard input and output to the engine of this home, which it starts where none runs.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../contract/fault'
import { connectTo, socketPath } from './socket'

export interface LocalEngine {
  readonly home: string
  readonly version: string
  /** what starts an engine of this home that stays in the foreground: a program and its arguments */
  readonly command: readonly [string, ...string[]]
}

/** ms between two looks whether a new engine answers */
const lookEvery = 50
/** characters of what an engine that did not start has said */
const mostSaid = 600

/** Starts one that outlives this process; what it says goes to the engine's log. @returns why it ended, while it has not: undefined */
function startDetached({ home, command }: LocalEngine): () => string | undefined {
  mkdirSync(home, { recursive: true })
  const path = join(home, 'engine.log')
  const log = openSync(path, 'a', 0o600)
  const before = statSync(path).size
  let why: string | undefined
  const said = (): string => readFileSync(path, 'utf8').slice(before).trim().slice(-mostSaid)
  const [program, ...args] = command
  const env = { ...process.env, SPW_HOME: home }
  const child = spawn(program, args, {
    // relative paths count from the folder of the user, wherever the engine was started from
    ...{ cwd: homedir(), detached: true, stdio: ['ignore', log, log], env },
  })
  closeSync(log)
  child.once('error', error => {
    why = error.message
  })
  child.once('exit', code => {
    // 0: another engine was faster, and answers
    if (code !== 0) why = said() || `it ended with exit code ${code}`
  })
  child.unref()
  return () => why
}

/** A connection to the engine of a home on this machine. Faults: `engine` when none starts. */
export async function connectLocal(local: LocalEngine): Promise<Socket> {
  const path = socketPath(local.home, local.version)
  const there = await connectTo(path)
  if (there !== undefined) return there
  const ended = startDetached(local)
  for (;;) {
    await sleep(lookEvery)
    const socket = await connectTo(path)
    if (socket !== undefined) return socket
    const why = ended()
    if (why === undefined) continue
    throw new Fault('engine', `the engine did not start: ${why}`, 'Correct what it names.')
  }
}

/** Passes bytes both ways until either side ends. */
export function joinStreams(
  socket: Socket,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<void> {
  return new Promise(done => {
    const end = (): void => {
      socket.destroy()
      done()
    }
    socket.once('error', end)
    socket.once('close', end)
    output.on('error', end)
    input.once('end', end)
    input.once('error', end)
    socket.pipe(output)
    input.pipe(socket)
  })
}
