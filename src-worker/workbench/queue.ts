// The run queue: one run trains at a time on each device, the others wait in the order of their making. A queued run
// is a state on disk, so the queue goes on after the app was closed.
import { basename, join } from 'node:path'
import { asFault, Fault, type FaultData } from '../contract/fault'
import { isActive, type RunSummary } from '../contract/run'
import type { RunSpec } from '../contract/run-spec'
import { listDevices } from '../session/provider'
import { requestStop } from '../train/control'
import { homePaths, readSettings } from '../train/home'
import { readState, writeState } from '../train/run-folder'
import type { Context } from './context'
import type { RunIndex } from './run-index'
import { placeOfRun, type RunPlace } from './run-place'
import { openRunner, type Runner } from './runner'

export interface Queue {
  /** put a run (back) in the queue */
  add(id: string): Promise<void>
  pause(id: string): Promise<void>
  stop(id: string): Promise<void>
  /** look for work now */
  kick(): void
  /** the run that trains in this engine, by device */
  running(): ReadonlyMap<string, string>
  close(): Promise<void>
}

export interface QueueOptions {
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

export function openQueue(context: Context, index: RunIndex, options: QueueOptions): Queue {
  const { home, emit, log } = context
  const { devices: find = usableDevices, runner = openRunner } = options
  const runners = new Map<string, Runner>()
  const running = new Map<string, string>()
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
    try {
      const trainer = await runnerOf(place, run)
      await trainer.run(run.folder, host, update => {
        if (update.kind === 'metrics') emit('metrics', [{ run: run.id, lines: [...update.lines] }])
        else if (update.kind === 'state') void index.refresh(run.id)
        else if (update.kind === 'log') emit('log', [{ run: run.id, line: update.line }])
      })
    } catch (error) {
      const fault = asFault(error)
      log(`run ${run.id}: ${fault.message}`)
      await markDead(run.folder, owner, fault.toData()).catch(() => undefined)
    } finally {
      running.delete(place)
      void index.refresh(run.id).then(kick, kick)
    }
  }

  const next = async (): Promise<void> => {
    if (closed) return
    const queued = (await index.list()).filter(r => r.state.kind === 'queued')
    queued.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    for (const run of queued) {
      const place = placesOf(run, await devices()).find(p => !running.has(p))
      if (place === undefined || closed) continue
      running.set(place, run.id)
      void execute(run, place)
    }
  }

  // one look at a time, so that no run is started twice
  let looking: Promise<void> = Promise.resolve()
  const kick = (): void => {
    looking = looking.then(next).catch(error => log(`queue: ${(error as Error).message}`))
  }

  const requestEnd = async (id: string, stopRequest: 'pause' | 'stop'): Promise<void> => {
    const folder = join(homePaths(home).runs, basename(id))
    const file = await readState(folder)
    if (file.state.kind === 'queued') {
      const kind = stopRequest === 'pause' ? 'paused' : 'stopped'
      await writeState(folder, { ...file, state: { kind }, updatedAt: new Date().toISOString() })
    } else await requestStop(folder, stopRequest)
    await index.refresh(id)
  }

  return {
    add: async id => {
      const folder = join(homePaths(home).runs, basename(id))
      const summary = await index.refresh(id)
      if (isActive(summary.state) || summary.state.kind === 'queued')
        throw new Fault('busy', `${id} is ${summary.state.kind} already`, 'Wait, or stop it first.')
      if (summary.readOnly)
        throw new Fault(
          'usage',
          `${id} was imported and holds no model`,
          'Start a new run instead.',
        )
      const file = await readState(folder)
      const queued = { ...file, state: { kind: 'queued' } as const, lease: null }
      await writeState(folder, { ...queued, updatedAt: new Date().toISOString() })
      await index.refresh(id)
      kick()
    },
    pause: id => requestEnd(id, 'pause'),
    stop: id => requestEnd(id, 'stop'),
    kick,
    running: () => running,
    close: async () => {
      closed = true
      await Promise.all([...runners.values()].map(r => r.close()))
    },
  }
}
