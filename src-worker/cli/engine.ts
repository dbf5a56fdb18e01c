// The workbench in this process, or on another machine (`spw --on HOST`): every command works through the same contract as
// the window.
import { resolve } from 'node:path'
import packageJson from '../../package.json'
import type { Emit, EventData, EventName, WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { apiOf, openRemoteEngine } from '../machines/remote-engine'
import { type Machine, machineOf } from '../machines/ssh'
import { homeFolder, type Places, resourcesFolder } from '../train/home'
import { createWorkbench } from '../workbench'

export const places = (): Places => ({ home: homeFolder(), resources: resourcesFolder() })

export type Listeners = {
  readonly [N in EventName]?: (data: EventData<N>) => void
}

export interface Workbench {
  readonly api: WorkbenchApi
  /** hears events until the returned function is called */
  on(listeners: Listeners): () => void
}

/** The machine of --on; undefined: this one. */
function machineThere(): Machine | undefined {
  const { SPW_ON: host = '', SPW_THERE: program = '' } = process.env
  return host === '' ? undefined : machineOf(host, program)
}

/** Whether paths of this command are those of another machine. */
export const isElsewhere = (): boolean => machineThere() !== undefined

/** A path of the command line as a whole one. Faults: usage, for a relative one of another machine. */
export function wholePath(path: string): string {
  const there = machineThere()
  if (there === undefined) return resolve(path)
  if (path.startsWith('/')) return path
  throw new Fault(
    'usage',
    `${path} is relative, and files are those of ${there.host}`,
    'Write its whole path there.',
  )
}

/** As withWorkbench, over ssh. What runs goes on when the work ends or the connection breaks. */
async function withRemote<T>(
  machine: Machine,
  work: (workbench: Workbench) => Promise<T>,
  { emit, on }: { readonly emit: Emit; readonly on: Workbench['on'] },
): Promise<T> {
  const engine = await openRemoteEngine(machine, packageJson.version, {
    events: batch => {
      for (const [name, data] of batch) emit(name, data as never)
    },
  })
  try {
    const lost = engine.lost.then(fault => {
      throw fault
    })
    return await Promise.race([work({ api: apiOf(engine), on }), lost])
  } finally {
    engine.close()
  }
}

/**
 * Opens the workbench, does the work, closes it: all sessions are released whatever happens.
 * @param first hears of what happens while it opens, too
 * @param at a home of this machine, whatever --on says
 */
export async function withWorkbench<T>(
  work: (workbench: Workbench) => Promise<T>,
  first: Listeners = {},
  at?: Places,
): Promise<T> {
  const all = new Set<Listeners>([first])
  const emit: Emit = (name, data) => {
    for (const listeners of all) listeners[name]?.(data)
  }
  const on: Workbench['on'] = listeners => {
    all.add(listeners)
    return () => all.delete(listeners)
  }
  const machine = at === undefined ? machineThere() : undefined
  if (machine !== undefined) return withRemote(machine, work, { emit, on })
  const engine = await createWorkbench({ ...(at ?? places()), host: 'command-line' }, { emit })
  try {
    return await work({ api: engine.api, on })
  } finally {
    await engine.close()
  }
}
