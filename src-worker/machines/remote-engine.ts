// An engine on another machine, through `ssh HOST spw engine --stdio`: the same tables over the same protocol.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { WorkbenchApi } from '../contract/api'
import type { EngineTable, HostTable } from '../contract/engine'
import { Fault, fromData } from '../contract/fault'
import { connect, type Remote } from '../contract/rpc'
import { framedPort, greeted } from './frames'
import { engineCommand, lostFault, type Machine, otherVersion, refusal, sshArguments } from './ssh'

export interface RemoteEngine extends Remote<EngineTable> {
  /** settles when the connection is gone, with the fault of calls that wait */
  readonly lost: Promise<Fault>
  /** Leaves; what runs there goes on. */
  close(): void
}

/** characters of ssh's standard error that are kept for a fault */
const mostSaid = 2000

/** ssh, with what it has said so far on its standard error, and its end. */
export function startSsh(machine: Machine, command: string) {
  const child: ChildProcessWithoutNullStreams = spawn('ssh', sshArguments(machine.host, command), {
    stdio: 'pipe',
    // Ctrl-C in a terminal is for us: we tell the engine, over this very connection
    detached: true,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-mostSaid)
  })
  child.stdin.on('error', () => undefined) // its end says why
  const ended = new Promise<{ readonly code: number | null; readonly said: string }>(done => {
    child.once('error', error =>
      done({ code: 255, said: `ssh cannot be started: ${error.message}` }),
    )
    child.once('close', code => done({ code, said }))
  })
  return { child, ended }
}

/**
 * Connects, and starts the engine there where none runs.
 * Faults: `network` (ssh does not reach it), `not-found` (there is no spw), `engine` (it does not start, or is another
 * version).
 */
export async function openRemoteEngine(
  machine: Machine,
  version: string,
  here: HostTable,
): Promise<RemoteEngine> {
  const { child, ended } = startSsh(machine, engineCommand(machine, version))
  const theirs = await greeted(child.stdout)
  if (theirs !== version) {
    child.stdin.end()
    // one that says nothing more is about to end by itself, with the code that tells why
    if (!child.stdout.readableEnded) child.kill()
    if (theirs !== undefined) throw otherVersion(machine, theirs, version)
    const { code, said } = await ended
    throw refusal(machine, code, said)
  }
  let broken: string | undefined
  const lost = ended.then(({ code, said }) => {
    const why =
      said.trim().split('\n').at(-1) ||
      (code === null ? 'ssh was killed' : `ssh ended with exit code ${code}`)
    return lostFault(machine, broken ?? why)
  })
  const port = framedPort(child.stdout, child.stdin, error => {
    broken = error instanceof Error ? error.message : String(error)
    child.kill()
  })
  const remote = connect<EngineTable>(port, here, lost)
  return { ...remote, lost, close: () => void child.kill() }
}

/** The contract over an engine's table. */
export const apiOf = ({ call }: Remote<EngineTable>): WorkbenchApi =>
  new Proxy({} as WorkbenchApi, {
    get: (_, name) => async (args: unknown) => {
      const answer = await call.call(String(name), args)
      if (answer.ok) return answer.value
      throw fromData(answer.fault)
    },
  })

/** Whether the fault is of the connection, which may be there again in a moment. */
export const isOfConnection = (fault: unknown): boolean =>
  fault instanceof Fault && fault.code === 'network'
