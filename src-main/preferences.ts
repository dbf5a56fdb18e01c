// The settings as main needs them: theme, host of the engine, sleep, notifications, drawing without the GPU.
// The engine owns the file; main reads it once, since it must know the host before there is an engine to ask, and
// afterwards takes what the engine answered to saveSettings.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeTheme } from 'electron'
import { type Settings, settingsSchema } from '../src-worker/contract/library'
import type { Paths } from './paths'
import { stateFile } from './window'
import { readWindowState, writeWindowState } from './window-state'

export interface Preferences {
  now(): Settings
  /** take and apply; anything that is not settings is ignored */
  accept(value: unknown): void
}

function saved(home: string): Settings {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')))
  } catch {
    return settingsSchema.parse({})
  }
}

export function createPreferences(paths: Paths, changed: () => void): Preferences {
  let settings = saved(paths.home)
  nativeTheme.themeSource = settings.theme

  function accept(value: unknown): void {
    const parsed = settingsSchema.safeParse(value)
    if (!parsed.success) return
    settings = parsed.data
    nativeTheme.themeSource = settings.theme
    const state = readWindowState(stateFile(paths))
    if (state.softwareRendering !== settings.softwareRendering)
      writeWindowState(stateFile(paths), {
        ...state,
        softwareRendering: settings.softwareRendering,
      })
    changed()
  }
  return { now: () => settings, accept }
}
