// Calls about the engine itself: what it is, its devices, its settings, its log.
import { readFile } from 'node:fs/promises'
import type { WorkbenchApi } from '../contract/api'
import { settingsSchema } from '../contract/library'
import { listDevices } from '../session/provider'
import { homePaths, readSettings } from '../train/home'
import { versionsOf } from '../train/provenance'
import { writeAtomically } from '../weights/atomic'
import type { Context } from './context'

export type EngineCalls = Pick<
  WorkbenchApi,
  'engineInfo' | 'devices' | 'settings' | 'saveSettings' | 'engineLog' | 'cancel'
>

export function engineCalls(
  context: Context,
  host: 'thread' | 'process' | 'command-line',
): EngineCalls {
  const { home, resources } = context
  return {
    engineInfo: async () => {
      const versions = versionsOf()
      return {
        version: versions.workbench ?? '',
        versions,
        home,
        resources,
        pid: process.pid,
        host,
        memoryBytes: process.memoryUsage.rss(),
      }
    },
    devices: async () => [...(await listDevices())],
    settings: async () => readSettings(home),
    saveSettings: async settings => {
      const valid = settingsSchema.parse(settings)
      await writeAtomically(homePaths(home).settings, `${JSON.stringify(valid, null, 2)}\n`)
      context.emit('libraryChanged', { what: 'settings' })
      context.emit('libraryChanged', { what: 'models' })
      return valid
    },
    engineLog: async ({ lines }) => {
      const text = await readFile(homePaths(home).log, 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter(l => l !== '')
        .slice(-lines)
    },
    cancel: async ({ request }) => {
      context.cancel(request)
      return null
    },
  }
}
