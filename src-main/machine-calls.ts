// Answers the calls of contract/desktop.ts about other machines.
import { join } from 'node:path'
import type { DesktopApi } from '../src-worker/contract/desktop'
import { Fault } from '../src-worker/contract/fault'
import { bundleName } from '../src-worker/machines/ssh'
import type { MachineSwitch } from './machines'

export interface MachineCallOptions {
  readonly machines: MachineSwitch
  readonly version: string
  /** folders in which a bundle may lie */
  readonly bundles: readonly [string, ...string[]]
  readonly exists: (path: string) => boolean
  readonly progress: (host: string, fraction: number) => void
}

export function machineCalls({ machines, version, bundles, exists, progress }: MachineCallOptions) {
  const file = `${bundleName(version)}.tar.zst`
  const places = bundles.map(folder => join(folder, file))
  return {
    machines: async () => machines.list(),
    addMachine: async machine => machines.add(machine),
    removeMachine: async ({ host }) => machines.remove(host),
    useMachine: async ({ host }) => machines.use(host),
    copyBundle: async ({ host }) => {
      // not before it is needed: it loads a native package
      const { copyBundle } = await import('../src-worker/machines/copy-bundle')
      const bundle = places.find(exists) ?? places[0] ?? ''
      const report = (fraction: number): void => progress(host, fraction)
      return { path: await copyBundle(machines.machine(host), bundle, version, report) }
    },
    allowThere: async ({ paths }) => {
      if (machines.current() === '')
        throw new Fault('usage', 'files of this computer are chosen in its dialogs', 'Use them.')
      machines.allowed().allow(paths)
      return null
    },
  } satisfies Partial<DesktopApi>
}
