// What the engine and its training threads and processes call of each other.
import type { RunHost, RunUpdate } from '../train/job'

export type PlainHost = Omit<RunHost, 'stopRequest' | 'writeEvents'>

export interface RunThread {
  /** resolves when the run has ended, however it ended; its state is in its folder */
  run(folder: string, host: PlainHost): Promise<void>
}

export interface RunListener {
  update(update: RunUpdate): void
}
