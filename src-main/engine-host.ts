// Keeps one engine alive: starts it again when it dies, soon at first, then less and less often. Knows no Electron.
// Why nothing is lost when it dies: runs are files with a lease, so the next engine sees the runs of the dead one as
// interrupted.
import type { EventData } from '../src-worker/contract/api'
import type { Answer } from '../src-worker/contract/desktop'
import type { EngineEvent } from '../src-worker/contract/engine'
import { Fault, type FaultData } from '../src-worker/contract/fault'
import type { EngineConnection } from './engine-connection'

export type EngineState = EventData<'engineState'>

export interface EngineHost {
  /** start the first engine */
  begin(): void
  /** waits for an engine that is starting; never rejects */
  ask(name: string, args: unknown): Promise<Answer>
  state(): EngineState
  /** the engine checkpoints and closes; another starts, where the settings say by now */
  restart(): Promise<void>
  /**
   * Checkpoint and end; at most about `patience` milliseconds.
   * @returns whether every engine's thread has ended, so that this process can end in the ordinary way
   */
  stop(patience: number): Promise<boolean>
}

export interface HostOptions {
  /** starts an engine, or reaches one */
  readonly connect: (events: HostOptions['onEvents']) => EngineConnection
  /** What people read when it is gone. @param wait ms until the next try */
  readonly lost?: (why: string, wait: number) => Fault
  readonly onEvents: (events: readonly EngineEvent[]) => void
  /** milliseconds to wait after so many failures in a row */
  readonly backOff?: (failures: number) => number
}

/** ½ s, 1 s, 2 s … 30 s */
const doubling = (failures: number): number => Math.min(500 * 2 ** (failures - 1), 30_000)
/** an engine that lived so long (ms) did not fail at once: the next wait is short again */
const healthyAfter = 60_000
/** for a run call in flight and a checkpoint, ms */
const patienceToRestart = 60_000

const crashFault = (why: string, wait: number): Fault =>
  new Fault(
    'engine',
    `the engine ended: ${why}`,
    `Wait ${Math.ceil(wait / 1000)} s until it has started again, then resume the interrupted runs.`,
  )

export function createEngineHost(options: HostOptions): EngineHost {
  const { connect, lost = crashFault, onEvents, backOff = doubling } = options
  let failures = 0
  let stopping = false
  let allEnded = true // false: a thread stays, although its engine has closed
  let state: EngineState = { kind: 'starting', fault: null }
  let timer: NodeJS.Timeout | undefined
  let connection: EngineConnection

  const tell = (kind: EngineState['kind'], fault: FaultData | null = null): void => {
    state = { kind, fault }
    onEvents([['engineState', state]])
  }

  function begin(): void {
    tell('starting')
    const born = connect(onEvents)
    connection = born
    void watch(born)
  }

  /** Follow one connection; ends once another has taken its place. */
  async function watch(born: EngineConnection): Promise<void> {
    const started = await born.start
    if (connection !== born) return
    if (started === 'ready') tell('ready')
    // it would refuse again: restart() is the user's to press
    if (typeof started === 'object') return tell('crashed', started)
    const why = await born.gone
    if (connection !== born || stopping) return
    failures = Date.now() - born.bornAt > healthyAfter ? 1 : failures + 1
    const wait = backOff(failures)
    tell('crashed', lost(why, wait).toData())
    timer = setTimeout(begin, wait)
  }

  let restarting: Promise<void> | undefined
  async function startAgain(): Promise<void> {
    clearTimeout(timer)
    const old = connection
    connection = { ...old } // so that the old one's end is not taken for a crash
    tell('starting')
    allEnded = (await old.close(patienceToRestart)) && allEnded
    failures = 0
    if (!stopping) begin()
  }

  async function stop(patience: number): Promise<boolean> {
    stopping = true
    clearTimeout(timer)
    allEnded = (await connection.close(patience)) && allEnded
    tell('stopped')
    return allEnded
  }

  return {
    begin,
    ask: async (name, args) => {
      await restarting // a call meanwhile goes to the engine that comes
      return connection.ask(name, args)
    },
    state: () => state,
    restart: () => {
      restarting ??= startAgain().finally(() => {
        restarting = undefined
      })
      return restarting
    },
    stop,
  }
}
