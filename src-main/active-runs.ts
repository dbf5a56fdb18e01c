// Which runs are at work, from the engine's own events. From it follow: no sleep while training, a notification when
// a run ends, and the question at quitting. Pure: no Electron.

import type { EventData } from '../src-worker/contract/api'
import { faultText } from '../src-worker/contract/fault'
import { isActive, type RunSummary } from '../src-worker/contract/run'

export interface ActiveRuns {
  /** @returns the runs that ended by themselves with this event */
  accept(change: EventData<'runsChanged'>): readonly RunSummary[]
  /** the engine is gone: nothing is at work */
  clear(): void
  /** at work now */
  active(): number
  /** at work or waiting for their turn */
  busy(): number
}

export function createActiveRuns(): ActiveRuns {
  const states = new Map<string, 'active' | 'queued'>()
  const count = (wanted: string): number => [...states.values()].filter(s => s === wanted).length

  function accept({ runs, gone }: EventData<'runsChanged'>): readonly RunSummary[] {
    const endings = runs.filter(run => {
      const was = states.get(run.id)
      if (isActive(run.state)) states.set(run.id, 'active')
      else if (run.state.kind === 'queued') states.set(run.id, 'queued')
      else states.delete(run.id)
      // paused, stopped and interrupted runs are the user's own doing or have their own banner
      return was !== undefined && (run.state.kind === 'done' || run.state.kind === 'failed')
    })
    for (const id of gone) states.delete(id)
    return endings
  }
  return {
    accept,
    clear: () => states.clear(),
    active: () => count('active'),
    busy: () => states.size,
  }
}

/** What a notification says of a run that ended. */
export function endingText(run: RunSummary): { readonly title: string; readonly body: string } {
  const name = run.name || run.id
  if (run.state.kind === 'failed')
    return {
      title: `Run failed: ${name}`,
      body: faultText(run.state.fault),
    }
  const loss = run.metrics['Final Test Loss Average'] ?? run.metrics.Loss
  return {
    title: `Run finished: ${name}`,
    body: loss ? `${run.step} steps, loss ${loss.last.toFixed(3)}` : `${run.step} steps`,
  }
}
