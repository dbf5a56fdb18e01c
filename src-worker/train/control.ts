// How a run is asked to pause or stop, from any process: a small file in its folder, read between run calls.
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { writeAtomically } from '../weights/atomic'
import { runFiles } from './run-folder'

export type StopRequest = 'go' | 'pause' | 'stop'

/** The file's key is `wish`, as it has always been: an older version of the program reads it too. */
export async function requestStop(folder: string, request: 'pause' | 'stop'): Promise<void> {
  await writeAtomically(runFiles(folder).control, JSON.stringify({ wish: request }))
}

export async function clearStopRequest(folder: string): Promise<void> {
  await rm(runFiles(folder).control, { recursive: true, force: true })
}

export function readStopRequest(folder: string): StopRequest {
  try {
    const { wish } = JSON.parse(readFileSync(runFiles(folder).control, 'utf8')) as { wish?: string }
    return wish === 'pause' || wish === 'stop' ? wish : 'go'
  } catch {
    return 'go'
  }
}
