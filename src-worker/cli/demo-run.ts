// One run of a demo from its start to its end, and its held-out loss.
import { tags } from '../contract/metrics'
import type { RunSummary } from '../contract/run'
import type { RunSpecInput } from '../contract/run-spec'
import type { Workbench } from './engine'
import { followRuns } from './follow-runs'
import type { Terminal } from './terminal'

/** One run of the demo; null: it was stopped or failed, and said so. */
export async function one(
  workbench: Workbench,
  terminal: Terminal,
  base: RunSpecInput,
): Promise<RunSummary | null> {
  const { api } = workbench
  const how = { frozen: '', fit: false, again: true, single: true, atMost: null, shard: null }
  const { runs } = await api.startSweep({ sweep: { name: 'demo', base }, ...how })
  const [ended] = await followRuns(workbench, runs, terminal)
  if (ended?.state.kind === 'failed')
    terminal.say(`${ended.state.fault.message} ${ended.state.fault.fix}`)
  if (ended?.state.kind !== 'done') return null
  return (await api.run({ id: ended.run })).summary
}

/** Nats a token on held-out data. */
export const lossOf = ({ metrics }: RunSummary): number =>
  metrics[tags.finalTestLoss]?.last ?? Number.NaN
