// How anybody tells a run to pause or stop, from any process: a small file in its folder, looked at between stretches.
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { writeAtomically } from '../weights/atomic'
import { runFiles } from './run-folder'

export type Wish = 'go' | 'pause' | 'stop'

export async function ask(folder: string, wish: 'pause' | 'stop'): Promise<void> {
  await writeAtomically(runFiles(folder).control, JSON.stringify({ wish }))
}

export async function forget(folder: string): Promise<void> {
  await rm(runFiles(folder).control, { recursive: true, force: true })
}

export function wished(folder: string): Wish {
  try {
    const { wish } = JSON.parse(readFileSync(runFiles(folder).control, 'utf8')) as { wish?: Wish }
    return wish === 'pause' || wish === 'stop' ? wish : 'go'
  } catch {
    return 'go'
  }
}
