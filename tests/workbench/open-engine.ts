// An engine for tests: arguments and answers are checked against the contract's schemas, and it is closed after each test.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CallArgs,
  type CallName,
  type CallResult,
  calls,
  type EventName,
} from '../../src-worker/contract/api'
import type { HostKind } from '../../src-worker/contract/engine'
import type { RunSummary } from '../../src-worker/contract/run'
import { createWorkbench } from '../../src-worker/workbench'
import { atEndOfTest } from '../clean-up'
import { resources } from '../train/runs'

export async function openEngine(home: string, host: HostKind = 'process') {
  const events: (readonly [EventName, unknown])[] = []
  const emit = (name: EventName, data: unknown): void => void events.push([name, data])
  const setup = { home, resources, host }
  const engine = await createWorkbench(setup, { emit })
  atEndOfTest(() => engine.close())
  const call = async <N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResult<N>> => {
    const parsed: unknown = calls[name].args.parse(args)
    const answer = await (engine.api[name] as (a: unknown) => Promise<unknown>)(parsed)
    return calls[name].result.parse(answer) as CallResult<N>
  }
  const until = async (id: string, wanted: (run: RunSummary) => boolean): Promise<RunSummary> => {
    for (let i = 0; i < 600; i++) {
      const run = (await call('runs', {})).find(r => r.id === id)
      if (run !== undefined && wanted(run)) return run
      await sleep(50)
    }
    throw new Error(`${id} never came to it`)
  }
  return { engine, events, call, until }
}
