// Who works on a run: a lease in its state.json. A lease whose owner is dead is seen as interrupted, never as running.
// Several machines may share one home: only an owner on this one is looked up in the process table; of the others the
// heartbeat counts, by the clock of the file system.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import { isActive, type RunState } from '../contract/run'
import { ageOf } from '../weights/file-age'
import { processExists, readOr, thisHost } from '../weights/this-machine'

export const leaseSchema = z.object({
  /** one engine of one process: two engines of one process have different owners */
  owner: z.string(),
  pid: z.int(),
  /** when the process started, in the platform's own unit, so that a reused pid is not taken for the owner */
  processStart: z.string(),
  /** unix milliseconds, by the owner's clock */
  heartbeat: z.number(),
  /** the process table that pid belongs to, see thisHost; empty: written by an older version, on this machine */
  host: z.string().default(''),
})
export type Lease = z.infer<typeof leaseSchema>

/** A heartbeat is written at least this often while an owner lives. Milliseconds. */
export const heartbeatEvery = 2000
/** Without a process table to look in, an owner of this machine is dead after so long without a heartbeat. Milliseconds. */
const deadAfter = 60_000
/** An owner on another machine is dead after so long without a heartbeat: a network file system may hold times back for a minute. */
export const foreignDeadAfter = 120_000

/** Field 22 of /proc/<pid>/stat: clock ticks after boot. Empty where there is no /proc. */
export function processStart(pid: number): string {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // the second field, the command, may hold spaces and brackets: count from its end
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

/** The machine's name, for people; empty: this one. */
export const foreignHost = ({ host }: Lease): string =>
  host === '' || host === thisHost ? '' : (host.split(' ')[0] ?? '')

export const newOwner = (): string => randomUUID()

export const newLease = (owner: string): Lease => ({
  owner,
  pid: process.pid,
  processStart: processStart(process.pid),
  heartbeat: Date.now(),
  host: thisHost,
})

/**
 * Whether the owner of a run that waits still lives. What waits has no heartbeat: on this machine the process table is
 * all there is, and what waits on another machine may be taken from it after a while.
 * @param age as for isAlive
 */
export function mayWait(lease: Lease, age: () => number): boolean {
  const { pid, processStart: start } = lease
  if (foreignHost(lease) !== '') return age() < foreignDeadAfter
  return processExists(pid) && (start === '' || start === processStart(pid))
}

/**
 * Whether the lease's owner still lives.
 * @param known owners of this process that are alive, when the lease is of this very process
 * @param age milliseconds since the lease's file was written; read only for an owner on another machine
 */
export function isAlive(
  lease: Lease,
  known: ReadonlySet<string>,
  age: () => number,
  now = Date.now(),
): boolean {
  if (foreignHost(lease) !== '') return age() < foreignDeadAfter
  // a heartbeat from the future was written before the clock was set back
  const silent = Math.abs(now - lease.heartbeat)
  if (lease.pid === process.pid && lease.processStart === processStart(process.pid))
    return known.has(lease.owner) || silent < 3 * heartbeatEvery
  if (!processExists(lease.pid)) return false
  if (lease.processStart !== '') return lease.processStart === processStart(lease.pid)
  return silent < deadAfter
}

/**
 * The state as it is now: active without a living owner means interrupted; so does waiting for an owner that died.
 * @param path the file that holds state and lease
 */
export function reconciled(
  path: string,
  { state, lease }: { readonly state: RunState; readonly lease: Lease | null },
  known: ReadonlySet<string>,
): RunState {
  const age = (): number => ageOf(path)
  if (state.kind === 'queued' && lease !== null && !mayWait(lease, age))
    return { kind: 'interrupted' }
  if (!isActive(state)) return state
  return lease !== null && isAlive(lease, known, age) ? state : { kind: 'interrupted' }
}

const holderOf = (lease: Lease): string => {
  const host = foreignHost(lease)
  return `process ${lease.pid}${host === '' ? '' : ` of ${host}`}`
}

/** What keeps a second process from working on a run. */
export const busyFault = (
  folder: string,
  { state, lease }: { readonly state: RunState; readonly lease: Lease | null },
): Fault =>
  new Fault(
    'busy',
    `${folder} is ${state.kind}${lease === null ? ' already' : ` in ${holderOf(lease)}`}`,
    'Wait until it has ended, or stop it there first.',
  )
