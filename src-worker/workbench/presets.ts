// Presets: named sweeps, bundled (resources/presets) or saved (SPW_HOME/presets), one JSON file each.
import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkbenchApi } from '../contract/api'
import { Fault } from '../contract/fault'
import { type Preset, presetSchema } from '../contract/library'
import { checkedSweep } from '../contract/spec-check'
import { withoutUnknown } from '../contract/spec-fields'
import { homePaths } from '../train/home'
import { writeAtomically } from '../weights/atomic'
import type { Context } from './context'

async function readFolder(folder: string, bundled: boolean): Promise<readonly Preset[]> {
  const names = (await readdir(folder).catch(() => [])).filter(n => n.endsWith('.json')).sort()
  const presets: Preset[] = []
  for (const name of names) {
    try {
      const value: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'))
      presets.push({ ...presetSchema.parse(withoutUnknown(presetSchema, value)), bundled })
    } catch {
      // a file that is no preset is left alone and not listed
    }
  }
  return presets
}

/** Any name makes a file name: a readable part, and a hash that keeps names apart. */
function fileName(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}-${hash}.json`
}

export type PresetCalls = Pick<WorkbenchApi, 'presets' | 'savePreset' | 'deletePreset'>

export function presetCalls({ home, resources, emit }: Context): PresetCalls {
  const own = homePaths(home).presets
  const list = async (): Promise<Preset[]> => [
    ...(await readFolder(join(resources, 'presets'), true)),
    ...(await readFolder(own, false)),
  ]
  const changed = (): void => emit('libraryChanged', { what: 'presets' })
  return {
    presets: list,
    savePreset: async ({ sweep, ...named }) => {
      const preset = { ...named, sweep: checkedSweep(sweep) }
      if ((await list()).some(p => p.bundled && p.name === preset.name))
        throw new Fault('usage', `${preset.name} is a bundled preset`, 'Choose another name.')
      const text = `${JSON.stringify({ ...preset, bundled: false }, null, 2)}\n`
      await writeAtomically(join(own, fileName(preset.name)), text)
      changed()
      return list()
    },
    deletePreset: async ({ name }) => {
      await rm(join(own, fileName(name)), { force: true })
      changed()
      return list()
    },
  }
}
