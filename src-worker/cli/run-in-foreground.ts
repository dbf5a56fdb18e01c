// One run in this very process, with progress for people; Ctrl-C stops it.
import { writeEvents } from '../analysis/run-events'
import { type MetricLine, tags } from '../contract/metrics'
import type { RunState } from '../contract/run'
import type { StopRequest } from '../train/control'
import { executeRun } from '../train/execute'
import { homeFolder, readSettings, resourcesFolder } from '../train/home'
import { newOwner } from '../train/lease'
import { readSummary } from '../train/run-folder'
import { exitCodes, type Terminal } from './terminal'

/** The first Ctrl-C asks the run to stop after the run call in flight; the second ends at once. */
function listenForStop(terminal: Terminal): { stopRequest(): StopRequest; end(): void } {
  let stopRequest: StopRequest = 'go'
  const stop = (): void => {
    if (stopRequest === 'stop') process.exit(exitCodes.interrupted)
    stopRequest = 'stop'
    terminal.say('stopping after the step in flight; press again to end at once')
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    stopRequest: () => stopRequest,
    end: () => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}

function lineText({ step, values }: MetricLine, steps: number): string {
  const number = (tag: string, digits: number): string => Number(values[tag]).toFixed(digits)
  if (values[tags.testLoss] !== undefined)
    return `step ${step}: held-out loss ${number(tags.testLoss, 4)}`
  return `step ${step} of ${steps} · loss ${number(tags.loss, 4)} · ${number(tags.tokensPerSecond, 0)} tokens/s`
}

/** Executes one run with progress; answers how it ended. */
export async function runInForeground(folder: string, terminal: Terminal): Promise<RunState> {
  const stop = listenForStop(terminal)
  const home = homeFolder()
  const host = {
    home,
    resources: resourcesFolder(),
    owner: newOwner(),
    threads: readSettings(home).threads,
    stopRequest: stop.stopRequest,
    writeEvents,
  }
  const { spec } = await readSummary(folder, new Set())
  const { steps } = spec.training
  let end: RunState = { kind: 'interrupted' }
  try {
    for await (const update of executeRun(folder, host)) {
      if (update.kind === 'state') {
        end = update.state
        if (end.kind === 'preparing') terminal.progress(end.doing, null)
      } else if (update.kind === 'progress') terminal.progress(update.doing, update.fraction)
      else if (update.kind === 'metrics')
        for (const line of update.lines) {
          if (line.values[tags.testLoss] !== undefined) terminal.say(lineText(line, steps))
          else terminal.progress(lineText(line, steps), steps === 0 ? null : line.step / steps)
        }
      await new Promise(done => setImmediate(done))
    }
  } finally {
    stop.end()
  }
  return end
}
