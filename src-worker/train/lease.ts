// Who works on a run: a lease in its state.json. A lease whose owner is dead is seen as interrupted, never as running.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Fault } from '../contract/fault'
import type { RunState } from '../contract/run'

export const leaseSchema = z.object({
  /** one engine of one process: two engines of one process have different owners */
  owner: z.string(),
  pid: z.int(),
  /** when the process started, in the platform's own unit, so that a reused pid is not taken for the owner */
  processStart: z.string(),
  /** unix milliseconds */
  heartbeat: z.number(),
})
export type Lease = z.infer<typeof leaseSchema>

/** A heartbeat is written at least this often while an owner lives. Milliseconds. */
export const heartbeatEvery = 2000
/** Without a process table to ask, an owner is dead after so long without a sign. Milliseconds. */
const deadAfter = 60_000

/** Field 22 of /proc/<pid>/stat: clock ticks after boot. Empty where there is no /proc. */
export function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the second field, the command, may hold spaces and brackets: count from its end
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export const newOwner = (): string => randomUUID()

export const newLease = (owner: string): Lease => ({
  owner,
  pid: process.pid,
  processStart: processStart(process.pid),
  heartbeat: Date.now(),
})

/**
 * Whether the owner of a run that waits still lives. What waits has no heartbeat; without a process table to ask, the
 * number of the process is all there is.
 */
export const mayWait = ({ pid, processStart: start }: Lease): boolean =>
  processExists(pid) && (start === '' || start === processStart(pid))

/**
 * Whether the lease's owner still lives.
 * @param known owners of this process that are alive, when the lease is of this very process
 */
export function isAlive(lease: Lease, known: ReadonlySet<string>, now = Date.now()): boolean {
  // a heartbeat from the future was written before the clock was set back
  const age = Math.abs(now - lease.heartbeat)
  if (lease.pid === process.pid && lease.processStart === processStart(process.pid))
    return known.has(lease.owner) || age < 3 * heartbeatEvery
  if (!processExists(lease.pid)) return false
  if (lease.processStart !== '') return lease.processStart === processStart(lease.pid)
  return age < deadAfter
}

/** What keeps a second process from working on a run. */
export const busyFault = (
  folder: string,
  { state, lease }: { readonly state: RunState; readonly lease: Lease | null },
): Fault =>
  new Fault(
    'busy',
    `${folder} is ${state.kind}${lease === null ? ' already' : ` in process ${lease.pid}`}`,
    'Wait until it has ended, or stop it there first.',
  )
