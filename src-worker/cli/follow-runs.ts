// Runs of this process until they have ended, with progress for people; Ctrl-C stops them.
import { type MetricLine, tags } from '../contract/metrics'
import { isUnderWay, type RunState, type RunSummary } from '../contract/run'
import { dataNotes, newNotes } from './data-notes'
import type { Workbench } from './engine'
import { onStopSignal } from './stop-signal'
import { durationText, exitCodes, type Terminal, table } from './terminal'

export interface Ended {
  readonly run: string
  readonly folder: string
  readonly state: RunState
  readonly finalTestLoss: number | null
}

export const endedOf = ({ id, folder, state, metrics }: RunSummary): Ended => ({
  ...{ run: id, folder, state },
  finalTestLoss: metrics[tags.finalTestLoss]?.last ?? null,
})

const isOver = ({ kind }: RunState): boolean => !isUnderWay({ kind } as RunState)

function lineText({ step, values }: MetricLine, steps: number): string {
  const number = (tag: string, digits: number): string => Number(values[tag]).toFixed(digits)
  if (values[tags.testLoss] !== undefined)
    return `step ${step}: quick test, held-out loss ${number(tags.testLoss, 4)}`
  return `step ${step} of ${steps} · loss ${number(tags.loss, 4)} · ${number(tags.tokensPerSecond, 0)} tokens/s`
}

function showLine(line: MetricLine, steps: number, terminal: Terminal): void {
  const text = lineText(line, steps)
  if (line.values[tags.testLoss] !== undefined) terminal.say(text)
  // the last line of a run holds the final test, and no training loss
  else if (line.values[tags.loss] !== undefined)
    terminal.progress(text, steps === 0 ? null : line.step / steps)
}

/** What its data had to say, how it ended, and how it goes on. */
async function sayEnd(
  { id, state, metrics, trainingSeconds }: RunSummary,
  { api }: Workbench,
  terminal: Terminal,
): Promise<void> {
  const { dataReport } = await api.run({ id })
  for (const note of newNotes(terminal, dataNotes(dataReport))) terminal.say(note)
  const final = metrics[tags.finalTestLoss]?.last
  const loss = final === undefined ? '' : ` · final test, held-out loss ${final.toFixed(4)} nats`
  const more = state.kind === 'stopped' ? ` · go on with: spw resume ${id}` : ''
  terminal.say(`${state.kind} after ${durationText(trainingSeconds)}${loss}${more}`)
}

/** Shows each run from its first state to its last. */
function watch(workbench: Workbench, ids: readonly string[], terminal: Terminal) {
  const waiting = new Set(ids)
  const begun = new Set<string>()
  const last = new Map<string, RunSummary>()
  const saying: Promise<void>[] = []
  let done: () => void = () => undefined
  const all = new Promise<void>(resolve => {
    done = resolve
  })

  const begin = ({ name, spec, id }: RunSummary): void => {
    begun.add(id)
    const at = ids.length === 1 ? '' : `${ids.indexOf(id) + 1} of ${ids.length}: `
    const what = ids.length === 1 ? '' : `${name} · seed ${spec.seed} · `
    terminal.say(`${at}${what}run ${id}`)
  }
  const see = (run: RunSummary): void => {
    if (!waiting.has(run.id)) return
    last.set(run.id, run)
    const { state, id } = run
    if (state.kind === 'queued') return
    // stopped before its turn: it never began
    if (!begun.has(id) && state.kind !== 'stopped') begin(run)
    if (state.kind === 'preparing') terminal.progress(state.doing, null)
    if (!isOver(state)) return
    waiting.delete(id)
    if (begun.has(id)) saying.push(sayEnd(run, workbench, terminal))
    if (waiting.size === 0) done()
  }
  const stepsOf = (id: string): number => last.get(id)?.spec.training.steps ?? 0
  const unsubscribe = workbench.on({
    runsChanged: ({ runs }) => runs.forEach(see),
    metrics: batch => {
      for (const { run, lines } of batch)
        if (waiting.has(run)) for (const line of lines) showLine(line, stepsOf(run), terminal)
    },
    log: lines => {
      for (const { run, line } of lines) if (waiting.has(run)) terminal.say(line)
    },
    progress: ({ request, doing, fraction }) => {
      if (waiting.has(request)) terminal.progress(doing, fraction)
    },
  })
  return { see, all, waiting, begun, last, saying, unsubscribe }
}

/** Follows runs that this process put in the queue; answers how those that began have ended, in their order. */
export async function followRuns(
  workbench: Workbench,
  ids: readonly string[],
  terminal: Terminal,
): Promise<readonly Ended[]> {
  const { api } = workbench
  const watched = watch(workbench, ids, terminal)
  const unhear = onStopSignal(() => {
    terminal.say('stopping after the step in flight; press again to end at once')
    // what waits first: it must not take the place of the one that is stopped
    const stopAll = async (): Promise<void> => {
      for (const id of [...watched.waiting].reverse()) await api.stopRun({ id })
    }
    stopAll().catch(error => terminal.say(String((error as Error).message)))
  })
  try {
    // what ended before anybody listened
    for (const run of await api.runs({})) watched.see(run)
    if (ids.length > 0) await watched.all
    await Promise.all(watched.saying)
  } finally {
    unhear()
    watched.unsubscribe()
  }
  const reported = ids.length === 1 ? ids : ids.filter(id => watched.begun.has(id))
  return reported.flatMap(id => watched.last.get(id) ?? []).map(endedOf)
}

const isBusy = (state: RunState): boolean => state.kind === 'failed' && state.fault.code === 'busy'

export function codeOf(ended: readonly Ended[]): number {
  if (ended.some(e => e.state.kind === 'stopped' || e.state.kind === 'paused'))
    return exitCodes.interrupted
  return ended.some(e => e.state.kind !== 'done') ? exitCodes.fault : exitCodes.done
}

/** The answer of a command that trains, and its exit code. */
export function answerEnded(terminal: Terminal, ended: readonly Ended[], single: boolean): number {
  const failed = ended.flatMap(({ state }) => (state.kind === 'failed' ? [state.fault] : []))
  for (const { code, message, fix } of terminal.json ? [] : failed)
    terminal.complain(`\n${code}: ${message}\n${fix}`)
  const rows = ended.map(({ run, state, finalTestLoss }) => [
    run,
    isBusy(state) ? 'busy' : state.kind,
    finalTestLoss?.toFixed(4) ?? '',
  ])
  const text = single ? (ended[0]?.folder ?? '') : table(rows, ['run', 'state', 'final test loss'])
  terminal.answer(single ? ended[0] : ended, text)
  return codeOf(ended)
}
