// Which machine's engine the window works on: this computer's, which always runs, or one through ssh. Pure: no Electron.
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { EngineEvent } from '../src-worker/contract/engine'
import { Fault } from '../src-worker/contract/fault'
import { type Machines, machineSchema } from '../src-worker/contract/machine'
import { type Machine, machineOf } from '../src-worker/machines/ssh'
import { knownHosts } from '../src-worker/machines/ssh-hosts'
import type { EngineHost } from './engine-host'
import { type AllowedPaths, createAllowedPaths } from './paths-allowed'

type Added = z.output<typeof machineSchema>

export interface MachinesOptions {
  /** keeps the machines that were added */
  readonly file: string
  /** this computer's engine and paths */
  readonly local: EngineHost
  readonly allowed: AllowedPaths
  readonly remote: (machine: Machine, events: (batch: readonly EngineEvent[]) => void) => EngineHost
  /** of the current machine, to the window */
  readonly onEvents: (events: readonly EngineEvent[], from: string) => void
  /** hosts that can be added */
  readonly hosts?: () => readonly string[]
}

export interface MachineSwitch {
  /** the engine of the current machine */
  engine(): EngineHost
  /** the paths that the window may name on the current machine */
  allowed(): AllowedPaths
  /** host of the current machine; empty: this computer */
  current(): string
  list(): Machines
  add(machine: Added): Machines
  remove(host: string): Machines
  use(host: string): Promise<Machines>
  /** Faults: not-found, for a host that was not added */
  machine(host: string): Machine
}

const savedSchema = z.array(machineSchema)

function savedIn(file: string): readonly Added[] {
  try {
    return savedSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return []
  }
}

interface There {
  readonly host: string
  readonly engine: EngineHost
  readonly allowed: AllowedPaths
}

export function createMachines(options: MachinesOptions): MachineSwitch {
  const { file, local, hosts = knownHosts } = options
  let added = savedIn(file)
  let there: There | undefined

  const list = (): Machines => ({
    current: there?.host ?? '',
    added: [...added],
    offered: hosts().filter(host => !added.some(one => one.host === host)),
  })
  const save = (next: readonly Added[]): Machines => {
    added = next
    writeFileSync(file, `${JSON.stringify(added, null, 2)}\n`)
    return list()
  }
  function machine(host: string): Machine {
    const found = added.find(one => one.host === host)
    if (found !== undefined) return machineOf(found.host, found.program)
    throw new Fault('not-found', `${host} is no machine of the list`, 'Add it in Settings.')
  }
  const leave = async (): Promise<void> => {
    const old = there
    there = undefined
    await old?.engine.stop(0)
  }
  return {
    engine: () => there?.engine ?? local,
    allowed: () => there?.allowed ?? options.allowed,
    current: () => there?.host ?? '',
    list,
    machine,
    add: one => {
      // a page may not reach a host that its user does not have in a configuration
      if (!hosts().includes(one.host))
        throw new Fault(
          'usage',
          `${one.host} is not in ~/.ssh/config`,
          'Add a Host of that name there, then choose it here.',
        )
      return save([...added.filter(other => other.host !== one.host), one])
    },
    remove: host => {
      if (there?.host === host)
        throw new Fault('busy', `the window works on ${host}`, 'Change to this computer first.')
      return save(added.filter(one => one.host !== host))
    },
    use: async host => {
      const next = host === '' ? undefined : machine(host)
      await leave()
      if (next !== undefined) {
        const engine = options.remote(next, events => {
          if (there?.engine === engine) options.onEvents(events, host)
        })
        there = { host, engine, allowed: createAllowedPaths('', '') }
        engine.begin()
      }
      return list()
    },
  }
}
