// Size and place of the window, and what must be known before the app is ready. A small JSON file, never fatal.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const stateSchema = z.object({
  bounds: z
    .object({ x: z.int(), y: z.int(), width: z.int().min(800), height: z.int().min(600) })
    .nullable()
    .default(null),
  maximized: z.boolean().default(false),
  /** the engine's setting of the same name: Chromium must know it before the engine is up */
  softwareRendering: z.boolean().default(false),
})
export type WindowState = z.infer<typeof stateSchema>

export function readWindowState(file: string): WindowState {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return stateSchema.parse({})
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, JSON.stringify(state))
    renameSync(`${file}.new`, file)
  } catch (error) {
    console.warn('the window state was not saved:', error)
  }
}

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Saved bounds, when at least a corner of the title bar would still be on one of the screens. */
export function visibleBounds(
  saved: WindowState['bounds'],
  screens: readonly Rectangle[],
): WindowState['bounds'] {
  if (saved === null) return null
  const seen = screens.some(
    screen =>
      saved.x + 100 > screen.x &&
      saved.x + 100 < screen.x + screen.width &&
      saved.y + 10 > screen.y &&
      saved.y + 10 < screen.y + screen.height,
  )
  return seen ? saved : null
}
