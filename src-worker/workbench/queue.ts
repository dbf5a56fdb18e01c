// The run queue: one run trains at a time on each device, the others wait in the order of their making. A queued run
// is a state on disk, so the queue goes on after the app was closed.

import { basename, join } from 'node:path'
import pLimit from 'p-limit'
import { asFault, Fault, type FaultData } from '../contract/fault'
import { isActive, type RunState, type RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { listDevices } from '../session/provider'
import { requestStop } from '../train/control'
import { homePaths, readSettings } from '../train/home'
import { busyFault, newLease } from '../train/lease'
import { createRun, type Label, readState, type StateFile, writeState } from '../train/run-folder'
import type { Context } from './context'
import type { RunIndex } from './run-index'
import { placeOfRun, type RunPlace } from './run-place'
import { openRunner, type Runner } from './runner'

export interface Queue {
  /** put a run (back) in the queue */
  add(id: string): Promise<void>
  /** puts a run back that waits, was stopped or interrupted; false: it needs none of that, or is another's */
  takeUp(run: RunSummary): Promise<boolean>
  /** a new run, queued on disk. Answers its id. Faults: disk */
  create(spec: RunSpec, label?: Partial<Label>): Promise<string>
  pause(id: string): Promise<void>
  stop(id: string): Promise<void>
  /** start what the index has as queued and a device is free for; no look at the folders */
  kick(): void
  /** whether this engine put the run in the queue */
  isOwn(id: string): boolean
  /** the run that trains in this engine, by device */
  running(): ReadonlyMap<string, string>
  close(): Promise<void>
}

export interface QueueOptions {
  /** runs that this engine put there are started, whatever else waits: what others queued is none of a command's work */
  readonly ownOnly?: boolean
  /** hears of each run that has ended */
  ended?(folder: string): Promise<unknown>
  /** whether a run on the CPU may not live in this process */
  apart(spec: RunSpec): Promise<boolean>
  /** ids of what can be trained on */
  devices?(): Promise<readonly string[]>
  /** what carries out runs */
  runner?(place: RunPlace): Runner
}

/** Where no GPU works they are listed all the same: a run that asks for any then ends with the fault of the first. */
async function usableDevices(): Promise<readonly string[]> {
  const all = await listDevices()
  const usable = all.filter(d => d.fault === null)
  return (usable.some(d => d.id !== 'cpu') ? usable : all).map(d => d.id)
}

/** Where a run may train: auto means any GPU, or the CPU where there is none. One run at a time in each place. */
export function placesOf(
  { spec }: Pick<RunSummary, 'spec'>,
  devices: readonly string[],
): readonly string[] {
  if (spec.device === 'cuda') return ['cuda:0']
  if (spec.device !== 'auto') return [spec.device]
  const gpus = devices.filter(d => d !== 'cpu')
  return gpus.length > 0 ? gpus : ['cpu']
}

/** A run that still looks alive when its runner has ended was cut off: what it trained in died. */
async function markDead(folder: string, owner: string, fault: FaultData): Promise<void> {
  const file = await readState(folder)
  // another process may have taken it while it waited in the queue
  const theirs = file.lease !== null && file.lease.owner !== owner
  if (isActive(file.state) && !theirs)
    await writeState(folder, { ...file, state: { kind: 'failed', fault }, lease: null })
}

/** Whether an ended run's folder still has it at work here: its last state could not be written, on a full disk say. */
async function stillSaysActive(folder: string, owner: string): Promise<boolean> {
  const file = await readState(folder).catch(() => undefined)
  return file !== undefined && isActive(file.state) && file.lease?.owner === owner
}

/** An imported run cannot go on. */
export const importedFault = (id: string): Fault =>
  new Fault('usage', `${id} was imported and holds no model`, 'Start a new run instead.')

export function openQueue(context: Context, index: RunIndex, options: QueueOptions): Queue {
  const { home, emit, log } = context
  const { devices: find = usableDevices, runner = openRunner } = options
  const runners = new Map<string, Runner>()
  const running = new Map<string, string>()
  /** runs that this engine put in the queue */
  const own = new Set<string>()
  /** asked of runs that had just begun: what stood in their folder before their first state is not theirs */
  const requests = new Map<string, 'pause' | 'stop'>()
  let closed = false
  let known: Promise<readonly string[]> | undefined
  /** asked once, because probing a GPU takes seconds */
  const devices = (): Promise<readonly string[]> => {
    known ??= find()
    return known
  }

  const runnerOf = async (device: string, { spec }: RunSummary): Promise<Runner> => {
    const apart = device === 'cpu' && (await options.apart(spec))
    const place = placeOfRun(device, spec.precision, apart)
    const key = `${device} ${place}`
    const opened = runners.get(key) ?? runner(place)
    runners.set(key, opened)
    return opened
  }

  const execute = async (run: RunSummary, place: string): Promise<void> => {
    const { resources, owner } = context
    const host = { home, resources, owner, threads: readSettings(home).threads, device: place }
    index.endedAs(run.id, undefined)
    let last: RunState | undefined
    try {
      const trainer = await runnerOf(place, run)
      await trainer.run(run.folder, host, update => {
        if (update.kind === 'metrics') emit('metrics', [{ run: run.id, lines: [...update.lines] }])
        else if (update.kind === 'progress')
          emit('progress', { request: run.id, doing: update.doing, fraction: update.fraction })
        else if (update.kind === 'state') {
          last = update.state
          const request = requests.get(run.id)
          if (isActive(update.state) && request !== undefined) void requestStop(run.folder, request)
          void index.refresh(run.id)
        } else if (update.kind === 'log') emit('log', [{ run: run.id, line: update.line }])
      })
    } catch (error) {
      const fault = asFault(error)
      log(`run ${run.id}: ${fault.message}`)
      last = { kind: 'failed', fault: fault.toData() }
      await markDead(run.folder, owner, fault.toData()).catch(() => undefined)
    } finally {
      if (last !== undefined && (await stillSaysActive(run.folder, owner)))
        index.endedAs(run.id, last)
      await options.ended?.(run.folder).catch(() => undefined)
      running.delete(place)
      requests.delete(run.id)
      void index.refresh(run.id).then(kick, kick)
    }
  }

  /** What another engine put there waits for that engine; the index tells it as interrupted once that has died. */
  const mayStart = async (run: RunSummary): Promise<boolean> => {
    if (options.ownOnly === true && !own.has(run.id)) return false
    // the index may be a second old
    const file = await readState(run.folder).catch(() => undefined)
    if (file?.state.kind !== 'queued') return false
    return own.has(run.id) || file.lease === null || file.lease.owner === context.owner
  }

  const next = async (): Promise<void> => {
    if (closed) return
    const begun = new Set(running.values())
    const isQueued = ({ id, state }: RunSummary) => state.kind === 'queued' && !begun.has(id)
    const queued = (await index.known()).filter(isQueued)
    queued.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    for (const run of queued) {
      const place = placesOf(run, await devices()).find(p => !running.has(p))
      if (place === undefined || closed || !(await mayStart(run))) continue
      running.set(place, run.id)
      void execute(run, place)
    }
  }

  // one look at a time, so that no run is started twice
  const inTurn = pLimit(1)
  const kick = (): void => {
    inTurn(next).catch(error => log(`queue: ${(error as Error).message}`))
  }

  const requestEnd = async (id: string, stopRequest: 'pause' | 'stop'): Promise<void> => {
    const folder = join(homePaths(home).runs, basename(id))
    const file = await readState(folder)
    const isRunning = [...running.values()].includes(basename(id))
    if (isRunning) requests.set(basename(id), stopRequest)
    if (file.state.kind === 'queued' && !isRunning) {
      const kind = stopRequest === 'pause' ? 'paused' : 'stopped'
      const updatedAt = new Date().toISOString()
      await writeState(folder, { ...file, state: { kind }, lease: null, updatedAt })
    } else await requestStop(folder, stopRequest)
    await index.refresh(id)
  }

  /** Of what a command queues: no other engine may start it. */
  const lease = () => (options.ownOnly === true ? newLease(context.owner) : null)

  /** Whether it waits for this engine, or for another that will start it. */
  const isWaiting = ({ state }: RunSummary, file: StateFile): boolean =>
    state.kind === 'queued' && !(options.ownOnly === true && file.lease === null)

  const enqueue = async (id: string, file: StateFile): Promise<void> => {
    own.add(id)
    const queued = { ...file, state: { kind: 'queued' } as const, lease: lease() }
    const updatedAt = new Date().toISOString()
    await writeState(join(homePaths(home).runs, id), { ...queued, updatedAt })
  }

  return {
    add: async id => {
      const run = await index.refresh(basename(id))
      const file = await readState(run.folder)
      if (isActive(run.state) || isWaiting(run, file)) throw busyFault(run.folder, file)
      if (run.readOnly) throw importedFault(id)
      await enqueue(run.id, file)
      await index.refresh(run.id)
      kick()
    },
    takeUp: async run => {
      const { kind } = run.state
      if (!['queued', 'interrupted', 'stopped', 'paused'].includes(kind)) return false
      const file = await readState(run.folder)
      if (isWaiting(run, file)) return own.has(run.id)
      await enqueue(run.id, file)
      return true
    },
    create: async (spec, label = {}) => {
      const id = basename(await createRun(home, spec, label, lease()))
      own.add(id)
      return id
    },
    pause: id => requestEnd(id, 'pause'),
    stop: id => requestEnd(id, 'stop'),
    kick,
    isOwn: id => own.has(id),
    running: () => running,
    close: async () => {
      closed = true
      await Promise.all([...runners.values()].map(r => r.close()))
    },
  }
}
